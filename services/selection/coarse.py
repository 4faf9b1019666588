"""Which pictures of a mosaic are drawn from the overview across its sheets: those of coarser cells."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from cog.grids import gridmath

if TYPE_CHECKING:
    from config.grids import Grid
    from records.datasets.publication import MosaicOverview


def is_coarse(
    overview: MosaicOverview, grid: Grid, *, bounds: tuple[float, float, float, float], crs: str, shape: tuple[int, int]
) -> bool:
    """Whether a picture is one that would be drawn from cells as coarse as an overview's, or coarser.

    Args:
        overview: The overview.
        grid: The grid of the variable, whose cells are the sheets'.
        bounds: (west, south, east, north) of the picture, in `crs`.
        crs: One whose axes are those of the picture.
        shape: (rows, columns) of its pixels.
    """
    factors = [2**power for power in range(1, overview.factor.bit_length())]
    sizes = [(ceil(grid.width / factor), ceil(grid.height / factor)) for factor in factors]
    return gridmath.image_level(grid, sizes, bounds=bounds, crs=crs, shape=shape) == len(sizes) - 1
