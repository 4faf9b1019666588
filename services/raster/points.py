"""The value at a point and the statistics of a granule, by titiler's endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from titiler.core.models.responses import Point, Statistics
from titiler.core.resources.responses import JSONResponse

from services.raster.factory import endpoint

if TYPE_CHECKING:
    from titiler.core.factory import TilerFactory

_C = "/collections/{collectionId}/map"


def point_router(factory: TilerFactory) -> APIRouter:
    """Routes over a factory's `/point` and `/statistics`, in physical units; NaN is null."""
    router = APIRouter(tags=["Values"])
    shared: dict[str, Any] = {"methods": ["GET"], "response_class": JSONResponse}
    router.add_api_route(
        _C + "/point/{lon},{lat}",
        endpoint(factory, "/point/{lon},{lat}"),
        response_model=Point,
        operation_id=".collection.map.getPoint",
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
