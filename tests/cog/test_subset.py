"""Reads in strips and through overviews, against one read by rasterio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from rasterio.enums import Resampling
from rasterio.windows import Window as RasterWindow

from cog.subset import Method, Subset, strips
from cog.window import Window, whole
from tests.support.rasters import coded, global_grid, write_cog

if TYPE_CHECKING:
    from pathlib import Path

GRID = global_grid(width=2000, height=1000)


def read(path: str, subset: Subset, method: Method) -> np.ndarray:
    """All strips, one below the other."""
    return np.concatenate([values for _, values in strips(path, subset, method=method)], axis=1)[0]


@pytest.mark.parametrize("method", ["nearest", "average"])
@pytest.mark.parametrize(("width", "height"), [(333, 601), (150, 999), (1600, 700), (2500, 1300), (7, 3)])
def test_strips_join_without_a_trace(tmp_path: Path, method: Method, width: int, height: int) -> None:
    path = str(tmp_path / write_cog(tmp_path, "a.tif", coded(GRID), GRID).href)
    found = read(path, Subset(grid=GRID, window=whole(GRID), width=width, height=height), method)
    with rasterio.open(path) as source:
        assert source.overviews(1)
        expected = source.read(1, out_shape=(height, width), resampling=Resampling[method])
    assert np.allclose(found, expected, rtol=1e-6, atol=0.1), np.abs(found - expected).max()  # rows differ by 10,000


def test_a_window_is_read_as_rasterio_reads_it(tmp_path: Path) -> None:
    path = str(tmp_path / write_cog(tmp_path, "a.tif", coded(GRID), GRID).href)
    window = Window(column=123, row=45, width=700, height=611)
    found = read(path, Subset(grid=GRID, window=window, width=100, height=300), "average")
    with rasterio.open(path) as source:
        part = RasterWindow(123, 45, 700, 611)
        expected = source.read(1, window=part, out_shape=(300, 100), resampling=Resampling.average)
    assert np.array_equal(found, expected)


def test_the_seam_is_unscaled_bit_for_bit(tmp_path: Path) -> None:
    values = coded(GRID)
    path = str(tmp_path / write_cog(tmp_path, "a.tif", values, GRID).href)
    window = Window(column=1900, row=10, width=2000, height=600)
    found = read(path, Subset(grid=GRID, window=window, width=2000, height=600), "average")
    assert np.array_equal(found, np.roll(values, -1900, axis=1)[10:610])
