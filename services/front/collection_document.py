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
from typing import TYPE_CHECKING, Any

from config.vocabulary import CRS84_URI, HTML
from records.datasets.models import text_in
from services.access.decision import decide
from services.access.members import access_members, public_view
from services.web import attribution
from services.web.crs import crs_uri
from services.web.documents.extents import extent, times
from services.web.documents.titles import TITLES
from services.web.links import Link, link, representations

if TYPE_CHECKING:
    from records.datasets.models import Dataset, LayerAxis, Style, Variable
    from services.access.principal import Principal
    from services.web.context import Context
    from services.web.part import Parts


def collection_document(
    context: Context, parts: Parts, principal: Principal, dataset: Dataset, language: str
) -> dict[str, Any]:
    """Return a dataset as a collection, its texts in a language. Data that the principal may not read is not linked."""
    base = context.settings.base_url
    decision = decide(principal, dataset, "read", context.settings)
    dataset = public_view(dataset, decision, context.settings)
    document: dict[str, Any] = {
        "id": dataset.id,
        "title": text_in(dataset.title, language) or dataset.id,
        "description": text_in(dataset.description, language),
        "extent": extent(dataset, f"{base}/collections/{dataset.id}"),
        "crs": crs_list(base, dataset),
        "links": _metadata_links(base, parts, dataset),
    }
    here = f"{base}/collections/{dataset.id}"
    storage = crs_uri(dataset.variable().grid, here) if dataset.variables else None
    optional = {"storageCrs": storage, "license": dataset.license, "attribution": dataset.attribution}
    document |= {name: value for name, value in optional.items() if value}
    document |= {"created": _moment(dataset.created), "updated": _moment(dataset.updated)}
    if decision.allowed:
        for part in parts:
            document["links"] += part.data_links(dataset, base)
            document |= part.data_members(dataset, base)
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
        **({"levels": _axis_members(variable.levels)} if variable.levels else {}),
        **({"members": _axis_members(variable.members)} if variable.members else {}),
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
    if style.scale != "linear":
        members["scale"] = style.scale
    return members


def _axis_members(axis: LayerAxis) -> dict[str, Any]:
    members = {"name": axis.name, "unit": axis.unit, "positive": axis.positive, "labels": list(axis.labels)}
    return {name: value for name, value in members.items() if value is not None}


def _metadata_links(base: str, parts: Parts, dataset: Dataset) -> list[Link]:
    """Return the links that every collection has, whoever may read its data."""
    here = f"{base}/collections/{dataset.id}"
    links = [*representations(here), link("parent", f"{base}/collections", title=TITLES.phrase("collections"))]
    links += [entry for part in parts for entry in part.collection_links(dataset, base)]
    licence = attribution.licence_url(dataset)
    if licence is not None:
        links.append(link("license", licence, HTML, title=dataset.license or ""))
    links += [link("cite-as", i.url, HTML, title=i.label) for i in attribution.identifiers(dataset)]
    return links


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
