"""Random tiles of a grid, and how a tile differs from rio-tiler's."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import numpy as np
from rasterio.warp import transform

from config.grids import CRS84
from services.drawing.tiles.matrices import native_matrix
from services.drawing.tiles.matrix_sets import builtin
from tests.identity.oracle import Tile, Wanted, rgba

if TYPE_CHECKING:
    import random

    from config.grids import Grid

_DEEPEST: Final = 24
_FINER: Final = 3
"""Zooms beyond that of the grid's cells."""
_COARSER: Final = 5


def random_tile(grid: Grid, dice: random.Random, *, matrix_set_id: str, size: int, form: str) -> Tile:
    """Choose a tile that a cell of a grid lies in; at times one at its edge, or anywhere."""
    entry = builtin(matrix_set_id)
    tms, native = entry.definition, native_matrix(grid, entry)
    z = min(max(native + dice.randint(-_COARSER, _FINER), 0), _DEEPEST, len(tms.tileMatrices) - 1)
    for _ in range(100):
        place = dice.random()
        column, row = dice.uniform(0, grid.width), dice.uniform(0, grid.height)
        if place < 0.2:
            column = dice.choice((0.5, grid.width - 0.5))
        elif place < 0.3:
            row = dice.choice((0.5, grid.height - 0.5))
        a, b, c, d, e, f = grid.transform
        x, y = a * column + b * row + c, d * column + e * row + f
        (lon,), (lat,) = transform("EPSG:4326" if grid.crs == CRS84 else grid.crs, "EPSG:4326", [x], [y])
        if place > 0.97:
            lon, lat = dice.uniform(-180, 180), dice.uniform(-85, 85)
        if np.isfinite(lon + lat) and abs(lat) < 85:
            tile = tms.tile((lon + 180.0) % 360.0 - 180.0, lat, z)
            return Tile(matrix_set=matrix_set_id, x=tile.x, y=tile.y, z=z, size=size, form=form)
    raise SystemExit(f"no cell of a grid in {grid.crs} lies anywhere")


def difference(content: bytes, oracle: Wanted | None, tile: Tile) -> str | None:
    """Describe how a tile differs from rio-tiler's; None if it does not."""
    if tile.form == "png":
        ours = rgba(content)
        if oracle is None:
            return "drawn, where rio-tiler has no tile" if ours[..., 3].any() else None
        wrong = (ours != oracle.image).any(axis=2) & ~oracle.gap
    else:
        values = np.load(io.BytesIO(content))
        if oracle is None:
            return "values, where rio-tiler has no tile" if (values[-1] > 0).any() else None
        if (values.shape, values.dtype) != (oracle.image.shape, oracle.image.dtype):
            return f"{values.dtype} {values.shape}, not {oracle.image.dtype} {oracle.image.shape}"
        unequal = (values[:-1] != oracle.image[:-1]).any(axis=0) & (values[-1] > 0)
        wrong = ((values[-1] != oracle.image[-1]) | unequal) & ~oracle.gap
    rows, columns = np.nonzero(wrong)
    if not rows.size:
        return None
    return f"{rows.size} pixels, rows {rows.min()} to {rows.max()}, columns {columns.min()} to {columns.max()}"
