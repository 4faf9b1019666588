"""One dataset as an OGC API collection (OGC 20-024, 7.3), equal in the list and alone.

Extension members, beside those of the standards:

* `graticule:variables`: id, title, unit, CF standard name, kind, stored type, packing, statistics and grid of each
  variable, its styles (id, title, colour map, range in the unit) and classes (value, colour, title).
* `graticule:time`: the labels of the first and last time as `datetime` takes them, their calendar and their number.
  `extent.temporal` holds the nearest moments of the Gregorian calendar, as RFC 3339 demands.
* `graticule:access`: the access policy, and whether this service gives the data out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from config.vocabulary import CRS84_URI, GEOJSON, HTML, PNG
from records.datasets.file_links import file_links
from records.datasets.models import text_in
from services.access.decision import decide
from services.access.members import access_members
from services.apis import coverages as coverage
from services.apis import stac, values
from services.apis import tiles as raster
from services.web import attribution
from services.web.crs import crs_uri
from services.web.documents.extents import extent, times
from services.web.links import Link, link, representations
from services.web.titles import in_language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from records.datasets.models import Dataset, Style, Variable
    from services.access.principal import Principal
    from services.web.context import Context

TILE_MATRIX_SETS: Final = ("WorldCRS84Quad", "WebMercatorQuad")
"""Sets whose item templates stand in the collection: GDAL does not follow links to the tilesets (GDAL issue 7970)."""

LINKS: Final[tuple[Callable[[Dataset, str], Sequence[Link]], ...]] = (
    coverage.coverage_links,
    raster.collection_links,
    file_links,
)
"""Links to data by the parts that serve it: (dataset, base URL) -> links."""

MEMBERS: Final[tuple[Callable[[Dataset, str], dict[str, Any]], ...]] = (coverage.describe, values.link_templates)
"""Members of the collection by the parts that need them there: (dataset, base URL) -> members."""


def collection_document(context: Context, principal: Principal, dataset: Dataset, language: str) -> dict[str, Any]:
    """A dataset as a collection, its texts in a language. Data that the principal may not read is not linked."""
    base = context.settings.base_url
    decision = decide(principal, dataset, "read", context.settings)
    document: dict[str, Any] = {
        "id": dataset.id,
        "title": text_in(dataset.title, language) or dataset.id,
        "description": text_in(dataset.description, language),
        "extent": extent(dataset),
        "crs": crs_list(base, dataset),
        "links": _metadata_links(base, dataset),
    }
    here = f"{base}/collections/{dataset.id}"
    storage = crs_uri(dataset.variable().grid, here) if dataset.variables else None
    optional = {"storageCrs": storage, "license": dataset.license, "attribution": dataset.attribution}
    document |= {name: value for name, value in optional.items() if value}
    document |= {"created": _moment(dataset.created), "updated": _moment(dataset.updated)}
    if decision.allowed:
        document["links"] += _data_links(base, dataset)
        for members in MEMBERS:
            document |= members(dataset, base)
    document["links"] = in_language(document["links"], language)
    document["graticule:variables"] = [variable_members(v, language) for v in dataset.variables]
    if dataset.time is not None:
        document["graticule:time"] = times(dataset.time)
    document["graticule:access"] = access_members(dataset, decision)
    return document


def crs_list(base: str, dataset: Dataset) -> list[str]:
    """CRS84 first, then the stored CRSs."""
    here = f"{base}/collections/{dataset.id}"
    return list(dict.fromkeys([CRS84_URI, *(crs_uri(v.grid, here) for v in dataset.variables)]))


def variable_members(variable: Variable, language: str) -> dict[str, Any]:
    """One entry of the extension member `graticule:variables`."""
    statistics = variable.statistics
    members: dict[str, Any] = {
        "id": variable.id,
        "title": text_in(variable.title, language) or variable.id,
        "unit": variable.unit,
        "standardName": variable.standard_name,
        "kind": variable.kind,
        "dataType": variable.dtype,
        "scale": variable.scale if variable.is_packed else None,
        "offset": variable.offset if variable.is_packed else None,
        "minimum": statistics.minimum if statistics else None,
        "maximum": statistics.maximum if statistics else None,
        "mean": statistics.mean if statistics else None,
        "validPercent": statistics.valid_percent if statistics else None,
    }
    return {name: value for name, value in members.items() if value is not None} | {
        "grid": variable.grid.to_json(),
        "styles": [_style_members(s, language) for s in variable.styles],
        "classes": [
            {
                "value": c.value,
                "color": "#{:02x}{:02x}{:02x}{:02x}".format(*c.color),
                "title": text_in(c.title, language),
            }
            for c in variable.classes
        ],
    }


def _style_members(style: Style, language: str) -> dict[str, Any]:
    members: dict[str, Any] = {"id": style.id, "title": text_in(style.title, language) or style.id}
    if style.colormap is not None:
        members["colormap"] = style.colormap
    if style.range is not None:
        members["range"] = list(style.range)
    return members


def _metadata_links(base: str, dataset: Dataset) -> list[Link]:
    here = f"{base}/collections/{dataset.id}"
    record = f"{base}/collections/records/items/{dataset.id}"
    links = [
        *representations(here),
        link("parent", f"{base}/collections", title="Collections"),
        link("describedby", record, GEOJSON, title="Metadata record"),
        link("describedby", f"{record}?f=html", HTML, title="Metadata record"),
    ]
    links += stac.collection_links(dataset, base)
    licence = attribution.licence_url(dataset)
    if licence is not None:
        links.append(link("license", licence, HTML, title=dataset.license or ""))
    links += [link("cite-as", i.url, HTML, title=i.label) for i in attribution.identifiers(dataset)]
    return links


def _data_links(base: str, dataset: Dataset) -> list[Link]:
    """Links of the parts that serve the data, then the templates of its tiles."""
    here = f"{base}/collections/{dataset.id}"
    links = [found for part in LINKS for found in part(dataset, base)]
    for name in TILE_MATRIX_SETS:
        template = f"{here}/map/tiles/{name}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=png"
        links.append(link("item", template, PNG, title=f"Tiles of {name}", templated=True))
    for variable in dataset.variables:
        xyz = f"{base}/xyz/{dataset.id}/{variable.id}"
        links.append(link("tilejson", f"{xyz}/tilejson.json", title=f"TileJSON of {variable.id}"))
        links.append(link("xyz", f"{xyz}/{{z}}/{{x}}/{{y}}.png", PNG, title=f"Tiles of {variable.id}", templated=True))
    return links


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
