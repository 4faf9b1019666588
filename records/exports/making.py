"""From a record that was found in the catalogue to what is exported of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from records.documents.data_links import no_data_links
from records.documents.presentation import best_tag, record_url, served
from records.exports.models import ExportRecord, Link

if TYPE_CHECKING:
    from records.documents.data_links import DataLinker
    from records.search.search import Found

_OWN: Final = frozenset({"self", "alternate", "collection", "profile"})
"""Relations of the record's own representations."""
_FROM_DATASET: Final = ("attribution", "access")


def export_record(
    record: Found,
    *,
    base_url: str,
    language: str = "en",
    readable: bool = True,
    link_data: DataLinker = no_data_links,
) -> ExportRecord:
    """What is exported of a record.

    Args:
        record: The record, when it changed, and the published data that it describes.
        base_url: Of every link to this server.
        language: The main language, if the record has it; else the nearest it has.
        readable: Whether the client may read the data; if not, only its metadata is linked.
        link_data: Links the services over the data.
    """
    feature = served(
        record.document,
        language,
        base_url=base_url,
        created=record.created,
        updated=record.updated,
        dataset=record.dataset,
        readable=readable,
        link_data=link_data,
    )
    properties: dict[str, Any] = record.document["properties"]
    from_dataset = {name: feature["properties"][name] for name in _FROM_DATASET if name in feature["properties"]}
    url = record_url(base_url, record.document["id"])
    return ExportRecord(
        document={**record.document, "properties": {**from_dataset, **properties, **_access(from_dataset)}},
        language=best_tag(language, list(properties["title"])),
        links=_foreign(feature),
        created=feature["properties"]["created"],
        updated=feature["properties"]["updated"],
        url=url,
        page=f"{url}?f=html",
    )


def record_of_served(document: dict[str, Any]) -> ExportRecord:
    """What is exported of a record as it is served: in one language, that of the document."""
    properties = document["properties"]
    tag = properties["language"]["code"]
    links = document.get("links", [])
    url, page = (next((k["href"] for k in links if k.get("rel") == rel), "") for rel in ("self", "alternate"))
    keywords = properties.get("keywords")
    by_language = {"title": {tag: properties["title"]}} | ({"keywords": {tag: keywords}} if keywords else {})
    return ExportRecord(
        document={**document, "properties": {**properties, **by_language}},
        language=tag,
        links=_foreign(document),
        created=properties["created"],
        updated=properties["updated"],
        url=url,
        page=page,
    )


def _foreign(document: dict[str, Any]) -> tuple[Link, ...]:
    """The links and templates of a served record, but for those to its own representations."""
    links = [member for member in document["links"] if member.get("rel") not in _OWN]
    return tuple(_link(member) for member in (*links, *document.get("linkTemplates", [])))


def _access(properties: dict[str, Any]) -> dict[str, Any]:
    """Who may read published data is as their dataset says, not as the record does."""
    return {"access": properties["access"]} if "access" in properties else {}


def _link(member: dict[str, Any]) -> Link:
    """A link or, where the address has variables, a link template."""
    rel, type_, title, protocol = (_text(member, name) for name in ("rel", "type", "title", "protocol"))
    href = member.get("href", member.get("uriTemplate"))
    return Link(href=str(href), rel=rel, type=type_, title=title, protocol=protocol, templated="uriTemplate" in member)


def _text(member: dict[str, Any], name: str) -> str:
    value = member.get(name)
    return value if isinstance(value, str) else ""
