"""The answer with one tile, whatever the standard of its request: from a cache, by a plan, or by rio-tiler."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from starlette.responses import Response

from config.errors import InvalidParameter
from services.drawing import formats
from services.drawing.freshness import Freshness, is_known
from services.drawing.tiles.image import draw_tile
from services.drawing.tiles.matrices import Address, draws_from, footprint_of
from services.drawing.tiles.paths import split_path
from services.drawing.tiles.tile_plan import location_headers, plan_of
from services.selection.opening.pictures import picture_source

if TYPE_CHECKING:
    from starlette.requests import Request
    from titiler.core.resources.enums import ImageType

    from records.datasets.models import Style
    from records.datasets.publication import MosaicOverview
    from services.access.decision import Decision
    from services.drawing.rendering import Rendering
    from services.drawing.tiles.matrices import TileLimits
    from services.drawing.tiles.paths import SplitPath
    from services.drawing.tiles.plans import TilePlans
    from services.drawing.tiles.tile_cache import TileCache
    from services.selection.opening.pictures import PictureSource
    from services.selection.selection import Selection
    from services.web.context import Context


_PLACE = frozenset({"tilematrix", "tilerow", "tilecol"})
"""Keywords of WMTS that say which tile of its kind a request means, in lower case."""
_NONE = -1


@dataclass(frozen=True, kw_only=True)
class TileRequest:
    """A tile that a request means.

    Attributes:
        selection: What it shows.
        style: In which colours.
        where: The tile.
        rendering: The request's own rendering.
        image: The format.
        limits: The tiles that requests of this kind may mean; None: all of the matrix set.
    """

    selection: Selection
    style: Style
    where: Address
    rendering: Rendering
    image: ImageType
    limits: TileLimits | None = None


def answer_tile(request: Request, context: Context, decision: Decision, tile: TileRequest) -> Response:
    """Answer a tile, or 304 if the client has it. Raises GranuleNotFound, InvalidParameter or TooLarge."""
    grid = tile.selection.variable.grid
    picture = picture_source(
        context,
        tile.selection,
        meeting=lambda: footprint_of(tile.where, grid),
        coarse=lambda overview: draws_from(overview, tile.where, tile.rendering.tilesize, grid),
    )
    _require_bands(picture, tile.rendering)
    split = split_path(request.scope, request.scope["path"])
    query = [(name, value) for name, value in request.query_params.multi_items() if name.lower() not in _PLACE]
    fresh = Freshness.of(picture, query, formats.MEDIA_TYPES[tile.image])
    headers = fresh.headers(request.url.path if split is None else split.identity, decision)
    if is_known(
        headers,
        if_none_match=request.headers.get("if-none-match"),
        if_modified_since=request.headers.get("if-modified-since"),
    ):
        return Response(status_code=304, headers=headers)
    cache: TileCache = request.app.state.tile_cache
    cached = cache.get(headers)
    if cached is not None:
        return Response(cached.content, headers=headers | cached.headers)
    answer = _draw_by_plan(request.app.state.tile_plans, picture, tile, fresh, split) or _draw(picture, tile)
    answer.headers.update(headers | cache.keep(headers, bytes(answer.body), dict(answer.headers)))
    return answer


def _draw(picture: PictureSource, tile: TileRequest) -> Response:
    """Draw the tile by rio-tiler's way of reading."""
    coloring = tile.rendering.coloring(picture.variable, tile.style, tile.image)
    drawn = draw_tile(picture.raster, tile.where, tile.rendering, coloring, tile.image)
    return Response(drawn.content, media_type=drawn.media_type, headers=location_headers(tile.where, drawn.bounds))


def _draw_by_plan(
    plans: TilePlans, picture: PictureSource, tile: TileRequest, fresh: Freshness, split: SplitPath | None
) -> Response | None:
    """Draw the tile by a plan; None where only titiler's way can draw it.

    The plan is kept for the next tile of its kind, unless that tile may show other granules.
    """
    if not plans.is_on:
        return None
    plan = plan_of(picture, tile.style, tile.rendering, tile.image, tile.where.matrix_set, fresh, tile.limits)
    if plan is None:
        return None
    if picture.overview is not None:
        plan = replace(plan, finest=_finest(picture.overview, tile))
    content = plan.draw(tile.where)
    if split is not None and (plan.finest is not None or not picture.depends_on_place) and plan.finest != _NONE:
        plans.learn(split.key, plan)
    if content is None:
        return None
    return Response(content, media_type=formats.MEDIA_TYPES[tile.image], headers=plan.headers(tile.where))


def _finest(overview: MosaicOverview, tile: TileRequest) -> int:
    """The last matrix whose tiles are drawn from an overview across sheets; _NONE if this one is for another reason."""
    matrix, grid = tile.where.matrix, tile.selection.variable.grid
    if not draws_from(overview, tile.where, tile.rendering.tilesize, grid):
        return _NONE
    for finer in sorted(number for number in tile.where.matrix_set.matrices if number > matrix):
        where = Address(matrix_set=tile.where.matrix_set, matrix=finer, row=0, column=0)
        if not draws_from(overview, where, tile.rendering.tilesize, grid):
            break
        matrix = finer
    return matrix


def _require_bands(picture: PictureSource, rendering: Rendering) -> None:
    for band in rendering.bands or ():
        if not 1 <= band <= picture.variable.band_count:
            raise InvalidParameter("bidx", band, f"the variable has bands 1 to {picture.variable.band_count}")
