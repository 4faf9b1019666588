"""The drawing of images: a request's own range and colours above those of the catalogue's style."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
from rio_tiler.colormap import apply_cmap, cmap
from rio_tiler.errors import RioTilerError
from rio_tiler.models import ImageData
from titiler.core.resources.enums import ImageType
from titiler.core.utils import render_image

from cog.tiles import render
from cog.tiles.encode import Colored, Format, encode
from cog.tiles.render import Drawing, Spread, reference
from config.errors import InvalidParameter
from services.drawing.formats import MEDIA_TYPES, PICTURES
from services.drawing.imported import imported_colors, imported_ramp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.datasets.models import Style, Variable

ColorMap = render.ColorMap
Range = tuple[float, float]

MAX_COLORS = 256
LOG_REMEDY = "a logarithmic scale needs a range above zero, as rescale=0.1,10"
_RGBA = 4
_OPAQUE = 255
_NEAREST = "nearest"
FILES: dict[ImageType, Format] = {ImageType.png: "png", ImageType.webp: "webp", ImageType.jpeg: "jpg"}
"""The formats of pictures as `cog.tiles.encode` names them."""


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """A request's own rendering, checked; what it leaves open comes from the style.

    Attributes:
        bands: Bands to draw, from 1; None: all but alpha.
        expression: Band arithmetic; None: the bands as they are.
        ranges: Values that are drawn as 0 and 255: one pair for all bands, or one each; None: those of the style.
        color_formula: Colour operations of rio-color; None: none.
        color_scale: How values spread over the colours; None: as the style says of its own range, else evenly.
        add_mask: Whether cells without data are transparent, where the format can be.
        colormap: Colours by value; None: those of the style.
        nodata: Stored value to leave out instead of the variable's own.
        resampling: rasterio's name of the resampling within the CRS of the data.
        reprojection: rasterio's name of the resampling into another CRS.
        tilesize: Edge of a tile in pixels; None: the matrix set's own.
    """

    bands: tuple[int, ...] | None = None
    expression: str | None = None
    ranges: tuple[Range, ...] | None = None
    color_formula: str | None = None
    color_scale: Literal["linear", "log"] | None = None
    add_mask: bool = True
    colormap: ColorMap | None = None
    nodata: float | None = None
    resampling: str | None = None
    reprojection: str | None = None
    tilesize: int | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it needs no more than nearest cells: no arithmetic, no formula, a mask."""
        methods = {self.resampling, self.reprojection} - {None, _NEAREST}
        return self.add_mask and not (self.expression or methods or self.nodata is not None or self.color_formula)

    def reading_options(self) -> dict[str, Any]:
        """Keyword arguments of a rio-tiler reader for what the request says."""
        options = {
            "indexes": self.bands,
            "expression": self.expression,
            "nodata": self.nodata,
            "resampling_method": self.resampling,
            "reproject_method": self.reprojection,
        }
        return {name: value for name, value in options.items() if value is not None}

    def coloring(self, variable: Variable, style: Style, image: ImageType) -> Coloring:
        """Combine the request's own range and colours with those of the style.

        Values (npy, GeoTIFF) stay as they are unless the request colours them. A logarithmic style is drawn so within
        its own range; a range of the request's own is linear, as titiler's, unless it says `color_scale`.
        Raises InvalidParameter if an expression leaves the range open.
        """
        if image not in PICTURES and self.colormap is None:
            return self._colored(self.ranges, None)
        if style.stops and self._is_styled:
            return self._imported(style)
        ranges, colors, logarithmic = self.ranges, self.colormap, False
        if self.expression:
            if ranges is None and not _takes_values(colors):
                raise InvalidParameter("rescale", None, "an expression needs the range of its values, as rescale=0,1")
        elif variable.kind == "rgb":
            ranges = ranges or _byte_range(variable.dtype)
        elif variable.kind == "categorical" and variable.classes:
            colors = colors if colors or ranges else class_colormap(variable)
        else:
            if ranges is None and not _takes_values(colors):
                ranges = _ranges(style, variable)
                logarithmic = style.scale == "log" and ranges is not None and ranges[0][0] > 0
            if len(self.bands or ()) <= 1:
                colors = colors or style_colormap(style)
        return self._colored(ranges, colors, logarithmic=self._is_logarithmic(ranges, style=logarithmic))

    def _is_logarithmic(self, ranges: tuple[Range, ...] | None, *, style: bool) -> bool:
        """Whether values spread by their logarithm: as the request says, else as the style does."""
        if self.color_scale is None:
            return style
        if self.color_scale == "log" and (not ranges or min(low for low, _ in ranges) <= 0):
            raise InvalidParameter("color_scale", "log", LOG_REMEDY)
        return self.color_scale == "log"

    @property
    def _is_styled(self) -> bool:
        """Whether it leaves range, colours and scale to the style."""
        own = (self.ranges, self.colormap, self.color_scale, self.expression)
        return not any(value is not None for value in own)

    def _imported(self, style: Style) -> Coloring:
        """The colours of an imported style at its own values."""
        table = imported_colors(style)
        return replace(self._colored(table.ranges, table.colors), spread=table.spread)

    def _colored(
        self, ranges: tuple[Range, ...] | None, colors: ColorMap | None, *, logarithmic: bool = False
    ) -> Coloring:
        return Coloring(
            ranges=ranges,
            colormap=colors,
            logarithmic=logarithmic,
            color_formula=self.color_formula,
            add_mask=self.add_mask,
        )


