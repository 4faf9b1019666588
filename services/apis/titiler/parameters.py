"""titiler's parameters of sizes, tiles and regions, bounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Query, Request
from pydantic import Field
from titiler.core.dependencies import DefaultDependency, PartFeatureParams, PreviewParams, TileParams

from config.errors import InvalidParameter
from services.drawing import formats
from services.drawing.tiles.matrix_sets import builtin, builtin_ids
from services.parameters.statistics import MAX_SIZE
from services.web.context import ContextDep

MAX_BUFFER: Final = 64
"""Most pixels that a buffer or a padding adds on each side."""
MAX_COVER_SCALE: Final = 100
_BUFFER: Final = "Pixels more on each side, a multiple of 0.5."

# sizes stand in the query or in the path, so that they are `Field`, as titiler's
_Edge = Annotated[int | None, Field(gt=0, le=MAX_SIZE, description="Pixels.")]


@dataclass
class PreviewSize(PreviewParams):
    """The size of a preview."""

    max_size: Annotated[int, Field(gt=0, le=MAX_SIZE, description="Longest edge, pixels.")] = 1024
    height: _Edge = None
    width: _Edge = None


@dataclass
class RegionSize(PartFeatureParams):
    """The size of the image of a region; absent: that of its cells."""

    max_size: Annotated[int | None, Field(gt=0, le=MAX_SIZE, description="Longest edge, pixels.")] = None
    height: _Edge = None
    width: _Edge = None


@dataclass
class TileOptions(TileParams):
    """titiler's `buffer` and `padding` of a tile."""

    buffer: Annotated[float | None, Query(gt=0, le=MAX_BUFFER, multiple_of=0.5, description=_BUFFER)] = None
    padding: Annotated[
        int | None,
        Query(gt=0, le=MAX_BUFFER, description="Accepted: resampling reads the neighbours that it needs anyway."),
    ] = None


@dataclass
class CoverOptions(DefaultDependency):
    """How finely cells are divided to weigh those at the edge of a polygon."""

    cover_scale: Annotated[
        int, Query(gt=0, le=MAX_COVER_SCALE, description="Parts of a cell's edge, to find how much a polygon covers.")
    ] = 10


def require_tile_size(
    context: ContextDep, tilesize: Annotated[int | None, Query(gt=0, description="Edge of a tile in pixels.")] = None
) -> None:
    """Raise InvalidParameter for a larger tile than the settings allow."""
    limit = context.settings.limit.tile_size
    if tilesize is not None and tilesize > limit:
        raise InvalidParameter("tilesize", tilesize, f"at most {limit} pixels")


def require_zooms(request: Request) -> None:
    """Raise InvalidParameter for zooms that a tile matrix set does not have: titiler would make them up, one by one."""
    name = request.path_params.get("tileMatrixSetId")
    if name not in builtin_ids():
        return
    for parameter in ("minzoom", "maxzoom"):
        text = request.query_params.get(parameter, "")
        most = builtin(name).definition.maxzoom
        if text.lstrip("+-").isdecimal() and not 0 <= int(text) <= most:
            raise InvalidParameter(parameter, text, f"{name} has zooms from 0 to {most}")


def require_format(request: Request) -> None:
    """Raise InvalidParameter for a format that is not served, in the path or as `tile_format`."""
    for name in (request.path_params.get("format"), request.query_params.get("tile_format")):
        if name is not None:
            formats.named(name)
