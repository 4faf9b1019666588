"""From a record that was found in the catalogue to what is exported of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from records.exports.models import ExportRecord, Link
from records.presentation import best_tag, record_url, served

if TYPE_CHECKING:
    from records.search import Found

_OWN: Final = frozenset({"self", "alternate", "collection", "profile"})
"""Relations of the record's own representations."""
_FROM_DATASET: Final = ("attribution", "access")


def export_record(found: Found, *, base_url: str, language: str = "en", readable: bool = True) -> ExportRecord:
    """What is exported of a record.

    Args:
        found: The record, when it changed, and the published data that it describes.
        base_url: Of every link to this server.
        language: The main language, if the record has it; else the nearest it has.
        readable: Whether the data are served; if not, only their collection is linked.
    """
    shown = served(
        found.document,
        language,
        base_url=base_url,
        created=found.created,
        updated=found.updated,
        dataset=found.dataset,
        readable=readable,
    )
    properties: dict[str, Any] = found.document["properties"]
    joined = {name: shown["properties"][name] for name in _FROM_DATASET if name in shown["properties"]}
    url = record_url(base_url, found.document["id"])
    return ExportRecord(
        document={**found.document, "properties": {**joined, **properties, **_access(joined)}},
        language=best_tag(language, list(properties["title"])),
        links=(
            *(_link(member) for member in shown["links"] if member.get("rel") not in _OWN),
            *(_link(member) for member in shown.get("linkTemplates", [])),
        ),
        created=shown["properties"]["created"],
        updated=shown["properties"]["updated"],
        url=url,
        page=f"{url}?f=html",
    )


def _access(joined: dict[str, Any]) -> dict[str, Any]:
    """Who may read published data is as their dataset says, not as the record does."""
    return {"access": joined["access"]} if "access" in joined else {}


def _link(member: dict[str, Any]) -> Link:
    """A link or, where the address has variables, a link template."""
    rel, type_, title, protocol = (_text(member, name) for name in ("rel", "type", "title", "protocol"))
    href = member.get("href", member.get("uriTemplate"))
    return Link(href=str(href), rel=rel, type=type_, title=title, protocol=protocol, templated="uriTemplate" in member)


def _text(member: dict[str, Any], name: str) -> str:
    value = member.get(name)
    return value if isinstance(value, str) else ""
