"""The coverage operation's parameters and answers for /api, in OpenAPI 3.0 words."""

from __future__ import annotations

from typing import Any

from config.vocabulary import GEOTIFF, NETCDF


def _query(name: str, description: str, schema: dict[str, Any], example: str, **style: Any) -> dict[str, Any]:  # noqa: ANN401 - OpenAPI members
    found = {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
    return found | {"example": example} | style


_TEXT = {"type": "string"}
_BOX = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
_FACTOR = {"type": "number", "minimum": 0}
"""0 itself is refused; `exclusiveMinimum` means different things in OpenAPI 3.0 and 3.1."""


def coverage_operation() -> dict[str, Any]:
    """What FastAPI does not derive from the route, which reads its query by itself."""
    list_style = {"style": "form", "explode": False}
    parameters = [
        _query(
            "bbox",
            "west,south,east,north in degrees (CRS84); west > east crosses the antimeridian. Takes every whole cell "
            "that the box meets.",
            _BOX,
            "170,-10,-170,10",
            **list_style,
        ),
        _query(
            "subset",
            "Intervals by axis: Lat, Lon in degrees; x, y or E, N in the CRS of the grid; time in quotation marks. "
            "An asterisk is an open end.",
            _TEXT,
            'Lat(-10:10),Lon(170:190),time("2006-04-01":"2006-06-30")',
        ),
        _query("datetime", "A time or an interval; a GeoTIFF holds one time, by default the latest.", _TEXT, "2006-05"),
        _query("properties", "Variables, joined by commas; by default the first.", _TEXT, "v", **list_style),
        _query("scale-size", "Cells of the answer by axis. Also written scaleSize.", _TEXT, "Lon(360),Lat(180)"),
        _query("scale-factor", "How many times fewer cells on each axis. Also written scaleFactor.", _FACTOR, "2"),
        _query("scale-axes", "How many times fewer cells, by axis.", _TEXT, "Lon(2),Lat(4)"),
        _query("resolution", "Size of a cell, by axis.", _TEXT, "Lon(0.5),Lat(0.5)"),
        _query(
            "f",
            "The format; wins over Accept. Default: GeoTIFF.",
            {"type": "string", "enum": ["geotiff", "netcdf"]},
            "netcdf",
        ),
    ]
    for parameter in parameters:
        if parameter["schema"].get("type") in ("array", "number"):
            del parameter["example"]  # must be of the schema's type
    return {"parameters": parameters}


def coverage_responses() -> dict[int | str, dict[str, Any]]:
    """The answers of the coverage operation."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        200: {"description": "The coverage.", "content": {GEOTIFF: binary, NETCDF: binary}},
        400: {"description": "A parameter has a bad value."},
        403: {"description": "The data are not served."},
        404: {"description": "No such collection, no such time, or a region outside the data."},
        413: {"description": "The answer would be too large; the message says how to ask for less."},
    }
