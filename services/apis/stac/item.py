"""One item: the data of a dataset at one time, layer and part, an asset for each variable (STAC 1.1.0, item-spec).

Extension members of the properties, beside those of STAC and its extensions:

* `graticule:time`, `graticule:calendar`: the time as the source labels it, in its own calendar. `datetime` and its
  bounds are the same numbers in the Gregorian calendar; a day that its month does not have becomes the month's last.
* `graticule:level`, `graticule:member`, `graticule:part`, `graticule:variables`.
* `graticule:access`: only where the data is not served: then there are no assets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from shapely.geometry import shape

from config.layers import layer_key
from config.vocabulary import GEOJSON, HTML, JSON, PNG
from records.datasets.footprint import box_of
from services.apis.stac import assets, projection
from services.apis.stac.moments import rfc3339
from services.apis.stac.words import FILE, PROJECTION, RASTER, STAC_VERSION, WEB_MAPS
from services.web import attribution
from services.web.documents.pictures import map_url
from services.web.links import Link, link

if TYPE_CHECKING:
    from records.datasets.items.search import Item
    from records.datasets.models import Dataset, Granule

MAX_TILE_LINKS = 20
"""Variables of an item whose tiles are linked."""
_THUMB_EDGE = 480


@dataclass(frozen=True, kw_only=True)
class ServiceFacts:
    """Facts that the documents of a dataset depend on.

    Attributes:
        base: Base URL of the service.
        language: Language tag of the texts.
        access: The member `graticule:access` of the dataset (`services.access.members`).
    """

    base: str
    language: str
    access: dict[str, Any]


def item_document(service: ServiceFacts, dataset: Dataset, item: Item) -> dict[str, Any]:
    """An item as GeoJSON, without assets if the data of its dataset is not served."""
    is_served = service.access["served"]
    granules = _in_order(dataset, item)
    grids = {g.grid for g in granules}
    common = projection.members(granules[0].grid) if len(grids) == 1 else {}
    box = box_of(shape(item.outline))
    document: dict[str, Any] = {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": _extensions(dataset, granules, is_served=is_served),
        "id": item.id,
        "collection": dataset.id,
        "geometry": item.outline,
        "bbox": [round(side, 7) for side in box],
        "properties": _times(item) | _place(item, granules) | common,
        "links": _links(service.base, dataset, item),
        "assets": {},
    }
    if dataset.license:
        document["properties"]["license"] = dataset.license
    if not is_served:
        document["properties"]["graticule:access"] = service.access
        return document
    document["links"] += _tiles(service.base, dataset, item, granules)
    for granule in granules:
        variable = dataset.variable(granule.variable_id)
        own = len(grids) > 1
        document["assets"][variable.id] = assets.asset(
            service.base, variable, granule, language=service.language, own_grid=own
        )
    sources = {granule.source.href: granule.source for granule in granules if granule.source is not None}
    for number, source in enumerate(sources.values(), start=1):
        name = "source" if number == 1 else f"source-{number}"
        document["assets"][name] = assets.source(service.base, source, language=service.language)
    document["assets"]["thumbnail"] = _thumbnail(service.base, dataset, item, granules[0], box)
    return document


def item_url(base: str, dataset_id: str, item_id: str) -> str:
    """The URL of an item."""
    return f"{base}/stac/collections/{dataset_id}/items/{quote(item_id)}"


def _extensions(dataset: Dataset, granules: list[Granule], *, is_served: bool) -> list[str]:
    """The extensions that an item uses; some demand that it does."""
    if not is_served:
        return [PROJECTION]
    packed = any(dataset.variable(g.variable_id).is_packed for g in granules)
    return [FILE, PROJECTION, *([RASTER] if packed else []), WEB_MAPS]


def _in_order(dataset: Dataset, item: Item) -> list[Granule]:
    """The granules in the order of the dataset's variables, without granules of variables that it no longer has."""
    position = {variable.id: n for n, variable in enumerate(dataset.variables)}
    granules = [g for g in item.granules if g.variable_id in position]
    return sorted(granules, key=lambda g: position[g.variable_id])


def _times(item: Item) -> dict[str, Any]:
    members = {"datetime": rfc3339(item.moment)}
    if item.start != item.end:
        members |= {"start_datetime": rfc3339(item.start), "end_datetime": rfc3339(item.end)}
    return members | {"created": rfc3339(item.created), "updated": rfc3339(item.updated)}


def _place(item: Item, granules: list[Granule]) -> dict[str, Any]:
    calendar = next((g.calendar for g in granules if g.calendar), None)
    members = {
        "graticule:time": item.time,
        "graticule:calendar": calendar if item.time else None,
        "graticule:level": item.level,
        "graticule:member": item.member,
        "graticule:part": item.part,
    }
    present = {name: value for name, value in members.items() if value is not None}
    return present | {"graticule:variables": [g.variable_id for g in granules]}


def _links(base: str, dataset: Dataset, item: Item) -> list[Link]:
    collection = f"{base}/stac/collections/{dataset.id}"
    record = f"{base}/collections/records/items/{dataset.id}"
    links = [
        link("self", item_url(base, dataset.id, item.id), GEOJSON),
        link("alternate", f"{item_url(base, dataset.id, item.id)}?f=html", HTML),
        link("root", f"{base}/stac"),
        link("parent", collection),
        link("collection", collection),
        link("describedby", record, GEOJSON, title="Metadata record"),
    ]
    licence = attribution.licence_url(dataset)
    if licence is not None:
        links.append(link("license", licence, HTML, title=dataset.license or ""))
    return links


def _tiles(base: str, dataset: Dataset, item: Item, granules: list[Granule]) -> list[Link]:
    """TileJSON of each variable at the item's time, level, member and part."""
    place = {"datetime": item.time, "level": item.level, "member": item.member, "part": item.part}
    query = urlencode({name: value for name, value in place.items() if value is not None})
    return [
        link(
            "tilejson",
            f"{base}/xyz/{dataset.id}/{granule.variable_id}/tilejson.json" + (f"?{query}" if query else ""),
            JSON,
            title=f"TileJSON of {granule.variable_id}",
        )
        for granule in granules[:MAX_TILE_LINKS]
    ]


def _thumbnail(
    base: str, dataset: Dataset, item: Item, granule: Granule, box: tuple[float, float, float, float]
) -> dict[str, Any]:
    variable = dataset.variable(granule.variable_id)
    within_box = replace(dataset, bbox=box)
    href = map_url(
        base,
        within_box,
        variable,
        style="default",
        time=item.time,
        layer=layer_key(item.level, item.member),
        edge=_THUMB_EDGE,
    )
    href += f"&{urlencode({'part': item.part})}" if item.part else ""
    return {"href": href, "type": PNG, "title": "Picture", "roles": ["thumbnail"]}
