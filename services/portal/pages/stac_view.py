"""The documents of STAC as their pages show them: entries as cards, items with their files, and code to load them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.portal.pages.snippets import StacBand, stac_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DAY = 10
"""Characters of a date."""


@dataclass(frozen=True, kw_only=True)
class StacCard:
    """An entry of a list: an item, a collection, or the link to one.

    Attributes:
        title: Its title, or its id.
        href: Its address.
        text: Its description.
        picture: Address of its thumbnail; empty without one.
        times: First and last day of its data, or the one.
        box: (west, south, east, north) in degrees, or None.
    """

    title: str
    href: str
    text: str
    picture: str
    times: tuple[str, ...]
    box: tuple[float, ...] | None


@dataclass(frozen=True, kw_only=True)
class StacFile:
    """A file of an item: what it holds, and how its cells become values."""

    key: str
    title: str
    href: str
    type: str
    unit: str
    packing: str
    size: int | None
    checksum: str


def catalogue_view(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the page of the root, or of the list of collections, shows."""
    collections = document.get("collections")
    links = list(document["links"])
    cards = (
        [_card(entry, entry) for entry in collections]
        if collections is not None
        else [_linked(entry) for entry in links if entry["rel"] == "child"]
    )
    root = next(entry["href"] for entry in links if entry["rel"] == "root")
    return {"cards": cards, "paging": _paging(links), "root": root}


def collection_view(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the page of a collection shows."""
    links = list(document["links"])
    return {
        "card": _card(document, document),
        "items": next(entry["href"] for entry in links if entry["rel"] == "items"),
        "code": stac_code(_root(links), document["id"], list(_bands(document.get("item_assets", {})))),
    }


def items_view(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the page of a list of items shows; members may be missing, as `fields` chose."""
    features = [feature for feature in document["features"] if feature.get("id")]
    cards = [_card(feature, feature.get("properties", {})) for feature in features]
    return {"cards": cards, "paging": _paging(list(document["links"])), "matched": document.get("numberMatched")}


def item_view(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the page of an item shows."""
    assets = document.get("assets", {})
    files = [_file(key, asset) for key, asset in assets.items() if "thumbnail" not in asset.get("roles", ())]
    root = _root(list(document["links"]))
    bands = list(_bands(assets))
    code = stac_code(root, document["collection"], bands, item=document["id"]) if files else ""
    return {"card": _card(document, document["properties"]), "files": files, "code": code}


def _root(links: Iterable[Mapping[str, Any]]) -> str:
    return next(str(entry["href"]) for entry in links if entry["rel"] == "root")


def _paging(links: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {entry["rel"]: entry["href"] for entry in links if entry["rel"] in ("next", "prev")}


def _linked(entry: Mapping[str, Any]) -> StacCard:
    return StacCard(title=entry.get("title", ""), href=entry["href"], text="", picture="", times=(), box=None)


def _card(entry: Mapping[str, Any], texts: Mapping[str, Any]) -> StacCard:
    extent = entry.get("extent", {})
    box = entry.get("bbox") or next(iter(extent.get("spatial", {}).get("bbox", [])), None)
    interval = next(iter(extent.get("temporal", {}).get("interval", [])), None) or [texts.get("datetime")]
    picture = entry.get("assets", {}).get("thumbnail", {}).get("href", "")
    return StacCard(
        title=texts.get("title") or entry["id"],
        href=next((str(link["href"]) for link in entry.get("links", []) if link["rel"] == "self"), ""),
        text=texts.get("description", ""),
        picture=picture,
        times=tuple(dict.fromkeys(end[:_DAY] for end in interval if end)),
        box=tuple(box) if box else None,
    )


def _bands(assets: Mapping[str, Any]) -> Iterable[StacBand]:
    for key, asset in assets.items():
        if "data" not in asset.get("roles", ("data",)):
            continue
        raster = _raster(asset)
        yield StacBand(
            name=key,
            scale=float(raster.get("scale", 1.0)),
            offset=float(raster.get("offset", 0.0)),
            nodata=asset.get("nodata", raster.get("nodata")),
        )


def _raster(asset: Mapping[str, Any]) -> dict[str, Any]:
    """The first band of an asset as the raster extension describes it."""
    bands: list[dict[str, Any]] = asset.get("raster:bands", [])
    return bands[0] if bands else {}


def _file(key: str, asset: Mapping[str, Any]) -> StacFile:
    raster = _raster(asset)
    scale, offset = raster.get("scale"), raster.get("offset")
    return StacFile(
        key=key,
        title=asset.get("title", key),
        href=asset["href"],
        type=asset.get("type", ""),
        unit=asset.get("unit", ""),
        packing="" if scale is None else f"× {scale:g} + {offset or 0:g}",
        size=asset.get("file:size"),
        checksum=asset.get("file:checksum", "")[4:],
    )
