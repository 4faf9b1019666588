"""STAC collections and items, and pages of either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from records.harvest.draft import Draft
from records.harvest.values import places
from records.harvest.values.languages import language_tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.boxes import Box
    from records.harvest.fetch.content import Content
    from records.harvest.models import Harvested

_STRUCTURE: Final = frozenset({"self", "root", "parent", "collection", "child", "item", "items", "license"})
_OWN: Final = frozenset(
    {
        "type", "stac_version", "stac_extensions", "id", "title", "description", "keywords", "license", "providers",
        "extent", "links", "assets", "properties", "geometry", "bbox", "language", "datetime", "start_datetime",
        "end_datetime", "gsd", "sci:doi", "sci:citation",
    }
)  # fmt: skip
_CREDENTIALS: Final = frozenset({"proprietary", "various", "other"})
"""Words for a licence that say only that there is one."""


class Stac:
    """The adapter `stac`."""

    name = "stac"

    def recognises(self, content: Content) -> bool:
        """Whether the content is a collection, an item or a page of them."""
        return any(True for _ in self.entries(content))

    def entries(self, content: Content) -> Iterator[dict[str, Any]]:
        """The collections and items of the content; a catalogue has none of its own."""
        value = content.json
        if not isinstance(value, dict):
            return
        pages = [value.get(name) for name in ("features", "collections")]
        for entry in next((page for page in pages if isinstance(page, list)), [value]):
            if isinstance(entry, dict) and "stac_version" in entry and entry.get("type") in ("Collection", "Feature"):
                yield entry

    def record(self, entry: dict[str, Any], *, base: str) -> Harvested:
        """The record of a collection or item; raises InvalidRecord."""
        is_item = entry.get("type") == "Feature"
        properties = entry.get("properties") if is_item else entry
        members = properties if isinstance(properties, dict) else {}
        language = members.get("language")
        code = language.get("code") if isinstance(language, dict) else language
        draft = Draft("stac", language=language_tag(code if isinstance(code, str) else None))
        _describe(draft, members)
        (_place_item if is_item else _place_collection)(draft, entry)
        _link(draft, entry, base)
        _license(draft, members, entry)
        for name, value in {**members, **entry}.items():
            if name not in _OWN:
                draft.keep(name, value)
        source_id = entry.get("id")
        return draft.finish(source_id if isinstance(source_id, str) else None)


def _describe(draft: Draft, members: dict[str, Any]) -> None:
    draft.text("title", members.get("title"))
    draft.text("description", members.get("description"))
    for word in _list(members.get("keywords")):
        draft.keyword(word)
    for provider in _list(members.get("providers")):
        if isinstance(provider, dict):
            url = provider.get("url")
            links = [{"href": url, "rel": "about"}] if isinstance(url, str) else []
            roles = [r for r in _list(provider.get("roles")) if isinstance(r, str)]
            draft.contact({"organization": provider.get("name"), "links": links}, roles=roles)
    draft.identifier(members.get("sci:doi"), "doi")
    draft.text("citation", members.get("sci:citation"))
    size = places.number(members.get("gsd"))
    if size:
        draft.properties["spatialResolution"] = {"value": size, "unit": "m"}


def _place_collection(draft: Draft, entry: dict[str, Any]) -> None:
    """The first box and interval hold all others (STAC 1.1, Collection, Spatial Extent)."""
    extent = entry.get("extent") if isinstance(entry.get("extent"), dict) else {}
    assert isinstance(extent, dict)
    boxes = _list(_dict(extent.get("spatial")).get("bbox"))
    box = _box(boxes[0]) if boxes else None
    if box is not None:
        draft.geometry = places.boxes_geometry([box])
    else:
        draft.note("extent.spatial.bbox", boxes[:1], "left out: it is no box on the earth")
    intervals = _list(_dict(extent.get("temporal")).get("interval"))
    ends = intervals[0] if intervals and isinstance(intervals[0], list) else []
    if len(ends) == 2:
        draft.interval(_time(ends[0]), _time(ends[1]), field="extent.temporal.interval")
    if draft.time is None:
        draft.note("extent.temporal.interval", ends, "no time is given: the record has none")


def _place_item(draft: Draft, entry: dict[str, Any]) -> None:
    members = _dict(entry.get("properties"))
    box = _box(entry.get("bbox"))
    crosses = box is not None and box[0] > box[2]
    draft.geometry = places.geojson_geometry(entry.get("geometry"), crosses=crosses)
    if draft.geometry is None and entry.get("geometry") is not None:
        draft.note("geometry", entry["geometry"], "left out: it is no geometry in longitude and latitude")
        draft.geometry = places.boxes_geometry([box]) if box else None
    moment, start, end = (_time(members.get(name)) for name in ("datetime", "start_datetime", "end_datetime"))
    draft.interval(start or moment, end or moment, field="datetime")


def _box(value: object) -> Box | None:
    """A STAC bbox of four or six numbers."""
    sides = _list(value)
    half = len(sides) // 2
    return places.box_of(sides[0], sides[1], sides[half], sides[half + 1]) if len(sides) in (4, 6) else None


def _link(draft: Draft, entry: dict[str, Any], base: str) -> None:
    """Links and assets; relative ones are resolved against the document's own address."""
    links = [link for link in _list(entry.get("links")) if isinstance(link, dict)]
    own = next((k["href"] for k in links if k.get("rel") == "self" and isinstance(k.get("href"), str)), base)
    for link in links:
        if str(link.get("rel")) not in _STRUCTURE:
            draft.link(
                _absolute(own, link.get("href")),
                rel=_word(link, "rel"),
                type=_word(link, "type"),
                title=_word(link, "title"),
            )
    for name, asset in _dict(entry.get("assets")).items():
        if isinstance(asset, dict):
            roles = _list(asset.get("roles"))
            rel = "preview" if "thumbnail" in roles or "overview" in roles else "enclosure"
            title = _word(asset, "title") or name
            draft.link(_absolute(own, asset.get("href")), rel=rel, type=_word(asset, "type"), title=title)


def _license(draft: Draft, members: dict[str, Any], entry: dict[str, Any]) -> None:
    links = [link for link in _list(entry.get("links")) if isinstance(link, dict) and link.get("rel") == "license"]
    for link in links:
        draft.license(link.get("href"), title=_word(link, "title") or "")
    value = members.get("license") or entry.get("license")
    if isinstance(value, str) and value in _CREDENTIALS:
        if "license" not in draft.properties:
            draft.note("license", value, "left out: it has no link")
    else:
        draft.license(value)


def _absolute(base: str, href: object) -> object:
    """An href resolved against the document's own address, if that is one of the web."""
    try:
        if isinstance(href, str) and not urlsplit(href).scheme and urlsplit(base).scheme in ("http", "https"):
            return urljoin(base, href)
    except ValueError:  # a bracket out of place; the draft refuses what is no address
        pass
    return href


def _time(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _word(holder: dict[str, Any], name: str) -> str | None:
    value = holder.get(name)
    return value if isinstance(value, str) else None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
