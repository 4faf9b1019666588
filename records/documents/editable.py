"""From the body of a request to the stored form of a record.

Two forms are taken. In the *stored form* title, description and keywords are objects by language tag (this is what
`?f=stored` answers). In the *served form*, which has one language, they are texts, and `language` says which one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from config.errors import InvalidRecord
from records.documents.kept_files import without_address

WORDS: Final = ("title", "description", "keywords", "lineage")
"""Members of `properties` that the stored form has by language, and nothing else."""
MADE_HERE: Final = ("created", "updated", "language", "languages")
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


def draft(body: dict[str, Any], *, base_url: str, language: str) -> EditedDocument:
    """A record from a body in either form; raises InvalidRecord.

    Args:
        body: What a client sent.
        base_url: Of the links to this server, which the stored form does not keep.
        language: Tag of words that are texts, where the body does not name their language.
    """
    properties = body.get("properties")
    if not isinstance(properties, dict) or not isinstance(properties.get("title"), str):
        return EditedDocument(document=body)
    language = named_language(properties) or language
    _require_one_language(properties, language)
    return EditedDocument(document=_stored(body, properties, language, base_url), language=language)


def named_language(properties: dict[str, Any]) -> str | None:
    """The tag of the one language of a served form, None if it names none; raises InvalidRecord for what is no tag."""
    member = properties.get("language")
    tag = member.get("code") if isinstance(member, dict) else member
    if tag is None:
        return None
    if not isinstance(tag, str) or not tag:
        raise InvalidRecord('/properties/language names no language; write it as {"code": "en"}, or leave it out')
    return tag


def _require_one_language(properties: dict[str, Any], tag: str) -> None:
    """Raise InvalidRecord if the body says that the record has words in other languages too."""
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


def _stored(body: dict[str, Any], properties: dict[str, Any], language: str, base_url: str) -> dict[str, Any]:
    """A served form as a stored one, without what the server adds to each answer."""
    words = {n: {language: v} for n, v in properties.items() if n in WORDS and not isinstance(v, dict)}
    document = {**body, "properties": {**_without(properties, MADE_HERE), **words}}
    document |= without_own_links(document, base_url)
    if document.get("linkTemplates") == []:
        del document["linkTemplates"]
    return document


def without_own_links(body: dict[str, Any], base_url: str) -> dict[str, Any]:
    """The lists of a served form that this server adds to, without what it adds."""
    rest: dict[str, Any] = {}
    if isinstance(body.get("links"), list):
        links = [without_address(link, base_url) or link for link in body["links"]]
        rest["links"] = [link for link in links if not _is_own(link, base_url)]
    if isinstance(body.get("linkTemplates"), list):
        rest["linkTemplates"] = [t for t in body["linkTemplates"] if not _starts(t, "uriTemplate", base_url)]
    if isinstance(body.get("conformsTo"), list):
        rest["conformsTo"] = [uri for uri in body["conformsTo"] if not (isinstance(uri, str) and _RECORDS in uri)]
    return rest


def _is_own(link: object, base_url: str) -> bool:
    own = isinstance(link, dict) and link.get("rel") in _OWN_RELATIONS
    return own or _starts(link, "href", base_url)


def _starts(link: object, member: str, base_url: str) -> bool:
    href = link.get(member) if isinstance(link, dict) else None
    return isinstance(href, str) and (href + "/").startswith(base_url + "/")


def _without(members: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in names}
