"""From the body of a request to the stored form of a record, without guessing, and merge patches of that form.

Two forms are taken. In the *stored form* title, description and keywords are objects by language tag (this is what
`?f=stored` answers). In the *served form*, which has one language, they are texts, and `language` says which one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from config.errors import InvalidRecord
from records.documents.record_form import require_record

_WORDS: Final = ("title", "description", "keywords", "lineage")
"""Members of `properties` that the stored form has by language, and nothing else."""
_MADE_HERE: Final = ("created", "updated", "language", "languages")
"""Members of `properties` that the server makes."""
_OWN_RELATIONS: Final = ("self", "collection", "profile")
_RECORDS: Final = "/spec/ogcapi-records-1/"


@dataclass(frozen=True, kw_only=True)
class EditedDocument:
    """A record as a client wrote it.

    Attributes:
        document: In stored form, not checked yet; `id` may be absent.
        language: The one language of a served form; None: it came in stored form.
    """

    document: dict[str, Any]
    language: str | None = None


def draft(body: dict[str, Any], *, base_url: str) -> EditedDocument:
    """A record from a body in either form; raises InvalidRecord if it does not say in which language its words are."""
    properties = body.get("properties")
    if not isinstance(properties, dict) or not isinstance(properties.get("title"), str):
        return EditedDocument(document=body)
    language = _language(properties)
    return EditedDocument(document=_stored(body, properties, language, base_url), language=language)


def merge_patch(target: Any, patch: Any) -> Any:
    """The result of a JSON merge patch (RFC 7396, 2): null removes a member, lists are replaced whole."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def patched(document: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """A stored document after a merge patch of it, checked; its `id` stays.

    A patch whose `properties` name a `language` may give words as texts: they are those of that language, and the other
    languages stay. Raises InvalidRecord.
    """
    properties = patch.get("properties")
    if isinstance(properties, dict):
        tag = _language(properties) if "language" in properties else None
        words = {n: {tag: v} for n, v in properties.items() if tag and n in _WORDS and isinstance(v, str | list)}
        patch = {**patch, "properties": {**_without(properties, _MADE_HERE), **words} if tag else properties}
    merged: dict[str, Any] = merge_patch(document, {n: v for n, v in patch.items() if n != "id"})
    require_record(merged)
    return merged


def _language(properties: dict[str, Any]) -> str:
    """The tag of the one language of a served form."""
    member = properties.get("language")
    tag = member.get("code") if isinstance(member, dict) else member
    if not isinstance(tag, str) or not tag:
        raise InvalidRecord(
            "/properties/language is missing: words that are texts are of one language; name it, such as "
            '{"code": "en"}, or give title, description and keywords by language tag'
        )
    languages = properties.get("languages", [])
    codes = (
        [each.get("code") if isinstance(each, dict) else each for each in languages]
        if isinstance(languages, list)
        else []
    )
    others = [str(code)[:20] for code in codes if code != tag]
    if others:
        raise InvalidRecord(
            f"/properties/languages names {', '.join(others[:5])} too, and the body has words in {tag[:20]} alone; "
            "give title, description and keywords by language tag, as ?f=stored answers them, or send a merge patch"
        )
    return tag


def _stored(body: dict[str, Any], properties: dict[str, Any], language: str, base_url: str) -> dict[str, Any]:
    """A served form as a stored one, without what the server adds to each answer."""
    words = {n: {language: v} for n, v in properties.items() if n in _WORDS and not isinstance(v, dict)}
    document = {**body, "properties": {**_without(properties, _MADE_HERE), **words}}
    links = body.get("links")
    if isinstance(links, list):
        document["links"] = [link for link in links if not _is_own(link, base_url)]
    templates = body.get("linkTemplates")
    if isinstance(templates, list):
        document["linkTemplates"] = [t for t in templates if not _starts(t, "uriTemplate", base_url)]
        if not document["linkTemplates"]:
            del document["linkTemplates"]
    classes = body.get("conformsTo")
    if isinstance(classes, list):
        document["conformsTo"] = [uri for uri in classes if not (isinstance(uri, str) and _RECORDS in uri)]
    return document


def _is_own(link: object, base_url: str) -> bool:
    own = isinstance(link, dict) and link.get("rel") in _OWN_RELATIONS
    return own or _starts(link, "href", base_url)


def _starts(link: object, member: str, base_url: str) -> bool:
    href = link.get(member) if isinstance(link, dict) else None
    return isinstance(href, str) and (href + "/").startswith(base_url + "/")


def _without(members: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in names}
