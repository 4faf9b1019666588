"""The rasters that tiles are measured on: classes, floats and colours, in a geographic, the web's and Albers' grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import morecantile
import numpy as np
from rio_tiler.colormap import cmap

from cog.tiles.render import Drawing
from cog.tiles.source import RasterSource
from config.grids import CRS84, Grid
from tests.support.rasters import write_cog

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SIZE = 3072
ZOOM = 9
"""The matrix whose cells are those of the `web` grid."""
ALBERS = "+proj=aea +lat_1=30 +lat_2=45 +lat_0=38.2 +lon_0=4.2 +datum=WGS84 +units=m"
"""An equal-area projection, its origin in the middle of the tiles."""
NAN_SHARE = 0.2
CLASSES = {value: tuple(map(int, (value * 23 % 256, value * 71 % 256, value * 131 % 256, 255))) for value in range(12)}


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A raster, and how it is drawn."""

    name: str
    source: RasterSource
    dtype: str
    drawing: Drawing


def grids() -> dict[str, Grid]:
    """Grids of SIZE x SIZE cells over much the same place, of much the same resolution."""
    tms = morecantile.tms.get("WebMercatorQuad")
    corner = tms.xy_bounds(morecantile.Tile(x=256, y=190, z=ZOOM))
    cell = tms.matrix(ZOOM).cellSize
    west, north = tms.lnglat(corner.left, corner.top)
    degrees = 360 / (256 * 2**ZOOM)
    return {
        "web": Grid(crs="EPSG:3857", transform=(cell, 0, corner.left, 0, -cell, corner.top), width=SIZE, height=SIZE),
        "geo": Grid(crs=CRS84, transform=(degrees, 0, west, 0, -degrees * 0.75, north), width=SIZE, height=SIZE),
        "albers": Grid(crs=ALBERS, transform=(230, 0, -353_000, 0, -230, 353_000), width=SIZE, height=SIZE),
    }


def values(kind: str) -> tuple[NDArray[Any], float | None]:
    """(band, row, column) stored values of a kind, and the one that means no data."""
    rows, columns = np.mgrid[:SIZE, :SIZE].astype("float32")
    smooth = np.sin(columns / 90) + np.cos(rows / 70)
    if kind == "lc":
        return np.floor(smooth * 2.9 + 6).astype("uint8")[np.newaxis], 0.0
    noise = np.random.default_rng(1).normal(0, 0.05, (SIZE, SIZE)).astype("float32")
    if kind == "sst":
        found = (smooth + noise) * 8 + 15
        found[smooth < np.quantile(smooth, NAN_SHARE)] = np.nan
        return found[np.newaxis], float("nan")
    base = ((smooth + noise) * 40 + 128).clip(0, 255).astype("uint8")
    return np.stack([base, np.roll(base, 40, 0), np.roll(base, 80, 1)]), None


DRAWINGS = {
    "lc": Drawing(colors=CLASSES),
    "sst": Drawing(ranges=((0.0, 30.0),), colors=cmap.get("viridis")),
    "rgb": Drawing(),
}


def layers(folder: Path) -> list[Layer]:
    """Write the rasters."""
    made = []
    for kind, drawing in DRAWINGS.items():
        stored, nodata = values(kind)
        for name, grid in grids().items():
            href = f"{kind}_{name}.tif"
            asset = write_cog(folder, href, stored, grid, nodata=nodata)
            source = RasterSource(path=str(folder / href), grid=grid, nodata=nodata, version=asset.sha256)
            made.append(Layer(name=f"{kind} {name}", source=source, dtype=stored.dtype.name, drawing=drawing))
    return made
