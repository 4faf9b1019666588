"""The point in the path of a request, and the CRSs that titiler's parameters name."""

from __future__ import annotations

import math
from typing import Annotated, Final

from fastapi import Path, Request

from config.errors import InvalidParameter
from services.web.crs import parse_crs

_LATITUDE: Final = 90.0
_LONGITUDE: Final = 720.0
"""Clients that pan round the globe count on past 180 degrees; two turns are enough."""

_COORDINATE: Final = 1e8
"""No projected CRS reaches farther (the earth is 4e7 m around); PROJ computes on 1e308 without end."""
_CRS_NAMES: Final = ("coord_crs", "dst_crs", "crs")


def require_valid_point(
    request: Request,
    lon: Annotated[float, Path(description="Longitude, degrees east.")],
    lat: Annotated[float, Path(description="Latitude, degrees north.")],
) -> None:
    """Refuse a point that cannot be; with `coord_crs` its numbers are of that CRS. Raises InvalidParameter."""
    geographic = not request.query_params.get("coord_crs")
    for name, value, limit in (("lon", lon, _LONGITUDE), ("lat", lat, _LATITUDE)):
        if not math.isfinite(value):
            raise InvalidParameter(name, value, "a finite number is needed")
        if geographic and abs(value) > limit:
            raise InvalidParameter(name, value, f"degrees from {-limit:g} to {limit:g} are needed")
        if abs(value) > _COORDINATE:
            raise InvalidParameter(name, value, f"a coordinate from {-_COORDINATE:g} to {_COORDINATE:g} is needed")


def require_registered_crs(request: Request) -> None:
    """Raise InvalidParameter for a CRS that is not named by a register: GDAL would read files and URLs for others."""
    for name in _CRS_NAMES:
        for text in request.query_params.getlist(name):
            parse_crs(text, name=name)
