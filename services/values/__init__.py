"""Values of a collection as numbers: at points, as time series, and the statistics of a box."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import APIRouter


def routers() -> list[APIRouter]:
    """The routers of this package, with full paths."""
    from services.values import position, statistics  # noqa: PLC0415 - as the other parts

    return [position.router, statistics.router]
