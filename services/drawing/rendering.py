"""How an image is coloured: titiler's parameters, bounded, above the catalogue's style."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import numpy as np
from fastapi import HTTPException, Query
from rio_tiler.colormap import apply_cmap, cmap
from rio_tiler.errors import RioTilerError
from titiler.core.dependencies import BidxExprParams, ColorMapParams, DatasetParams, ImageRenderingParams
from titiler.core.resources.enums import ImageType
from titiler.core.utils import render_image

from cog.tiles import render
from cog.tiles.encode import Colored, Format, encode
from cog.tiles.render import Drawing, reference
from config.errors import InvalidParameter
from services.drawing import expressions
from services.drawing.formats import MEDIA_TYPES, PICTURES
from services.web.context import ContextDep
from services.web.dependencies import quick

if TYPE_CHECKING:
    from rio_tiler.models import ImageData

    from records.datasets.models import Style, Variable

ColorMap = render.ColorMap

MAX_BANDS = 4
MAX_FORMULA = 200
MAX_COLORS = 256
_MAX_COLORMAP = 20_000
_OPAQUE = 255
_FILES: dict[ImageType, Format] = {ImageType.png: "png", ImageType.webp: "webp", ImageType.jpeg: "jpg"}


@dataclass
class LayerParams(BidxExprParams):
    """titiler's `bidx` and `expression`, bounded."""

    def __post_init__(self) -> None:
        """Refuse what would cost too much."""
        if self.indexes is not None and not 1 <= len(self.indexes) <= MAX_BANDS:
            raise InvalidParameter("bidx", self.indexes[:10], f"at most {MAX_BANDS} bands")
        if self.expression is not None:
            expressions.check(self.expression)


@dataclass
class RenderParams(ImageRenderingParams):
    """titiler's `rescale`, `color_formula` and `return_mask`, bounded."""

    def __post_init__(self) -> None:
        """Refuse ranges that are none."""
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
    def ranges(self) -> list[tuple[float, float]] | None:
        """`rescale` as titiler leaves it: numbers, whatever its annotation says."""
        return cast("list[tuple[float, float]] | None", self.rescale)


@dataclass
class DrawParams(RenderParams):
    """What is handed to `draw`: a request's own parameters and, where it leaves them open, those of the style."""

    logarithmic: bool = False
    """Whether values spread by their decimal logarithm."""


