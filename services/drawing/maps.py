"""A selection drawn on a grid of pixels, in any CRS: the one way in which OGC API Maps and WMS draw.

Plain maps of one raster are read without a warp: in degrees or in Web Mercator as tiles are, in other CRSs by a mesh of
places. All others are warped by GDAL.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np
from cachetools import LRUCache
from rio_tiler.models import ImageData

from cog.convert.coarse_grids import LEAST_SHEETS
from cog.grids.gridmath import SEPARABLE
from cog.reading.opener import open_raster
from cog.reading.warp import Kernel, Warp, warped
from cog.tiles import proven
from cog.tiles.computing import computed_image
from cog.tiles.encode import Colored
from cog.tiles.meshed import read_meshed
from cog.tiles.read import read_cells
from cog.tiles.render import Painter
from cog.tiles.source import ImageRequest
from config.errors import InvalidInput
from services.drawing.faults import translated
from services.drawing.rendering import image_of, paint
from services.selection.coarse import is_coarse
from services.selection.limits import require_raster_parts
from services.selection.moments import codec_of, grid_of, path_of
from services.selection.opening.pictures import raster_source
from services.selection.viewports import window_on

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    from cog.tiles.encode import Picture
    from cog.tiles.source import ImageCells
    from records.datasets.models import Variable
    from services.drawing.rendering import Coloring, Rendering
    from services.selection.moments import TimeSlice
    from services.selection.selection import Selection
    from services.selection.viewports import Viewport
    from services.web.context import Context

_READ: Final = 16_000_000
"""Stored cells that any map may read; a larger one reads about one a pixel."""
_PAINTERS: Final = 256
"""Painters that are kept: one with two-byte values holds a table of 64 KiB."""

Rgba = tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True)
class Extremes:
    """Colours of the values below and above the range; None: those of its ends."""

    below: Rgba | None = None
    above: Rgba | None = None


@dataclass(frozen=True, kw_only=True)
class MapDrawing:
    """A map to be drawn.

    Attributes:
        selection: Means one time, of one layer.
        moment: Its granules.
        view: The pixels.
        rendering: The request's own rendering.
        coloring: The way from values to colours.
        kernel: How values between stored cells are made.
        extremes: Colours of the values beyond the range.
        style_key: What names the colouring, if other maps are likely to have the same; None: nothing is kept.
    """

    selection: Selection
    moment: TimeSlice
    view: Viewport
    rendering: Rendering
    coloring: Coloring
    kernel: Kernel = "nearest"
    extremes: Extremes | None = None
    style_key: Hashable | None = None


def draw_map(context: Context, drawing: MapDrawing) -> Picture:
    """Draw a map; transparent where there are no data. Raises InvalidInput, InvalidParameter or TooLarge."""
    drawing = _coarsely(context, drawing)
    cells = _plain_cells(context, drawing)
    picture = None if cells is None else _painted(context, drawing, cells)
    if picture is not None:
        return picture
    values = cells.image() if cells is not None else _warped_values(context, drawing)
    with translated():
        image = _image(values, drawing.rendering, drawing.selection.variable, is_chosen=cells is not None)
        if drawing.extremes is None:
            return paint(image, drawing.coloring)
        shown = np.ma.MaskedArray(image.array.data.copy(), mask=np.ma.getmaskarray(image.array))
        return _with_extremes(paint(image, drawing.coloring), shown, drawing)


def draw_plain_map(context: Context, drawing: MapDrawing) -> Picture | None:
    """Draw a map of one raster as `draw_map`, without asking the database; None where that takes a warp."""
    cells = _plain_cells(context, drawing)
    return None if cells is None else _painted(context, drawing, cells)


def _painted(context: Context, drawing: MapDrawing, cells: ImageCells) -> Picture | None:
    """The picture of cells; None where rio-tiler must colour them."""
    return None if drawing.extremes is not None else _painter(context, drawing).paint(cells)


def map_values(context: Context, drawing: MapDrawing) -> np.ma.MaskedArray:
    """Physical values of the pixels as (band, row, column), masked where there are no data; raises as `draw_map`."""
    cells = _plain_cells(context, drawing)
    return cells.image() if cells is not None else _warped_values(context, drawing)


def _coarsely(context: Context, drawing: MapDrawing) -> MapDrawing:
    """The drawing of the overview across the sheets, where there is one that is as fine as the pixels."""
    (parts,) = drawing.moment.parts.values()
    variable, view, first = drawing.selection.variable, drawing.view.grid, parts[0]
    if len(parts) < LEAST_SHEETS or variable.kind == "rgb" or view.crs not in SEPARABLE:
        return drawing
    across = context.catalogue.mosaic_overview(drawing.selection.dataset, variable, key=first.key, layer=first.layer)
    if across is None or repr(across.nodata) != repr(variable.nodata):
        return drawing
    shape = (view.height, view.width)
    if not is_coarse(across, variable.grid, bounds=view.bounds, crs=view.crs, shape=shape):
        return drawing
    granule = across.as_granule(drawing.selection.dataset.id)
    return replace(drawing, moment=replace(drawing.moment, parts=dict.fromkeys(drawing.moment.parts, (granule,))))


def _plain_cells(context: Context, drawing: MapDrawing) -> ImageCells | None:
    """The cells under the pixels, nearest ones, read without a warp; None where that cannot be."""
    (parts,) = drawing.moment.parts.values()
    is_plain = drawing.kernel == "nearest" and len(parts) == 1 and drawing.rendering.is_plain
    if not is_plain or not proven.is_proven():
        return None
    source = raster_source(context, drawing.selection.variable, parts[0])
    grid = drawing.view.grid
    request = ImageRequest(
        bounds=grid.bounds, crs=grid.crs, shape=(grid.height, grid.width), indexes=drawing.rendering.bands
    )
    with open_raster(source.path, source.version) as raster:
        return read_cells(source, raster, request) or read_meshed(source, raster, request)


def _painter(context: Context, drawing: MapDrawing) -> Painter:
    """The painter of a colouring; of named ones that were used lately it is kept."""
    (parts,) = drawing.moment.parts.values()
    variable, coloring = drawing.selection.variable, drawing.coloring
    source = raster_source(context, variable, parts[0])
    colors = coloring.drawing()
    if drawing.style_key is None:
        return Painter(source, variable.dtype, colors)
    dataset = drawing.selection.dataset
    key = (dataset.id, dataset.version, variable.id, drawing.style_key)
    with _lock:
        painter = _painters.get(key)
    if painter is None:
        painter = Painter(source, variable.dtype, colors)
        with _lock:
            _painters[key] = painter
    return painter


_painters: Final[LRUCache[Hashable, Painter]] = LRUCache(_PAINTERS)
_lock: Final = Lock()


def _warped_values(context: Context, drawing: MapDrawing) -> np.ma.MaskedArray:
    """Physical values of the pixels as (band, row, column), codes of classes; masked where there are no data."""
    variable, view = drawing.selection.variable, drawing.view
    data, stored = grid_of(drawing.moment), codec_of(variable)
    codec = stored.fillable()
    window = window_on(data, view)
    if window is None:
        shape = (codec.bands, view.grid.height, view.grid.width)
        return np.ma.MaskedArray(np.zeros(shape, codec.dtype), mask=True)
    pixels = view.grid.width * view.grid.height
    region = Warp(grid=data, window=window, output=view.grid, most_read=max(_READ, pixels), finer=1)
    (parts,) = drawing.moment.parts.values()
    require_raster_parts(parts, window.grid(data))
    strips = warped(path_of(context, variable, parts), region, stored, kernel=drawing.kernel)
    values: NDArray[np.generic] = np.concatenate([values for _, values in strips], axis=1)
    valid = codec.valid(values)
    return np.ma.MaskedArray(codec.physical(values) if variable.kind == "continuous" else values, mask=~valid)


def _image(values: np.ma.MaskedArray, rendering: Rendering, variable: Variable, *, is_chosen: bool) -> ImageData:
    """Choose or compute the bands that are drawn; raises InvalidInput, and rio-tiler's errors."""
    bands = rendering.bands
    if bands and not is_chosen and not all(1 <= band <= len(values) for band in bands):
        raise InvalidInput(f"the variable has bands 1 to {len(values)}")
    if bands and not is_chosen and not rendering.expression:
        return ImageData(values[[band - 1 for band in bands]], band_names=[f"b{band}" for band in bands])
    if not rendering.expression:
        return image_of(values, variable)
    image = ImageData(values, band_names=[f"b{n + 1}" for n in range(len(values))])
    return computed_image(image, rendering.expression)


def _with_extremes(picture: Colored, values: np.ma.MaskedArray, drawing: MapDrawing) -> Colored:
    """Colour what lies beyond the range of a single band."""
    extremes, ranges = drawing.extremes, drawing.coloring.ranges
    if extremes is None or not ranges or len(values) != 1:
        return picture
    rgba = picture.rgba()
    valid = ~np.ma.getmaskarray(values)[0]
    low, high = ranges[0]
    for color, beyond in ((extremes.below, values.data[0] < low), (extremes.above, values.data[0] > high)):
        if color is not None:
            rgba[valid & beyond] = color
    return replace(picture, bands=np.moveaxis(rgba[..., :3], -1, 0), alpha=np.ascontiguousarray(rgba[..., 3]))
