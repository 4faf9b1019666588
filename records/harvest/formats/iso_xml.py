"""Finding things in ISO metadata whatever its namespaces: 19139, 19115-3 and their drafts share local names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from records.harvest.fetch.content import local_name
from records.harvest.values.languages import language_tag

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT = ("CharacterString", "Anchor", "URL", "FileName", "MimeFileType")


def children(element: Any, path: str) -> Iterator[Any]:
    """Elements at a path of local names; `*` stands for any name, `a|b` for either."""
    step, _, rest = path.partition("/")
    names = step.split("|")
    for child in element:
        if isinstance(child.tag, str) and (step == "*" or local_name(child) in names):
            if rest:
                yield from children(child, rest)
            else:
                yield child


def first(element: Any, *paths: str) -> Any:
    """The first element at the first path that has one, or None."""
    return next((child for path in paths for child in children(element, path)), None)


def text(element: Any) -> str:
    """The text of an element: of its CharacterString or Anchor, else its own; empty without one."""
    if element is None:
        return ""
    inner = next((c for c in element if local_name(c) in _TEXT), None)
    holder = element if inner is None else inner
    return (holder.text or "").strip()


def text_at(element: Any, *paths: str) -> str:
    """The first text that is not empty at any of the paths."""
    return next((t for path in paths for child in children(element, path) if (t := text(child))), "")


def code_at(element: Any, path: str) -> str:
    """The value of a code list at a path: `codeListValue`, else its text."""
    child = first(element, path)
    return "" if child is None else code(child)


def code(element: Any) -> str:
    """A code: its `codeListValue`, but its text where that is a register's number (`RI_622`: `dataset; jeuDonnées`)."""
    value = str(element.get("codeListValue") or "").strip()
    content = (element.text or "").split(";")[0].strip()
    return content if content and (not value or value.startswith("RI_")) else value


def attribute(element: Any, name: str) -> str:
    """An attribute by its local name, whatever its namespace."""
    return next((str(v) for k, v in element.attrib.items() if k.rpartition("}")[2] == name), "")


def localised(element: Any, locales: dict[str, str]) -> Iterator[tuple[str | None, str]]:
    """(language tag or None for the record's own, text) of a free text (PT_FreeText)."""
    if (own := text(element)) and element is not None:
        yield None, own
    if element is None:
        return
    for group in children(element, "PT_FreeText/textGroup/LocalisedCharacterString"):
        locale = str(group.get("locale") or "").removeprefix("#")
        if (text_ := (group.text or "").strip()) and (tag := locales.get(locale) or language_tag(locale)):
            yield tag, text_


def locales_of(record: Any) -> dict[str, str]:
    """Language tags by the id of the record's locales."""
    locales = {}
    for locale in children(record, "locale|otherLocale|defaultLocale/PT_Locale"):
        tag = language_tag(code_at(locale, "languageCode|language/LanguageCode"))
        identifier = attribute(locale, "id")
        if tag and identifier:
            locales[identifier] = tag
    return locales
