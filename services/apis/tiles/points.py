"""The value at a point and the statistics of a granule, by titiler's endpoints."""

from __future__ import annotations

import math
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from titiler.core.models.responses import Point, Statistics
from titiler.core.resources.responses import JSONResponse

from config.errors import InvalidParameter
from services.apis.tiles.factory import endpoint
from services.selection.numbers import NumberSource
from services.web.dependencies import quick
from services.web.parameters import KNOWN, json_only

if TYPE_CHECKING:
    from collections.abc import Callable

    from titiler.core.factory import TilerFactory

_C = "/collections/{collectionId}/map"
_LATITUDE: Final = 90.0
_LONGITUDE: Final = 720.0
"""Clients that pan round the globe count on past 180 degrees; two turns are enough."""

_COORDINATE: Final = 1e8
"""No projected CRS reaches farther (the earth is 4e7 m around); PROJ computes on 1e308 without end."""


class PointAnswer(Point):
    """titiler's answer, and what the values are: variable, unit, and the labels of time and level."""

    variable: str
    unit: str | None
    time: str | None
    level: str | None


def checked_point(
    request: Request,
    lon: Annotated[float, Path(description="Longitude, degrees east.")],
    lat: Annotated[float, Path(description="Latitude, degrees north.")],
) -> None:
    """Refuse a point that is none; with `coord_crs` its numbers are of that CRS. Raises InvalidParameter."""
    geographic = not request.query_params.get("coord_crs")
    for name, value, limit in (("lon", lon, _LONGITUDE), ("lat", lat, _LATITUDE)):
        if not math.isfinite(value):
            raise InvalidParameter(name, value, "a finite number is needed")
        if geographic and abs(value) > limit:
            raise InvalidParameter(name, value, f"degrees from {-limit:g} to {limit:g} are needed")
        if abs(value) > _COORDINATE:
            raise InvalidParameter(name, value, f"a coordinate from {-_COORDINATE:g} to {_COORDINATE:g} is needed")


def point_router(factory: TilerFactory) -> APIRouter:
    """Routes over a factory's `/point` and `/statistics`, in physical units; NaN is null."""
    router = APIRouter(tags=["Values"], dependencies=[KNOWN, quick(json_only)])
    shared: dict[str, Any] = {"methods": ["GET"], "response_class": JSONResponse}
    router.add_api_route(
        _C + "/point/{lon},{lat}",
        _told(endpoint(factory, "/point/{lon},{lat}")),
        response_model=PointAnswer,
        operation_id=".collection.map.getPoint",
        dependencies=[quick(checked_point)],
        **shared,
    )
    router.add_api_route(
        _C + "/statistics",
        endpoint(factory, "/statistics"),
        response_model=Statistics,
        operation_id=".collection.map.getStatistics",
        **shared,
    )
    return router


def _told(point: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A point endpoint that also says what the values are."""

    @wraps(point)
    def call(*args: Any, src_path: NumberSource, **kwargs: Any) -> dict[str, Any]:
        told = {name: getattr(src_path, name) for name in ("variable", "unit", "time", "level")}
        return point(*args, src_path=src_path, **kwargs) | told

    return call
