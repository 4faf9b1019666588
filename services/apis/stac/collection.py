"""One dataset as a STAC collection (STAC 1.1.0, collection-spec)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from config.vocabulary import GEOJSON, HTML, JSON, PNG, REL, SCHEMA_JSON
from records.datasets.models import text_in
from services.apis.stac import projection
from services.apis.stac.assets import template
from services.apis.stac.moments import rfc3339
from services.apis.stac.words import CLASSIFICATION, DATACUBE, PROJECTION, RASTER, STAC_VERSION
from services.web import attribution
from services.web.documents.extents import temporal_interval
from services.web.documents.pictures import map_url
from services.web.links import Link, link, representations

if TYPE_CHECKING:
    from datetime import datetime

    from records.datasets.models import Dataset, Variable
    from services.apis.stac.item import ServiceFacts

_ROLES: Final = {
    "author": "producer",
    "originator": "producer",
    "principalInvestigator": "producer",
    "creator": "producer",
    "producer": "producer",
    "processor": "processor",
    "owner": "licensor",
    "rightsHolder": "licensor",
    "licensor": "licensor",
    "publisher": "host",
    "distributor": "host",
    "custodian": "host",
    "host": "host",
}
"""STAC's role of a provider by the role of a contact (ISO 19115 and similar standards)."""
_THUMB_EDGE = 480
_MAX_STYLES = 100
"""Styles that are linked one by one; the collection lists them all."""


@dataclass(frozen=True, kw_only=True)
class DatasetFacts:
    """Facts about a dataset from elsewhere in the catalogue.

    Attributes:
        contacts: Contacts of its record.
        keywords: Keywords of its record, by language.
        undated: First and last moment of its data, for a dataset without a time axis.
    """

    contacts: tuple[dict[str, Any], ...] = ()
    keywords: dict[str, list[str]] = field(default_factory=dict)
    undated: tuple[datetime, datetime] | None = None


def collection_document(service: ServiceFacts, dataset: Dataset, facts: DatasetFacts) -> dict[str, Any]:
    """A dataset as a collection, with its texts in the language of the service."""
    language = service.language
    title = text_in(dataset.title, language) or dataset.id
    document: dict[str, Any] = {
        "type": "Collection",
        "stac_version": STAC_VERSION,
        "stac_extensions": _extensions(dataset),
        "id": dataset.id,
        "title": title,
        "description": text_in(dataset.description, language) or title,
        "license": dataset.license or "other",
        "extent": {
            "spatial": {"bbox": [list(dataset.bbox)]},
            "temporal": {"interval": [_interval(dataset, facts)]},
        },
        "providers": _providers(facts, language),
        "summaries": _summaries(dataset),
        "item_assets": {v.id: template(v, language) for v in dataset.variables},
        **_cube(dataset, language),
        "created": rfc3339(dataset.created),
        "updated": rfc3339(dataset.updated),
        "graticule:access": service.access,
        "links": links(service.base, dataset),
    }
    keywords = facts.keywords.get(language) or next(iter(facts.keywords.values()), [])
    optional = {"keywords": keywords, "attribution": dataset.attribution}
    document |= {name: value for name, value in optional.items() if value}
    if service.access["served"] and dataset.variables:
        document["links"] += _style_links(service.base, dataset, language)
        document["assets"] = {"thumbnail": _thumbnail(service.base, dataset)}
    return document


def links(base: str, dataset: Dataset) -> list[Link]:
    """The links of a collection: within `/stac`, and to its other forms."""
    here = f"{base}/stac/collections/{dataset.id}"
    other = f"{base}/collections/{dataset.id}"
    members = [
        *representations(here, title="This document"),
        link("root", f"{base}/stac", title="STAC catalogue"),
        link("parent", f"{base}/stac", title="STAC catalogue"),
        link("items", f"{here}/items", GEOJSON, title="Items"),
        link(REL + "queryables", f"{here}/queryables", SCHEMA_JSON, title="Queryables"),
        link("describedby", f"{base}/collections/records/items/{dataset.id}", GEOJSON, title="Metadata record"),
        link("related", f"{other}?f=html", HTML, title="The dataset as a page"),
        link("related", other, JSON, title="The dataset as a collection"),
    ]
    licence = attribution.licence_url(dataset)
    if licence is not None:
        members.append(link("license", licence, HTML, title=dataset.license or ""))
    return members + [link("cite-as", i.url, HTML, title=i.label) for i in attribution.identifiers(dataset)]


def _style_links(base: str, dataset: Dataset, language: str) -> list[Link]:
    """Map tiles in each style, also in those that people imported."""
    pairs = [(variable, style) for variable in dataset.variables for style in variable.styles]
    return [
        link(
            "tilejson",
            f"{base}/xyz/{dataset.id}/{variable.id}/{quote(style.id, safe='')}/latest/tilejson.json",
            JSON,
            title=f"{text_in(variable.title, language) or variable.id}: {text_in(style.title, language) or style.id}",
        )
        for variable, style in pairs[:_MAX_STYLES]
    ]


