"""The path dependency of titiler's points and statistics: which raster a request takes its numbers from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request, Response

from services.access.visit import VisitDep
from services.parameters.granules import GranuleRequestDep
from services.selection.opening import numbers
from services.selection.opening.numbers import NumberSource
from services.selection.selection import resolve
from services.web.documents.extents import moment_header

if TYPE_CHECKING:
    from config.grids import Grid
    from records.datasets.granule_selection import Footprint


def number_source(visit: VisitDep, response: Response, granule: GranuleRequestDep) -> NumberSource:
    """Find the raster of a request. Where a time has several parts, those that hold the point, else all as one.

    Sets Content-Datetime. Raises NotFound, AccessRestricted, InvalidParameter, TooLarge, or InvalidInput where parts
    are of unlike cells.
    """
    selection = resolve(visit.readable()[0], granule)
    grid = selection.variable.grid
    source = numbers.number_source(visit.context, selection, meeting=lambda: point_of(visit.request, grid))
    response.headers.update(moment_header([source.time] if source.time else []))
    return source


def point_of(request: Request, grid: Grid) -> Footprint | None:
    """The point in the path of a request; None where there is none, or an invalid one, which the route refuses."""
    try:
        x, y = (float(request.path_params[name]) for name in ("lon", "lat"))
    except (KeyError, ValueError):
        return None
    return numbers.point_footprint(x, y, request.query_params.get("coord_crs"), grid)
