"""Pictures over one another and over a background, and as files: also with a palette, and as GeoTIFF."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import rasterio
from PIL import Image
from rasterio.enums import ColorInterp
from rasterio.io import MemoryFile

from cog.tiles.encode import Colored, Indexed, png
from config.grids import CRS84
from services.drawing.backgrounds import over

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cog.tiles.encode import Picture
    from config.grids import Grid
    from services.drawing.backgrounds import MapBackground

_COLORS = 256
_INTERPRETATIONS = (ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha)
_OPAQUE = 255
_STRIP = 256
"""Rows that are composed at once."""


def stacked(pictures: Sequence[Picture]) -> Picture:
    """Pictures of one size over one another, the first at the bottom (Porter and Duff's `over`)."""
    if len(pictures) == 1:
        return pictures[0]
    height, width = size_of(pictures[0])
    rgba = np.empty((height, width, 4), "uint8")
    for row in range(0, height, _STRIP):
        rows = slice(row, row + _STRIP)
        below = _cut(pictures[0], rows)
        for picture in pictures[1:]:
            below = _composed(_cut(picture, rows), below)
        rgba[rows] = np.rint(below)
    return Colored(bands=np.ascontiguousarray(np.moveaxis(rgba[..., :3], -1, 0)), alpha=rgba[..., 3].copy())


def blank(height: int, width: int) -> Picture:
    """A picture that shows nothing."""
    return Colored(bands=np.zeros((3, height, width), "uint8"), alpha=np.zeros((height, width), "uint8"))


def size_of(picture: Picture) -> tuple[int, int]:
    """(rows, columns) of a picture."""
    height, width = picture.index.shape if isinstance(picture, Indexed) else picture.bands.shape[1:]
    return height, width


def _cut(picture: Picture, rows: slice) -> NDArray[np.float32]:
    """Rows of a picture as (row, column, 4) numbers 0 to 255."""
    if isinstance(picture, Indexed):
        return Indexed(index=picture.index[rows], palette=picture.palette).rgba().astype("float32")
    alpha = None if picture.alpha is None else picture.alpha[rows]
    return Colored(bands=picture.bands[:, rows], alpha=alpha).rgba().astype("float32")


def _composed(above: NDArray[np.float32], below: NDArray[np.float32]) -> NDArray[np.float32]:
    top, bottom = above[..., 3:] / _OPAQUE, below[..., 3:] / _OPAQUE
    alpha = top + bottom * (1 - top)
    with np.errstate(invalid="ignore", divide="ignore"):
        colors = (above[..., :3] * top + below[..., :3] * bottom * (1 - top)) / alpha
    return np.concatenate((np.nan_to_num(colors), alpha * _OPAQUE), axis=-1)


def encode_indexed(picture: Picture, background: MapBackground) -> bytes:
    """A PNG with a palette: without loss up to 256 colours, else with the colours that Pillow chooses."""
    shown = over(picture, background, keeps_alpha=background.transparent)
    if isinstance(shown, Indexed):
        return png(shown)
    rgba = np.ascontiguousarray(shown.rgba())
    palette, index = np.unique(rgba.view("uint32")[..., 0], return_inverse=True)
    if len(palette) <= _COLORS:
        colors = palette.view("uint8").reshape(-1, 4)
        return png(Indexed(index=index.reshape(rgba.shape[:2]).astype("uint8"), palette=colors))
    chosen = Image.fromarray(rgba).quantize(_COLORS, method=Image.Quantize.FASTOCTREE)
    colors = np.array(chosen.getpalette("RGBA"), dtype="uint8").reshape(-1, 4)
    return png(Indexed(index=np.asarray(chosen), palette=colors))


def encode_geotiff(picture: Picture, background: MapBackground, grid: Grid) -> bytes:
    """A GeoTIFF of red, green, blue and, on a transparent background, alpha."""
    rgba = over(picture, background, keeps_alpha=background.transparent).rgba()
    bands = np.moveaxis(rgba if background.transparent else rgba[..., :3], -1, 0)
    crs = rasterio.CRS.from_user_input("EPSG:4326" if grid.crs == CRS84 else grid.crs)
    profile = {
        "driver": "GTiff",
        "width": grid.width,
        "height": grid.height,
        "count": len(bands),
        "dtype": "uint8",
        "crs": crs,
        "transform": rasterio.Affine(*grid.transform),
        "compress": "deflate",
        "photometric": "RGB",
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as dataset:
            dataset.write(bands)
            dataset.colorinterp = _INTERPRETATIONS[: len(bands)]
        return bytes(memory.getbuffer())