def own_colormap(
    colormap_name: Annotated[
        Literal[tuple(cmap.list())] | None,  # type: ignore[valid-type]  # the names that rio-tiler has
        Query(description="Name of a colour map."),
    ] = None,
    colormap: Annotated[
        str | None, Query(max_length=_MAX_COLORMAP, description="A colour map as JSON: colours by value.")
    ] = None,
) -> ColorMap | None:
    """The request's own colour map; raises InvalidParameter."""
    if colormap_name is None and colormap is None:
        return None
    remedy = f'JSON such as {{"0": [255, 0, 0, 255]}} of at most {MAX_COLORS} colours is needed'
    try:
        found = ColorMapParams(colormap_name=colormap_name, colormap=colormap)
        colors = list(found.values()) if isinstance(found, dict) else [color for _, color in found]
        ends = [] if isinstance(found, dict) else [float(end) for (low, high), _ in found for end in (low, high)]
    except (RioTilerError, HTTPException, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidParameter("colormap", colormap, remedy) from error
    if not 1 <= len(colors) <= MAX_COLORS or not all(_is_color(c) for c in colors) or not all(map(math.isfinite, ends)):
        raise InvalidParameter("colormap", colormap, remedy)
    return cast("ColorMap", found)


def _is_color(color: Any) -> bool:
    return len(color) == 4 and all(0 <= int(part) <= 255 for part in color)


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """A request's own rendering parameters; what it leaves open comes from the style."""

    layer: LayerParams
    dataset: DatasetParams
    render: RenderParams
    colormap: ColorMap | None
    tilesize: int | None

    @property
    def is_plain(self) -> bool:
        """Whether it asks for nothing that only titiler's way can do: nearest cells, no arithmetic, no formula."""
        dataset = self.dataset
        methods = {dataset.resampling_method, dataset.reproject_method} - {None, "nearest"}
        own = (self.layer.expression, methods, dataset.nodata is not None, self.render.color_formula)
        return self.render.add_mask is not False and not any(own)

    def colored(self, variable: Variable, style: Style, image: ImageType) -> tuple[DrawParams, ColorMap | None]:
        """The range and colour map to draw with: the request's own, else those of the style for a picture.

        Values (npy, GeoTIFF) stay as they are unless the request colours them. A logarithmic style is drawn so within
        its own range; a range of the request's own is linear, as titiler's.
        Raises InvalidParameter if an expression leaves the range open.
        """
        own = DrawParams(color_formula=self.render.color_formula, add_mask=self.render.add_mask)
        own.rescale = self.render.rescale
        if image not in PICTURES and self.colormap is None:
            return own, None
        ranges, colors = self.render.ranges, self.colormap
        if self.layer.expression:
            if ranges is None and not _takes_values(colors):
                raise InvalidParameter("rescale", None, "an expression needs the range of its values, as rescale=0,1")
        elif variable.kind == "rgb":
            ranges = ranges or _byte_range(variable.dtype)
        elif variable.kind == "categorical" and variable.classes:
            colors = colors if colors or ranges else class_colormap(variable)
        else:
            if ranges is None and not _takes_values(colors):
                ranges = _ranges(style, variable)
                own.logarithmic = style.scale == "log" and ranges is not None and ranges[0][0] > 0
            if len(self.layer.indexes or ()) <= 1:
                colors = colors or style_colormap(style)
        own.rescale = cast("list[str] | None", ranges)
        return own, colors


def rendering(
    context: ContextDep,
    layer: Annotated[LayerParams, quick(LayerParams)],
    dataset: Annotated[DatasetParams, quick(DatasetParams)],
    render_params: Annotated[RenderParams, quick(RenderParams)],
    colormap: Annotated[ColorMap | None, quick(own_colormap)],
    tilesize: Annotated[int | None, Query(gt=0, description="Edge of the tile in pixels; absent: 256.")] = None,
) -> Rendering:
    """The rendering parameters of a request; raises InvalidParameter."""
    limit = context.settings.limit.tile_size
    if tilesize is not None and tilesize > limit:
        raise InvalidParameter("tilesize", tilesize, f"at most {limit} pixels")
    return Rendering(layer=layer, dataset=dataset, render=render_params, colormap=colormap, tilesize=tilesize)


def plain_rendering() -> Rendering:
    """The rendering of a request that leaves everything to the style."""
    return Rendering(layer=LayerParams(), dataset=DatasetParams(), render=RenderParams(), colormap=None, tilesize=None)


RenderingDep = Annotated[Rendering, quick(rendering)]


def _takes_values(colors: ColorMap | None) -> bool:
    """Whether a colour map is looked up by values as they are, not by bytes: intervals, or colours of single values."""
    return colors is not None and (isinstance(colors, list) or set(colors) != set(range(MAX_COLORS)))


def class_colormap(variable: Variable) -> ColorMap:
    """Stored value to (red, green, blue, alpha) of each class; other values are transparent."""
    return {c.value: c.color for c in variable.classes}


def style_colormap(style: Style) -> ColorMap:
    """The style's colour map; raises InvalidParameter if rio-tiler has none of that name."""
    name = (style.colormap or "viridis").lower()
    try:
        return cast("ColorMap", cmap.get(name))
    except RioTilerError as error:
        raise InvalidParameter("style", style.id, f"its colour map {name} is unknown") from error


def _ranges(style: Style, variable: Variable) -> list[tuple[float, float]] | None:
    if style.range is not None:
        return [style.range]
    return _byte_range(variable.dtype)


def _byte_range(dtype: str) -> list[tuple[float, float]] | None:
    """The range that shows a dtype's values in bytes; None for bytes."""
    kind = np.dtype(dtype)
    if kind == np.uint8:
        return None
    if kind.kind in "iu":
        return [(float(np.iinfo(dtype).min), float(np.iinfo(dtype).max))]
    return [(0.0, 1.0)]


def draw(
    image: ImageData,
    output_format: ImageType | None = None,
    colormap: ColorMap | None = None,
    *,
    add_mask: bool = True,
    rescale: list[tuple[float, float]] | None = None,
    color_formula: str | None = None,
    logarithmic: bool = False,
) -> tuple[bytes, str]:
    """Render as titiler does, but that JPEG is white where masked, WebP is lossless, and PNG is the default."""
    output_format = output_format or ImageType.png
    if rescale and logarithmic:
        image.array = reference(image.array, Drawing(ranges=tuple(rescale), logarithmic=True))
    elif rescale:
        image.rescale(rescale)
    if color_formula:
        try:
            image.apply_color_formula(color_formula)
        except (ValueError, TypeError, IndexError) as error:
            raise InvalidParameter("color_formula", color_formula, f"it does not fit the bands: {error}") from error
    form = _FILES.get(output_format)
    picture = None if form is None else _picture(image, colormap, add_mask=add_mask)
    if form is not None and picture is not None:
        return encode(picture, form), MEDIA_TYPES[output_format]
    if form in ("jpg", "webp"):
        raise InvalidParameter("bidx", image.count, "JPEG and WebP hold one or three bands of bytes; rescale others")
    return render_image(image, colormap=colormap, output_format=output_format, add_mask=add_mask)


def _picture(image: ImageData, colormap: ColorMap | None, *, add_mask: bool) -> Colored | None:
    """One or three bands of bytes as a picture; None for what is none."""
    data = image.data
    valid = image._mask  # noqa: SLF001 - `mask` is of the data's dtype, this one is true where valid
    alpha = np.where(valid, _OPAQUE, 0).astype("uint8")
    if image.alpha_mask is not None and image.alpha_mask.dtype == np.uint8:
        alpha = image.alpha_mask
    if colormap:
        data, colored = apply_cmap(data, colormap)
        alpha = np.where(alpha == 0, 0, colored).astype("uint8")
    if data.dtype != np.uint8 or len(data) not in (1, 3):
        return None
    shown = np.repeat(data, 3, axis=0) if len(data) == 1 else data
    return Colored(bands=shown, alpha=alpha if add_mask and not (alpha == _OPAQUE).all() else None)
