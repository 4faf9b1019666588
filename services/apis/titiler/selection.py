"""titiler's path dependencies: the raster of a request, opened to its sender, and the headers of its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends, Request
from titiler.core.dependencies import DefaultDependency

from services.access.visit import VisitDep
from services.drawing import formats
from services.drawing.freshness import Freshness, is_known, sorted_query
from services.drawing.rendering import Coloring, ColorMap
from services.drawing.styles import style_of
from services.drawing.tiles.matrices import address, draws_from, footprint_of
from services.parameters.drawing import MapRenderingDep
from services.parameters.granules import GranuleRequestDep, StyleQuery
from services.parameters.matrix_sets import matrix_sets_of
from services.parameters.numbers import point_of
from services.selection.opening.numbers import NumberSource, number_source
from services.selection.opening.pictures import picture_source
from services.selection.selection import Selection, resolve
from services.web.context import ContextDep

if TYPE_CHECKING:
    from cog.reading.mosaic import Mosaic
    from cog.tiles.source import RasterSource
    from services.access.decision import Decision

_STATE: Final = "titiler_headers"


class UnchangedError(Exception):
    """The client holds the answer already: it gets 304 with the headers."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__()
        self.headers = headers


@dataclass(frozen=True, kw_only=True)
class ReadableSelection:
    """A selection whose data the sender of the request may read, and the decision that says so."""

    selection: Selection
    decision: Decision


def readable_selection(visit: VisitDep, granule: GranuleRequestDep) -> ReadableSelection:
    """Resolve what a request means; raises NotFound, AccessRestricted or InvalidInput."""
    dataset, decision = visit.readable()
    return ReadableSelection(selection=resolve(dataset, granule), decision=decision)


AccessDep = Annotated[ReadableSelection, Depends(readable_selection)]


def number_raster(request: Request, context: ContextDep, access: AccessDep) -> NumberSource:
    """Find the one raster of a request: the granule, the parts that hold its point, or all parts of the time.

    Raises GranuleNotFound, TooLarge, InvalidInput where parts are of unlike cells, or UnchangedError.
    """
    selection = access.selection
    grid = selection.variable.grid
    source = number_source(context, selection, meeting=lambda: point_of(request, grid))
    _state_headers(request, access, source.checksums, source.time)
    return source


def tile_raster(request: Request, context: ContextDep, access: AccessDep) -> RasterSource | Mosaic[RasterSource]:
    """Find what a tile is drawn from: the granule, or the parts that it meets.

    Raises TileOutsideMatrix, GranuleNotFound, TooLarge, or UnchangedError.
    """
    path = request.path_params
    matrix_set = matrix_sets_of(request)[path["tileMatrixSetId"]]
    where = address(matrix_set, matrix=path["z"], row=path["y"], column=path["x"])
    selection = access.selection
    grid, size = selection.variable.grid, request.query_params.get("tilesize", "")
    picture = picture_source(
        context,
        selection,
        meeting=lambda: footprint_of(where, grid),
        coarse=lambda overview: draws_from(overview, where, int(size) if size.isdecimal() else None, grid),
    )
    _state_headers(request, access, picture.checksums, picture.granules[0].time)
    return picture.raster


def coloring(request: Request, access: AccessDep, rendering: MapRenderingDep, style: StyleQuery = None) -> Coloring:
    """Combine the rendering of a request with its style; raises StyleNotFound or InvalidParameter."""
    variable = access.selection.variable
    image = formats.named(request.path_params.get("format") or "png")
    return rendering.coloring(variable, style_of(variable, style), image)


ColoringDep = Annotated[Coloring, Depends(coloring)]


class RenderOptions(DefaultDependency):
    """Keyword arguments of `services.drawing.rendering.draw`, in the form in which titiler takes them."""

    def __init__(self, coloring: ColoringDep) -> None:
        self._options = coloring.options()

    def as_dict(self, exclude_none: bool = True) -> dict[str, Any]:
        """Return the keyword arguments."""
        return {name: value for name, value in self._options.items() if not exclude_none or value is not None}


def request_colormap(coloring: ColoringDep) -> ColorMap | None:
    """Return the colours to draw in: the request's own, else those of the style."""
    return coloring.colormap


def answer_headers(request: Request) -> dict[str, str]:
    """Return the headers that the raster of a request gives its answer."""
    headers: dict[str, str] = getattr(request.state, _STATE, {})
    return headers


def _state_headers(request: Request, access: ReadableSelection, checksums: tuple[str, ...], time: str | None) -> None:
    """Note the headers of the answer; raises UnchangedError if the client holds it."""
    fresh = Freshness(
        dataset=access.selection.dataset,
        checksums=checksums,
        query=sorted_query(request.query_params.multi_items()),
        media_type="",
        time=time,
        may_advance=access.selection.may_advance,
    )
    headers = fresh.headers(request.url.path, access.decision)
    if request.method != "GET":  # answers to POST are cached nowhere, and a restricted one says so
        headers = {name: value for name, value in headers.items() if name in ("Content-Datetime", "Vary")}
        setattr(request.state, _STATE, headers | {"Cache-Control": "private, no-store"})
        return
    conditions = request.headers
    if is_known(
        headers,
        if_none_match=conditions.get("if-none-match"),
        if_modified_since=conditions.get("if-modified-since"),
    ):
        raise UnchangedError(headers)
    setattr(request.state, _STATE, headers)
