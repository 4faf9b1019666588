"""The coverage operation's parameters and answers for /api, in OpenAPI 3.0 words."""

from __future__ import annotations

from typing import Any

from config.vocabulary import COG, COVERAGE_JSON, CSV, GEOTIFF, NETCDF, PNG
from services.apis.coverages.formats import CoverageFormat
from services.selection.resampling import KERNELS


def _query(name: str, description: str, schema: dict[str, Any], example: str, **style: Any) -> dict[str, Any]:
    parameter = {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
    return parameter | {"example": example} | style


_TEXT = {"type": "string"}
_BOX = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
_COUNT = {"type": "integer", "minimum": 1}
_LIST = {"style": "form", "explode": False}
_FACTOR = {"type": "number", "minimum": 0}
"""0 itself is refused; `exclusiveMinimum` means different things in OpenAPI 3.0 and 3.1."""


def coverage_operation() -> dict[str, Any]:
    """Describe the query, which the route reads by itself and FastAPI does not know."""
    parameters = [*_region(), *_choice(), *_size()]
    for parameter in parameters:
        if parameter["schema"].get("type") in ("array", "number", "integer"):
            del parameter["example"]  # must be of the schema's type
    return {"parameters": parameters}


def _region() -> list[dict[str, Any]]:
    return [
        _query(
            "bbox",
            "west,south,east,north in degrees (CRS84), or as bbox-crs says; west > east crosses the antimeridian. "
            "Takes every whole cell that the box meets.",
            _BOX,
            "170,-10,-170,10",
            **_LIST,
        ),
        _query("bbox-crs", "CRS of bbox, in whose axis order its numbers are.", _TEXT, "[EPSG:3857]"),
        _query(
            "subset",
            "Intervals by axis: Lat, Lon in degrees; x, y or E, N in the CRS of the grid, or in subset-crs; time in "
            "quotation marks; levels by the name of their axis or by level; "
            "members of an ensemble by member. An asterisk is an open end.",
            _TEXT,
            'Lat(-10:10),Lon(170:190),time("2006-04-01":"2006-06-30")',
        ),
        _query("subset-crs", "CRS of the coordinates in subset.", _TEXT, "[EPSG:3857]"),
        _query("datetime", "A time or an interval; a GeoTIFF holds one time, by default the latest.", _TEXT, "2006-05"),
        _query("part", "One of the sheets that a time is cut into; absent: all of them as one.", _TEXT, "n30e100"),
    ]


def _choice() -> list[dict[str, Any]]:
    formats = {"type": "string", "enum": [str(format_) for format_ in CoverageFormat]}
    return [
        _query("properties", "Variables, joined by commas; by default the first.", _TEXT, "v", **_LIST),
        _query("exclude-properties", "Variables to leave out; empty: all are answered.", _TEXT, "v", **_LIST),
        _query("f", "The format; wins over Accept. Default: GeoTIFF.", formats, "netcdf"),
    ]


def _size() -> list[dict[str, Any]]:
    kernels = {"type": "string", "enum": list(KERNELS)}
    return [
        _query("crs", "CRS of the answer: CRS84 or any horizontal one of EPSG.", _TEXT, "[EPSG:3857]"),
        _query("resampling", "How other cells than the stored ones are made.", kernels, "nearest"),
        _query("scale-size", "Cells of the answer by axis. Also written scaleSize.", _TEXT, "Lon(360),Lat(180)"),
        _query("scale-factor", "How many times fewer cells on each axis. Also written scaleFactor.", _FACTOR, "2"),
        _query("scale-axes", "How many times fewer cells, by axis.", _TEXT, "Lon(2),Lat(4)"),
        _query("resolution", "Size of a cell, by axis of the answer's CRS.", _TEXT, "Lon(0.5),Lat(0.5)"),
        _query("width", "Columns of the answer.", _COUNT, "360"),
        _query("height", "Rows of the answer.", _COUNT, "180"),
    ]


def coverage_responses() -> dict[int | str, dict[str, Any]]:
    """The answers of the coverage operation."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    types = (GEOTIFF, COG, NETCDF, COVERAGE_JSON, CSV, PNG)
    return {
        200: {"description": "The coverage.", "content": dict.fromkeys(types, binary)},
        400: {"description": "A parameter has a bad value."},
        403: {"description": "The data are not served."},
        404: {
            "description": "No such collection, a region outside the data, or not exactly one time, level or member "
            "for a format that holds one."
        },
        413: {"description": "The answer would be too large; the message says how to ask for less."},
    }
