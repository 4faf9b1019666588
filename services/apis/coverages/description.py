"""Descriptions of a coverage: JSON schema, domain set, range type, and the links that lead to them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from config.vocabulary import GEOTIFF, JSON, NETCDF, REL, SCHEMA_JSON
from records.datasets.models import text_in
from services.apis.coverages.titles import TITLES
from services.web.crs import crs_uri, metres_per_unit
from services.web.links import Link, link, ogc_links

if TYPE_CHECKING:
    from config.grids import Grid
    from records.datasets.models import ColorClass, Dataset, Variable

PIXEL_METRES = 0.00028
"""The standardized rendering pixel (OGC 17-083r4, 6.2)."""

_STANDARD_NAMES = "http://vocab.nerc.ac.uk/standard_name/"


def coverage_links(dataset: Dataset, base_url: str) -> list[Link]:
    """Links of a collection to its coverage; the GeoTIFF comes first, because GDAL takes the first it can read.

    Both are of the last time: without `datetime` a NetCDF holds every time, which is often more than one answer may.
    """
    here = f"{base_url}/collections/{dataset.id}"
    name = text_in(dataset.title) or dataset.id
    when = f"&datetime={quote(dataset.time.last, safe=':')}" if dataset.time else ""
    return [
        *ogc_links(
            "coverage", f"{here}/coverage", GEOTIFF, title=TITLES.phrase("coverage", name=name, format="GeoTIFF")
        ),
        *ogc_links(
            "coverage",
            f"{here}/coverage?f=netcdf{when}",
            NETCDF,
            title=TITLES.phrase("coverage", name=name, format="NetCDF"),
        ),
        link(f"{REL}coverage-domainset", f"{here}/coverage/domainset", JSON, title=TITLES.phrase("domain_set")),
        link(f"{REL}coverage-rangetype", f"{here}/coverage/rangetype", JSON, title=TITLES.phrase("range_type")),
        *ogc_links("schema", f"{here}/schema", SCHEMA_JSON, title=TITLES.phrase("schema")),
    ]


def describe(dataset: Dataset, base_url: str) -> dict[str, Any]:
    """Members of the collection document that describe the coverage, read by GDAL and the drafts' clients.

    They describe what `/coverage` answers without parameters: the first variable on its grid.
    """
    grid = dataset.variable().grid
    cell = min(abs(grid.transform[0]), abs(grid.transform[4]))
    return {
        "defaultFields": [dataset.variable().id],
        "scaleDenominator": cell * metres_per_unit(grid.crs) / PIXEL_METRES,
        "domainSet": domain_set(dataset, base_url),
        "rangeType": range_type(dataset),
    }


def domain_set(dataset: Dataset, base_url: str) -> dict[str, Any]:
    """The grid of the first variable as a CIS 1.1 domain set (OGC 09-146r8), x before y as GDAL reads it."""
    grid = dataset.variable().grid
    west, south, east, north = grid.bounds
    labels = ("Lon", "Lat") if grid.is_geographic else ("x", "y")
    unit = "deg" if grid.is_geographic else "m"
    a, e = abs(grid.transform[0]), abs(grid.transform[4])
    ends = ((west, east, a, grid.width), (south, north, e, grid.height))
    return {
        "type": "DomainSet",
        "generalGrid": {
            "type": "GeneralGridCoverage",
            "srsName": crs_uri(grid, f"{base_url}/collections/{dataset.id}"),
            "axisLabels": list(labels),
            "axis": [
                _axis(label, low, high, step, unit) for label, (low, high, step, _) in zip(labels, ends, strict=True)
            ],
            "gridLimits": _grid_limits(grid),
        },
    }


def _axis(label: str, low: float, high: float, step: float, unit: str) -> dict[str, Any]:
    return {
        "type": "RegularAxis",
        "axisLabel": label,
        "lowerBound": low,
        "upperBound": high,
        "resolution": step,
        "uomLabel": unit,
    }


def _grid_limits(grid: Grid) -> dict[str, Any]:
    ends = {"i": grid.width - 1, "j": grid.height - 1}
    return {
        "type": "GridLimits",
        "srsName": "http://www.opengis.net/def/crs/OGC/0/Index2D",
        "axisLabels": list(ends),
        "axis": [
            {"type": "IndexAxis", "axisLabel": label, "lowerBound": 0, "upperBound": end} for label, end in ends.items()
        ],
    }


def range_type(dataset: Dataset) -> dict[str, Any]:
    """The bands of the first variable as a SWE Common data record (OGC 08-094r1); `definition` is what GDAL reads."""
    variable = dataset.variable()
    names = [variable.id] if variable.band_count == 1 else [f"{variable.id}{n + 1}" for n in range(variable.band_count)]
    return {"type": "DataRecord", "field": [_field(name, variable) for name in names]}


def _field(name: str, variable: Variable) -> dict[str, Any]:
    field: dict[str, Any] = {
        "type": "Quantity",
        "name": name,
        "label": text_in(variable.title) or variable.id,
        "definition": variable.dtype.upper(),
        "encodingInfo": {"dataType": f"http://www.opengis.net/def/dataType/OGC/0/{variable.dtype}"},
    }
    if variable.unit:
        field["uom"] = {"type": "UnitReference", "code": variable.unit}
    if variable.nodata is not None:
        # JSON has no NaN
        value: float | str = variable.nodata if math.isfinite(variable.nodata) else str(variable.nodata)
        reason = "http://www.opengis.net/def/nil/OGC/0/missing"
        field["nilValues"] = [{"type": "NilValue", "reason": reason, "value": value}]
    if variable.is_packed:
        field["scaleFactor"], field["offset"] = variable.scale, variable.offset
    return field


def schema(dataset: Dataset, base_url: str) -> dict[str, Any]:
    """The variables as a JSON schema of returnables (OGC 23-058r2), in physical values."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base_url}/collections/{dataset.id}/schema",
        "type": "object",
        "title": text_in(dataset.title) or dataset.id,
        "description": text_in(dataset.description),
        "properties": {v.id: _property(v, number) for number, v in enumerate(dataset.variables, start=1)},
        "additionalProperties": False,
    }


def _property(variable: Variable, number: int) -> dict[str, Any]:
    whole = not variable.dtype.startswith("float") and not variable.is_packed
    schema: dict[str, Any] = {
        "title": text_in(variable.title) or variable.id,
        "type": "integer" if whole else "number",
        "x-ogc-propertySeq": number,
    }
    if variable.band_count > 1:
        items = {"type": schema["type"]}
        count = variable.band_count
        schema |= {"type": "array", "items": items, "minItems": count, "maxItems": count}
    if variable.unit:
        schema["x-ogc-unit"] = variable.unit
        schema["x-ogc-unitLang"] = "UDUNITS"
    if variable.standard_name:
        schema["x-ogc-definition"] = f"{_STANDARD_NAMES}{variable.standard_name}/"
    if variable.classes:
        schema["oneOf"] = [_class(entry) for entry in variable.classes]
    return schema


def _class(entry: ColorClass) -> dict[str, Any]:
    return {"const": entry.value, "title": text_in(entry.title) or str(entry.value)}
