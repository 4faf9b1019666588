"""The same tiles by rio-tiler and titiler alone, from the same files."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import morecantile
import numpy as np
import pyproj
from PIL import Image
from rio_tiler.errors import TileOutsideBounds
from rio_tiler.io import Reader
from titiler.core.resources.enums import ImageType
from titiler.core.utils import render_image

from services.drawing.rendering import Rendering
from services.drawing.styles import style_of
from services.drawing.tiles.matrix_sets import builtin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from rio_tiler.models import ImageData

    from tests.identity.subjects import Subject

_RGBA: Final = 4


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A tile of a tile matrix set, its edge in pixels and its format."""

    matrix_set: str
    x: int
    y: int
    z: int
    size: int
    form: str


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What rio-tiler shows.

    Attributes:
        image: (row, column, RGBA), nothing under a transparent pixel; or (band, row, column), the mask as last band.
        gap: (row, column) True where rio-tiler has nothing though a global grid goes on, and where it draws NaN.
    """

    image: NDArray[Any]
    gap: NDArray[np.bool_]


def wanted(subject: Subject, path: str, tile: Tile) -> Wanted | None:
    """rio-tiler's tile; None where it says that there is none, and where no pixel has a place in the raster's CRS."""
    if _is_nowhere(subject, tile):
        return None
    tms, nodata = morecantile.tms.get(tile.matrix_set), subject.variable.nodata
    with warnings.catch_warnings(), Reader(path, tms=tms) as reader:
        warnings.simplefilter("ignore")  # it warns of rasters without overviews, and near the poles
        try:
            image = reader.tile(tile.x, tile.y, tile.z, tilesize=tile.size, nodata=nodata)
        except TileOutsideBounds:
            return None
        image.array = _physical(subject, image.array)
        gap = _gap(subject, image, tile)
        if tile.form == "png":
            return Wanted(image=_rgba(subject, image), gap=gap)
        content, _ = render_image(image, output_format=ImageType.npy)
        return Wanted(image=np.load(io.BytesIO(content)), gap=gap)


def first_of(sheets: Sequence[Wanted]) -> Wanted | None:
    """Combine rio-tiler's tiles of several sheets: each pixel is that of the first sheet with data there."""
    if not sheets:
        return None
    image, gap = sheets[0].image.copy(), sheets[0].gap
    bands = -1 if image.shape[-1] == _RGBA else 0
    shown = np.moveaxis(image, bands, -1)
    for sheet in sheets[1:]:
        empty = shown[..., -1] <= 0  # of signed values, rio-tiler's mask is negative there
        shown[empty] = np.moveaxis(sheet.image, bands, -1)[empty]
        gap = gap | sheet.gap
    return Wanted(image=image, gap=gap)


def _is_nowhere(subject: Subject, tile: Tile) -> bool:
    """Whether PROJ has no place for any of many points of a tile, such as behind the Earth that a satellite sees."""
    tms, grid = morecantile.tms.get(tile.matrix_set), subject.granule.grid
    if grid.is_geographic:
        return False
    bounds = tms.xy_bounds(tile.x, tile.y, tile.z)
    x, y = np.meshgrid(np.linspace(bounds.left, bounds.right, 33), np.linspace(bounds.bottom, bounds.top, 33))
    placed = pyproj.Transformer.from_crs(builtin(tile.matrix_set).crs, grid.crs, always_xy=True).transform(
        x.ravel(), y.ravel()
    )
    return not np.isfinite(placed).all(axis=0).any()


def _physical(subject: Subject, stored: np.ma.MaskedArray) -> np.ma.MaskedArray:
    """stored * scale + offset in double precision, single where the stored values have no more."""
    scale, offset = subject.variable.scale, subject.variable.offset
    if subject.variable.kind != "continuous" or (scale, offset) == (1.0, 0.0):
        return stored
    single = stored.dtype.name in {"uint8", "int8", "uint16", "int16", "float32"}
    return (stored.astype("float64") * scale + offset).astype("float32" if single else "float64")


def _rgba(subject: Subject, image: ImageData) -> NDArray[np.uint8]:
    """As titiler draws it with the style's range and colour map."""
    style = style_of(subject.variable, None)
    coloring = Rendering().coloring(subject.variable, style, ImageType.png)
    content, _ = render_image(image, colormap=coloring.colormap, output_format=ImageType.png, rescale=coloring.ranges)
    return rgba(content)


def rgba(content: bytes) -> NDArray[np.uint8]:
    """(row, column, RGBA) of a picture, black where it is transparent."""
    shown = np.array(Image.open(io.BytesIO(content)).convert("RGBA"))
    shown[shown[..., 3] == 0] = 0
    return shown


def _gap(subject: Subject, image: ImageData, tile: Tile) -> NDArray[np.bool_]:
    """Where the documented exceptions lie: beyond the first and last meridian of a global grid, and NaN."""
    masked = np.ma.getmaskarray(image.array)
    gap = np.zeros(masked.shape[1:], bool)
    if image.array.dtype.kind == "f":
        gap |= (np.isnan(image.array.data) & ~masked).any(axis=0)
    grid = subject.granule.grid
    if grid.is_geographic and grid.is_global:
        west, _, east, _ = grid.bounds
        bounds, turn = morecantile.tms.get(tile.matrix_set).xy_bounds(tile.x, tile.y, tile.z), 360.0
        if tile.matrix_set == "WebMercatorQuad":
            turn = 2 * 20037508.342789244
        across = bounds.left + (np.arange(tile.size) + 0.5) * (bounds.right - bounds.left) / tile.size
        degrees, cell = across / turn * 360.0, abs(grid.transform[0])
        gap |= ((degrees < west + cell) | (degrees > east - cell))[np.newaxis, :] & masked.all(axis=0)
    return gap