@dataclass(frozen=True, kw_only=True)
class Coloring:
    """The way from values to colours.

    Attributes:
        ranges: Values that become 0 and 255, one pair for all bands or one each; None: bytes as they are.
        colormap: Colours by value or byte; None: grey, or true colour.
        logarithmic: Whether values spread by their decimal logarithm.
        spread: How values become bytes instead, where colours stand at uneven values.
        color_formula: Colour operations of rio-color, after the range.
        add_mask: Whether cells without data are transparent.
    """

    ranges: tuple[Range, ...] | None
    colormap: ColorMap | None
    logarithmic: bool = False
    spread: Spread | None = None
    color_formula: str | None = None
    add_mask: bool = True

    def drawing(self) -> Drawing:
        """What a painter needs of it."""
        return Drawing(
            ranges=self.ranges, colors=self.colormap or None, logarithmic=self.logarithmic, spread=self.spread
        )

    def options(self) -> dict[str, Any]:
        """Keyword arguments of `draw`, without the colour map."""
        return {
            "rescale": None if self.ranges is None else list(self.ranges),
            "color_formula": self.color_formula,
            "logarithmic": self.logarithmic,
            "spread": self.spread,
            "add_mask": self.add_mask,
        }


def _takes_values(colors: ColorMap | None) -> bool:
    """Whether a colour map is looked up by values as they are, not by bytes: intervals, or colours of single values."""
    return colors is not None and (isinstance(colors, list) or set(colors) != set(range(MAX_COLORS)))


def class_colormap(variable: Variable) -> ColorMap:
    """Map the stored value of each class to (red, green, blue, alpha); other values are transparent."""
    return {c.value: c.color for c in variable.classes}


def style_colormap(style: Style) -> ColorMap:
    """Look up the style's colour map; raises InvalidParameter if rio-tiler has none of that name."""
    if style.stops:
        return imported_ramp(style)
    name = (style.colormap or "viridis").lower()
    try:
        return cast("ColorMap", cmap.get(name))
    except RioTilerError as error:
        raise InvalidParameter("style", style.id, f"its colour map {name} is unknown") from error


def _ranges(style: Style, variable: Variable) -> tuple[Range, ...] | None:
    return _byte_range(variable.dtype) if style.range is None else (style.range,)


def _byte_range(dtype: str) -> tuple[Range, ...] | None:
    """The range that shows a dtype's values in bytes; None for bytes."""
    kind = np.dtype(dtype)
    if kind == np.uint8:
        return None
    if kind.kind in "iu":
        return ((float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)),)
    return ((0.0, 1.0),)


