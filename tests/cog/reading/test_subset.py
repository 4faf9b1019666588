"""Reads in strips, against the cells at the centres; means, against the shares of the cells."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio

from cog.grids.subset import Subset
from cog.grids.window import Window, whole
from cog.reading.subset import Method, strips
from tests.support.rasters import coded, global_grid, write_cog

if TYPE_CHECKING:
    from pathlib import Path

from config.errors import TooLarge
from config.grids import Grid

GRID = global_grid(width=2000, height=1000)


def read(path: str, subset: Subset, method: Method) -> np.ndarray:
    """All strips, one below the other."""
    return np.concatenate([values for _, values in strips(path, subset, method=method)], axis=1)[0]


def sums(values: np.ndarray, start: float, length: float, count: int) -> np.ndarray:
    """What each of `count` equal spans of rows holds, by the shares of the rows that it covers; rows go round."""
    rows = np.concatenate([values, values, values[:1]])
    edges = start + np.arange(count + 1) * length / count
    low, high = edges[:-1, None], edges[1:, None]
    first, last = np.floor(low[:, 0]).astype(int), np.floor(high[:, 0]).astype(int)
    between = np.add.reduceat(rows, np.stack([first + 1, last], axis=1).ravel())[::2]
    between[last <= first + 1] = 0  # for `reduceat` an empty span is its first row
    ends = (first[:, None] + 1 - low) * rows[first] + (high - last[:, None]) * rows[last]
    return np.where((first == last)[:, None], (high - low) * rows[first], ends + between)


def means(values: np.ndarray, subset: Subset, nodata: float) -> np.ndarray:
    """Area-weighted means of the valid cells, NaN where there are none, along one axis and then the other."""
    window, valid = subset.window, values != nodata

    def whole_sums(cells: np.ndarray) -> np.ndarray:
        down = sums(cells, window.row, window.height, subset.height)
        return sums(down.T, window.column, window.width, subset.width).T

    total, area = whole_sums(np.where(valid, values, 0.0)), whole_sums(valid.astype(float))
    return np.where(area > 1e-7, total / np.maximum(area, 1e-7), np.nan)


@cache
def coasts(grid: Grid = GRID) -> np.ndarray:
    """int16 noise with a third of the cells, in blobs and alone, without data (-9999)."""
    random = np.random.default_rng(3)
    values = random.integers(-8000, 8000, (grid.height, grid.width)).astype("int16")
    rows, columns = np.indices(values.shape)
    values[np.sin(rows / 17) * np.cos(columns / 23) > 0.4] = -9999
    values[random.random(values.shape) < 0.1] = -9999
    return values


@pytest.fixture(scope="module")
def coded_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file of `coded(GRID)`."""
    folder = tmp_path_factory.mktemp("coded")
    return str(folder / write_cog(folder, "a.tif", coded(GRID), GRID).href)


@pytest.fixture(scope="module")
def coasts_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file of `coasts()` as float64."""
    folder = tmp_path_factory.mktemp("coasts")
    return str(folder / write_cog(folder, "a.tif", coasts().astype("float64"), GRID, nodata=-9999).href)


@pytest.mark.parametrize(("width", "height"), [(333, 601), (150, 999), (1600, 700), (2500, 1300), (7, 3)])
def test_nearest_takes_the_stored_cell_at_each_centre_and_no_overview(coded_path: str, width: int, height: int) -> None:
    found = read(coded_path, Subset(grid=GRID, window=whole(GRID), width=width, height=height), "nearest")
    with rasterio.open(coded_path) as source:
        assert source.overviews(1)  # whose cells are not those at the centres
    rows = np.floor((np.arange(height) + 0.5) * GRID.height / height + 1e-9).astype(int)
    columns = np.floor((np.arange(width) + 0.5) * GRID.width / width + 1e-9).astype(int)
    assert np.array_equal(found, coded(GRID)[rows][:, columns])


@pytest.mark.parametrize("factor", [2, 3, 4, 8, 16])
def test_means_are_those_of_the_stored_cells(tmp_path: Path, factor: int) -> None:
    grid = global_grid(width=1920, height=960)
    values = coasts(grid)
    path = str(tmp_path / write_cog(tmp_path, "a.tif", values, grid, nodata=-9999).href)
    subset = Subset(grid=grid, window=whole(grid), width=1920 // factor, height=960 // factor)
    blocks = values.reshape(960 // factor, factor, 1920 // factor, factor).astype("int64")
    count = (blocks != -9999).sum(axis=(1, 3))
    total = np.where(blocks != -9999, blocks, 0).sum(axis=(1, 3))
    expected = np.where(count > 0, np.rint(total / np.maximum(count, 1)), -9999)
    assert (count == 0).any() or factor > 8
    assert np.array_equal(read(path, subset, "average"), expected)


@pytest.mark.parametrize(("width", "height"), [(333, 601), (150, 999), (1600, 700), (2500, 1300), (7, 3), (1, 1)])
@pytest.mark.parametrize(
    "window", [whole(GRID), Window(column=1723, row=45, width=901, height=611)], ids=["all", "seam"]
)
def test_means_are_weighted_by_the_area_covered(coasts_path: str, window: Window, width: int, height: int) -> None:
    subset = Subset(grid=GRID, window=window, width=width, height=height)
    found, expected = read(coasts_path, subset, "average"), means(coasts(), subset, -9999)
    assert np.array_equal(found == -9999, np.isnan(expected))
    assert np.allclose(found, np.where(np.isnan(expected), -9999, expected), rtol=1e-9, atol=1e-6)


def test_a_mean_that_is_the_nodata_value_by_chance_is_no_fill(tmp_path: Path) -> None:
    for dtype in ("int16", "float32"):
        values = np.array([[-3, 3, 0, 0], [-1, 1, 0, 0]], dtype=dtype)
        grid = global_grid(width=4, height=2)
        path = str(tmp_path / write_cog(tmp_path, f"{dtype}.tif", values, grid, nodata=0).href)
        found = read(path, Subset(grid=grid, window=whole(grid), width=2, height=1), "average")
        assert 0 < found[0, 0] <= 1, dtype
        assert found[0, 1] == 0


def test_a_region_above_the_limit_is_averaged_from_an_overview_four_times_finer(tmp_path: Path) -> None:
    grid = global_grid(width=2048, height=1024)
    values = np.zeros((1024, 2048), dtype="float32")
    values[::2, ::2] = 4.0  # overviews of nearest cells keep these alone; the mean is 1
    path = str(tmp_path / write_cog(tmp_path, "a.tif", values, grid).href)
    with rasterio.open(path) as source:
        assert source.overviews(1) == [2, 4]
    for most_read, factor, expected in ((2048 * 1024, 8, 1), (2048 * 1024 - 1, 8, 4), (500_000, 4, 1)):
        subset = Subset(grid=grid, window=whole(grid), width=2048 // factor, height=1024 // factor, most_read=most_read)
        assert np.unique(read(path, subset, "average")).tolist() == [expected], (most_read, factor)
    unequal = Subset(grid=grid, window=whole(grid), width=1, height=1024, most_read=1000)
    with pytest.raises(TooLarge, match="like factors"):
        read(path, unequal, "average")


def test_the_seam_is_unscaled_bit_for_bit(coded_path: str) -> None:
    values = coded(GRID)
    window = Window(column=1900, row=10, width=2000, height=600)
    found = read(coded_path, Subset(grid=GRID, window=window, width=2000, height=600), "average")
    assert np.array_equal(found, np.roll(values, -1900, axis=1)[10:610])