def _extensions(dataset: Dataset) -> list[str]:
    classes = [CLASSIFICATION] if any(v.classes for v in dataset.variables) else []
    packed = [RASTER] if any(v.is_packed for v in dataset.variables) else []
    return [PROJECTION, *packed, *classes, *([DATACUBE] if _is_cube(dataset) else [])]


def _interval(dataset: Dataset, facts: DatasetFacts) -> list[str | None]:
    interval = temporal_interval(dataset.time)
    if interval is not None:
        return list(interval)
    return [None, None] if facts.undated is None else [rfc3339(moment) for moment in facts.undated]


def _providers(facts: DatasetFacts, language: str) -> list[dict[str, Any]]:
    """The organizations among the contacts, each once with all its roles, named in the language if possible."""
    providers: dict[str, list[str]] = {}
    for contact in facts.contacts:
        name = contact.get("organization") or contact.get("name")
        name = text_in(name, language) if isinstance(name, dict) else name
        if not isinstance(name, str) or not name.strip():
            continue
        provider_roles = providers.setdefault(name.strip(), [])
        roles = contact.get("roles")
        stac_roles = [_ROLES.get(r) for r in roles if isinstance(r, str)] if isinstance(roles, list) else []
        provider_roles += [role for role in stac_roles if role is not None and role not in provider_roles]
    return [{"name": name} | ({"roles": roles} if roles else {}) for name, roles in providers.items()]


def _summaries(dataset: Dataset) -> dict[str, Any]:
    codes = {projection.code(v.grid) for v in dataset.variables}
    summaries: dict[str, Any] = {"proj:code": sorted(c for c in codes if c is not None)}
    axes = {v.levels.labels for v in dataset.variables if v.levels}
    if axes:
        summaries["graticule:level"] = list(dict.fromkeys(label for labels in sorted(axes) for label in labels))
    ensembles = {v.members.labels for v in dataset.variables if v.members}
    if ensembles:
        summaries["graticule:member"] = list(dict.fromkeys(label for labels in sorted(ensembles) for label in labels))
    summaries["graticule:variables"] = [v.id for v in dataset.variables]
    return {name: values for name, values in summaries.items() if values}


def _is_cube(dataset: Dataset) -> bool:
    """Whether all variables have one CRS, so that they have common axes."""
    return len({v.grid.crs for v in dataset.variables}) == 1


def _cube(dataset: Dataset, language: str) -> dict[str, Any]:
    """`cube:dimensions` and `cube:variables` (STAC's datacube extension)."""
    if not _is_cube(dataset):
        return {}
    boxes = [v.grid.bounds for v in dataset.variables]
    crs = dataset.variables[0].grid
    reference = projection.members(crs)["proj:epsg"]
    system = {"reference_system": reference} if reference is not None else {}
    dimensions: dict[str, Any] = {
        "x": {"type": "spatial", "axis": "x", "extent": [min(b[0] for b in boxes), max(b[2] for b in boxes)], **system},
        "y": {"type": "spatial", "axis": "y", "extent": [min(b[1] for b in boxes), max(b[3] for b in boxes)], **system},
    }
    interval = temporal_interval(dataset.time)
    if interval is not None:
        dimensions["time"] = {"type": "temporal", "extent": list(interval)}
    for variable in dataset.variables:
        if variable.levels is not None:
            values = list(variable.levels.labels)
            dimensions[f"level_{variable.id}"] = {"type": "level", "values": values} | (
                {"unit": variable.levels.unit} if variable.levels.unit else {}
            )
        if variable.members is not None:
            values = list(variable.members.labels)
            dimensions[f"member_{variable.id}"] = {"type": "member", "values": values}
    return {
        "cube:dimensions": dimensions,
        "cube:variables": {
            v.id: _cube_variable(v, timed=interval is not None, language=language) for v in dataset.variables
        },
    }


def _cube_variable(variable: Variable, *, timed: bool, language: str) -> dict[str, Any]:
    level = [f"member_{variable.id}"] if variable.members else []
    level += [f"level_{variable.id}"] if variable.levels else []
    members: dict[str, Any] = {
        "dimensions": [*(["time"] if timed else []), *level, "y", "x"],
        "type": "data",
        "description": text_in(variable.title, language) or variable.id,
    }
    if variable.unit:
        members["unit"] = variable.unit
    if variable.statistics:
        members["extent"] = [variable.statistics.minimum, variable.statistics.maximum]
    return members


def _thumbnail(base: str, dataset: Dataset) -> dict[str, Any]:
    variable = dataset.variables[0]
    layer = variable.layers[0] if variable.layers else None
    href = map_url(base, dataset, variable, style="default", time=None, layer=layer, edge=_THUMB_EDGE)
    return {"href": href, "type": PNG, "title": "Picture of the latest time", "roles": ["thumbnail"]}