def draw(
    image: ImageData,
    output_format: ImageType | None = None,
    colormap: ColorMap | None = None,
    *,
    add_mask: bool = True,
    rescale: Sequence[Range] | None = None,
    color_formula: str | None = None,
    logarithmic: bool = False,
    spread: Spread | None = None,
) -> tuple[bytes, str]:
    """Render as titiler's `render_image`, except that JPEG is white where masked, WebP lossless, and PNG the default.

    Returns (content, media type). Raises InvalidParameter for bands that the format cannot hold. Changes the image.
    """
    output_format = output_format or ImageType.png
    coloring = Coloring(
        ranges=None if rescale is None else tuple(rescale),
        colormap=colormap,
        logarithmic=logarithmic,
        spread=spread,
        color_formula=color_formula,
        add_mask=add_mask,
    )
    _scale(image, coloring)
    form = FILES.get(output_format)
    picture = None if form is None else _picture(image, coloring)
    if form is not None and picture is not None:
        return encode(picture, form), MEDIA_TYPES[output_format]
    if form in ("jpg", "webp"):
        raise _no_picture(image)
    return render_image(image, colormap=colormap, output_format=output_format, add_mask=add_mask)


def paint(image: ImageData, coloring: Coloring) -> Colored:
    """Colour an image; raises InvalidParameter for bands that no picture can hold. Changes the image."""
    _scale(image, coloring)
    picture = _picture(image, coloring)
    if picture is None:
        raise _no_picture(image)
    return picture


def image_of(values: np.ma.MaskedArray, variable: Variable) -> ImageData:
    """An image of a variable's values (band, row, column); the fourth band of a colour image is its opacity."""
    if variable.kind != "rgb" or len(values) != _RGBA:
        return ImageData(values, band_names=[f"b{n + 1}" for n in range(len(values))])
    alpha = np.ma.getdata(values[-1])
    mask = np.ma.getmaskarray(values[:-1]) | (alpha == 0)
    colors = np.ma.MaskedArray(np.ma.getdata(values[:-1]), mask=mask)
    return ImageData(colors, band_names=["b1", "b2", "b3"], alpha_mask=alpha)


def _no_picture(image: ImageData) -> InvalidParameter:
    return InvalidParameter("bidx", image.count, "JPEG and WebP hold one or three bands of bytes; rescale others")


def _scale(image: ImageData, coloring: Coloring) -> None:
    """Bring the values of an image into bytes; raises InvalidParameter."""
    if coloring.ranges and (coloring.logarithmic or coloring.spread):
        image.array = reference(image.array, coloring.drawing())
    elif coloring.ranges:
        image.rescale(coloring.ranges)
    if coloring.color_formula:
        try:
            image.apply_color_formula(coloring.color_formula)
        except (ValueError, TypeError, IndexError) as error:
            remedy = f"it does not fit the bands: {error}"
            raise InvalidParameter("color_formula", coloring.color_formula, remedy) from error


def _picture(image: ImageData, coloring: Coloring) -> Colored | None:
    """Colour one or three bands of bytes; None for other images."""
    data = image.data
    valid = image._mask  # noqa: SLF001 - `mask` is of the data's dtype, this one is true where valid
    alpha = np.where(valid, _OPAQUE, 0).astype("uint8")
    if image.alpha_mask is not None and image.alpha_mask.dtype == np.uint8:
        alpha = image.alpha_mask
    if coloring.colormap:
        data, opacity = apply_cmap(data, coloring.colormap)
        alpha = np.where(alpha == 0, 0, opacity).astype("uint8")
    if data.dtype != np.uint8 or len(data) not in (1, 3):
        return None
    bands = np.repeat(data, 3, axis=0) if len(data) == 1 else data
    return Colored(bands=bands, alpha=alpha if coloring.add_mask and not (alpha == _OPAQUE).all() else None)
