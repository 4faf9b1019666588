"""Collections in the words of EDR: extent, parameters, and the queries that there are (OGC 19-086r6, 8.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pyproj import CRS

from config.layers import MEMBER
from config.vocabulary import CRS84_URI, GEOJSON, HTML, JSON, OPENAPI_30
from records.datasets.models import text_in
from services.apis.edr.parameters import MEDIA_TYPES
from services.apis.edr.titles import TITLES
from services.web import attribution
from services.web.documents.extents import rfc3339, temporal_interval
from services.web.links import Link, link

if TYPE_CHECKING:
    from records.datasets.models import Dataset, Variable
    from services.gridded.arrays import ArrayDataset

MOST_INSTANTS: Final = 1000
"""Times that a collection lists; of more it says how they repeat, if they do."""
QUERIES: Final = ("position", "radius", "area", "cube", "trajectory", "corridor", "locations", "items")
OUTPUT_FORMATS: Final = list(MEDIA_TYPES)
_LISTS: Final = {"locations": GEOJSON, "items": GEOJSON}
"""The types of the queries that need no place: what they list. The others say what they need, in JSON."""
_TRS: Final = 'TIMECRS["DateTime",TDATUM["Gregorian Calendar"],CS[TemporalDateTime,1],AXIS["Time (T)",future]]'
_STANDARD_NAMES: Final = "http://vocab.nerc.ac.uk/standard_name/"
_UNITS: Final = ["m", "km", "mi", "nm"]


def is_served(dataset: Dataset) -> bool:
    """Whether a dataset has a variable that EDR can serve."""
    return any(_is_served(variable) for variable in dataset.variables)


def _is_served(variable: Variable) -> bool:
    return variable.band_count == 1 and variable.grid.transform[1] == 0 == variable.grid.transform[3]


def landing(title: str, description: str, base_url: str) -> dict[str, Any]:
    """The document of `/edr`."""
    here = f"{base_url}/edr"
    return {
        "title": title,
        "description": description,
        "links": [
            link("self", here),
            link("service-desc", f"{base_url}/api", OPENAPI_30),
            link("service-doc", f"{base_url}/api?f=html", HTML),
            link("conformance", f"{here}/conformance", title=TITLES.phrase("conformance")),
            link("data", f"{here}/collections", title=TITLES.phrase("collections")),
        ],
    }


def collection(dataset: Dataset, base_url: str, arrays: ArrayDataset | None = None) -> dict[str, Any]:
    """The document of a collection; with its arrays it lists its times too."""
    here = f"{base_url}/edr/collections/{dataset.id}"
    variables = [variable for variable in dataset.variables if _is_served(variable)]
    return {
        "id": dataset.id,
        "title": text_in(dataset.title) or dataset.id,
        "description": text_in(dataset.description) or text_in(dataset.title) or dataset.id,
        "keywords": [variable.standard_name or variable.id for variable in variables],
        "links": _links(dataset, base_url, here),
        "extent": _extent(dataset, variables, arrays),
        "data_queries": {name: _query(name, here) for name in QUERIES},
        "crs": ["CRS84", "EPSG:4326", CRS84_URI],
        "output_formats": OUTPUT_FORMATS,
        "parameter_names": {variable.id: parameter(variable) for variable in variables},
    }


def _links(dataset: Dataset, base_url: str, here: str) -> list[Link]:
    links = [
        link("self", here),
        link("collection", here, title=TITLES.phrase("collection")),
        *(link("data", f"{here}/{name}", _LISTS.get(name, JSON), title=TITLES.phrase(name)) for name in QUERIES),
        link("describedby", f"{base_url}/collections/{dataset.id}", HTML),
    ]
    licence = attribution.licence_url(dataset)
    return links + ([link("license", licence, HTML, title=dataset.license or "")] if licence else [])


def _extent(dataset: Dataset, variables: list[Variable], arrays: ArrayDataset | None) -> dict[str, Any]:
    extent: dict[str, Any] = {"spatial": {"bbox": [list(dataset.bbox)], "crs": "CRS84"}}
    interval = temporal_interval(dataset.time)
    if interval is not None:
        extent["temporal"] = {"interval": [list(interval)], "trs": _TRS}
        instants = _instants(arrays) if arrays is not None else []
        extent["temporal"]["values"] = instants or ["/".join(interval)]
    levels = next((variable.levels for variable in variables if variable.levels is not None), None)
    if levels is not None:
        numbers = [label for label in levels.labels if _is_number(label)]
        ends = sorted(numbers, key=float)
        extent["vertical"] = {
            "interval": [[ends[0], ends[-1]]] if ends else [[levels.labels[0], levels.labels[-1]]],
            "values": list(levels.labels),
            "vrs": f"{levels.name} [{levels.unit or '1'}]"
            + (f", positive {levels.positive}" if levels.positive else ""),
        }
    members = next((variable.members for variable in variables if variable.members is not None), None)
    if members is not None:
        extent["custom"] = [
            {
                "id": MEMBER,
                "interval": [[members.labels[0], members.labels[-1]]],
                "values": list(members.labels),
                "reference": "http://vocab.nerc.ac.uk/standard_name/realization/",
            }
        ]
    return extent


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _instants(arrays: ArrayDataset) -> list[str]:
    """The times, or of many regular ones how they repeat (`R{count}/{first}/{period}`); none of many others."""
    axis = next(iter(arrays.times.values()), None)
    if axis is None:
        return []
    coordinate = arrays.coordinates[axis.name]
    if len(axis.steps) <= MOST_INSTANTS:
        return [moment for step in axis.steps if (moment := rfc3339(step.label)) is not None]
    steps = coordinate.values[1:] - coordinate.values[:-1]
    unit = {"days": "P{}D", "hours": "PT{}H", "minutes": "PT{}M", "seconds": "PT{}S"}.get(
        str(coordinate.attributes["units"]).partition(" ")[0]
    )
    first = rfc3339(axis.steps[0].label)
    if unit is None or first is None or not (steps == steps[0]).all():
        return []
    return [f"R{len(axis.steps)}/{first}/{unit.format(int(steps[0]))}"]


def _query(name: str, here: str) -> dict[str, Any]:
    variables: dict[str, Any] = {
        "title": TITLES.phrase(name),
        "query_type": name,
        "output_formats": OUTPUT_FORMATS if name != "items" else ["GeoJSON"],
        "default_output_format": "CoverageJSON" if name != "items" else "GeoJSON",
        "crs_details": [{"crs": "CRS84", "wkt": CRS.from_user_input("OGC:CRS84").to_wkt()}],
    }
    if name == "radius":
        variables["within_units"] = _UNITS
    if name == "corridor":
        variables["width_units"] = _UNITS
        variables["height_units"] = ["m"]
    return {"link": {"href": f"{here}/{name}", "rel": "data", "type": "application/json", "variables": variables}}


def parameter(variable: Variable) -> dict[str, Any]:
    """A variable as a parameter."""
    title = text_in(variable.title) or variable.id
    observed: dict[str, Any] = {"label": title}
    if variable.standard_name:
        observed["id"] = f"{_STANDARD_NAMES}{variable.standard_name}/"
    document: dict[str, Any] = {
        "type": "Parameter",
        "id": variable.id,
        "label": title,
        "description": title,
        "data-type": "float",
        "observedProperty": observed,
    }
    if variable.unit:
        document["unit"] = {
            "label": variable.unit,
            "symbol": {"value": variable.unit, "type": "http://www.opengis.net/def/uom/UCUM/"},
        }
    return document
