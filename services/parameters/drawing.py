"""Query parameters that say how an image is drawn: titiler's, bounded, and the background of maps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

from fastapi import HTTPException, Query
from rio_tiler.colormap import cmap
from rio_tiler.errors import RioTilerError
from titiler.core.dependencies import BidxExprParams, ColorMapParams, DatasetParams, ImageRenderingParams

from config.errors import InvalidParameter
from services.drawing import expressions
from services.drawing.backgrounds import MapBackground, parse_background
from services.drawing.rendering import MAX_COLORS, ColorMap, Range, Rendering
from services.web.context import ContextDep
from services.web.dependencies import inline

MAX_BANDS = 4
MAX_FORMULA = 200
_MAX_COLORMAP = 20_000


@dataclass
class LayerParams(BidxExprParams):
    """titiler's `bidx` and `expression`, bounded."""

    def __post_init__(self) -> None:
        """Refuse what would cost too much; raises InvalidParameter."""
        if self.indexes is not None and not 1 <= len(self.indexes) <= MAX_BANDS:
            raise InvalidParameter("bidx", self.indexes[:10], f"at most {MAX_BANDS} bands")
        if self.expression is not None:
            expressions.check(self.expression)


@dataclass
class RenderParams(ImageRenderingParams):
    """titiler's `rescale`, `color_formula` and `return_mask`, bounded, and the scale of the colours."""

    color_scale: Annotated[
        Literal["linear", "log"] | None,
        Query(description="How values spread over the colours, linear or log; absent: as the style says of its range."),
    ] = None

    def __post_init__(self) -> None:
        """Refuse invalid ranges and long formulas; raises InvalidParameter."""
        try:
            super().__post_init__()
        except (ValueError, AssertionError) as error:
            raise InvalidParameter("rescale", self.rescale, "give two numbers for each range, as 0,30") from error
        if len(self.ranges or ()) > MAX_BANDS:
            raise InvalidParameter("rescale", self.rescale, f"at most {MAX_BANDS} ranges")
        for low, high in self.ranges or ():
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise InvalidParameter("rescale", f"{low},{high}", "two numbers are needed, the smaller first")
        if len(self.color_formula or "") > MAX_FORMULA:
            raise InvalidParameter("color_formula", self.color_formula, f"at most {MAX_FORMULA} characters")

    @property
    def ranges(self) -> list[Range] | None:
        """`rescale` as titiler leaves it: numbers, whatever its annotation says."""
        return cast("list[Range] | None", self.rescale)


def own_colormap(
    colormap_name: Annotated[
        Literal[tuple(cmap.list())] | None,  # type: ignore[valid-type]  # the names that rio-tiler has
        Query(description="Name of a colour map."),
    ] = None,
    colormap: Annotated[
        str | None, Query(max_length=_MAX_COLORMAP, description="A colour map as JSON: colours by value.")
    ] = None,
) -> ColorMap | None:
    """Return the request's own colour map; raises InvalidParameter."""
    if colormap_name is None and colormap is None:
        return None
    remedy = f'JSON such as {{"0": [255, 0, 0, 255]}} of at most {MAX_COLORS} colours is needed'
    try:
        parsed = ColorMapParams(colormap_name=colormap_name, colormap=colormap)
        colors = list(parsed.values()) if isinstance(parsed, dict) else [color for _, color in parsed]
        ends = [] if isinstance(parsed, dict) else [float(end) for (low, high), _ in parsed for end in (low, high)]
    except (RioTilerError, HTTPException, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidParameter("colormap", colormap, remedy) from error
    if not 1 <= len(colors) <= MAX_COLORS or not all(_is_color(c) for c in colors) or not all(map(math.isfinite, ends)):
        raise InvalidParameter("colormap", colormap, remedy)
    return cast("ColorMap", parsed)


def _is_color(color: Any) -> bool:
    return len(color) == 4 and all(0 <= int(part) <= 255 for part in color)


def map_rendering(
    layer: Annotated[LayerParams, inline(LayerParams)],
    render: Annotated[RenderParams, inline(RenderParams)],
    colormap: Annotated[ColorMap | None, inline(own_colormap)],
) -> Rendering:
    """Combine the rendering parameters that a map takes; raises InvalidParameter."""
    return _rendering(layer, render, colormap, DatasetParams(), None)


def rendering(
    context: ContextDep,
    layer: Annotated[LayerParams, inline(LayerParams)],
    dataset: Annotated[DatasetParams, inline(DatasetParams)],
    render: Annotated[RenderParams, inline(RenderParams)],
    colormap: Annotated[ColorMap | None, inline(own_colormap)],
    tilesize: Annotated[int | None, Query(gt=0, description="Edge of the tile in pixels; absent: 256.")] = None,
) -> Rendering:
    """Combine the rendering parameters that a tile takes; raises InvalidParameter."""
    limit = context.settings.limit.tile_size
    if tilesize is not None and tilesize > limit:
        raise InvalidParameter("tilesize", tilesize, f"at most {limit} pixels")
    return _rendering(layer, render, colormap, dataset, tilesize)


def _rendering(
    layer: LayerParams, render: RenderParams, colormap: ColorMap | None, dataset: DatasetParams, tilesize: int | None
) -> Rendering:
    return Rendering(
        bands=tuple(layer.indexes) if layer.indexes else None,
        expression=layer.expression,
        ranges=tuple(render.ranges) if render.ranges else None,
        color_formula=render.color_formula,
        color_scale=render.color_scale,
        add_mask=render.add_mask is not False,
        colormap=colormap,
        nodata=cast("float | None", dataset.nodata),  # titiler turns its text into a number
        resampling=dataset.resampling_method,
        reprojection=dataset.reproject_method,
        tilesize=tilesize,
    )


def background(
    transparent: Annotated[
        bool | None, Query(description="Whether pixels without data are transparent; absent: unless bgcolor is given.")
    ] = None,
    bgcolor: Annotated[
        str | None, Query(max_length=40, description="Colour of pixels without data: RRGGBB, 0xRRGGBB or a CSS name.")
    ] = None,
) -> MapBackground:
    """Return the background of a request; raises InvalidParameter."""
    return parse_background(bgcolor, transparent=transparent)


LayerDep = Annotated[LayerParams, inline(LayerParams)]
DatasetDep = Annotated[DatasetParams, inline(DatasetParams)]
RenderingDep = Annotated[Rendering, inline(rendering)]
MapRenderingDep = Annotated[Rendering, inline(map_rendering)]
BackgroundDep = Annotated[MapBackground, inline(background)]
