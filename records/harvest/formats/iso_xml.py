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
    return next((found for path in paths for found in children(element, path)), None)


def text(element: Any) -> str:
    """The text of an element: of its CharacterString or Anchor, else its own; empty without one."""
    if element is None:
        return ""
    held = next((c for c in element if local_name(c) in _TEXT), None)
    found = element if held is None else held
    return (found.text or "").strip()


def text_at(element: Any, *paths: str) -> str:
    """The first text that is not empty at any of the paths."""
    return next((t for path in paths for found in children(element, path) if (t := text(found))), "")


def code_at(element: Any, path: str) -> str:
    """The value of a code list at a path: `codeListValue`, else its text."""
    found = first(element, path)
    return "" if found is None else code(found)


def code(element: Any) -> str:
    """A code: its `codeListValue`, but its text where that is a register's number (`RI_622`: `dataset; jeuDonnées`)."""
    value = str(element.get("codeListValue") or "").strip()
    said = (element.text or "").split(";")[0].strip()
    return said if said and (not value or value.startswith("RI_")) else value


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
        if (said := (group.text or "").strip()) and (tag := locales.get(locale) or language_tag(locale)):
            yield tag, said


def locales_of(record: Any) -> dict[str, str]:
    """Language tags by the id of the record's locales."""
    found = {}
    for locale in children(record, "locale|otherLocale|defaultLocale/PT_Locale"):
        tag = language_tag(code_at(locale, "languageCode|language/LanguageCode"))
        identifier = attribute(locale, "id")
        if tag and identifier:
            found[identifier] = tag
    return found
