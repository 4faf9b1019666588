"""Overviews made of strips, compared with GDAL's own and with arithmetic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.enums import Resampling
from rasterio.io import MemoryFile

from cog.cells.codec import Codec
from cog.convert.pyramid import Rule, cascade


def rule(resampling: Resampling, nodata: float | None, *, alpha: bool = False) -> Rule:
    return Rule(resampling=resampling, codec=Codec(dtype="float64", nodata=nodata), alpha=alpha)


def overviews(values: NDArray[Any], levels: int, how: Rule, *, strip: int = 7) -> list[NDArray[Any]]:
    """All overviews of (row, column) cells, or of (band, row, column) ones, fed in strips."""
    bands = values if values.ndim == 3 else values[np.newaxis]
    how = replace(how, codec=replace(how.codec, dtype=values.dtype.name))
    found: dict[int, list[NDArray[Any]]] = {}
    feed = cascade(bands.shape[1:], levels, how, emit=lambda level, rows: found.setdefault(level, []).append(rows))
    for first in range(0, bands.shape[1], strip):
        feed(bands[:, first : first + strip])
    joined = [np.concatenate(found[level], axis=1) for level in range(1, levels + 1)]
    return joined if values.ndim == 3 else [level[0] for level in joined]


def of_gdal(values: NDArray[Any], resampling: Resampling, nodata: float | None, factor: int = 2) -> NDArray[Any]:
    """GDAL's overview of a raster."""
    height, width = values.shape
    with MemoryFile() as memory:
        options = {"width": width, "height": height, "count": 1, "dtype": values.dtype.name, "nodata": nodata}
        with memory.open(driver="GTiff", transform=Affine(1, 0, 1, 0, -1, 1), **options) as file:
            file.write(values, 1)
            file.build_overviews([factor], resampling)
        with memory.open(OVERVIEW_LEVEL=0) as file:
            return np.asarray(file.read(1))


def noise(height: int, width: int, dtype: str, *, fill: float | None = None) -> NDArray[Any]:
    random = np.random.default_rng(height * width)
    values = (random.random((height, width)) * 200).astype(dtype)
    if fill is not None:
        values[random.random((height, width)) < 0.3] = fill
    return values


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
@pytest.mark.parametrize("fill", [None, 250.0])
def test_means_of_four_are_gdals(dtype: str, fill: float | None) -> None:
    values = noise(48, 64, dtype, fill=fill)
    (found,) = overviews(values, 1, rule(Resampling.average, fill))
    expected = of_gdal(values, Resampling.average, fill)
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("shape", [(49, 64), (48, 63), (5, 3), (1, 9), (9, 1)])
def test_means_of_odd_rasters_cover_the_same_extent(shape: tuple[int, int]) -> None:
    values = noise(*shape, "float64")
    (found,) = overviews(values, 1, rule(Resampling.average, None))

    def halving(length: int) -> NDArray[Any]:
        """How much of each cell each cell of the overview covers."""
        count = -(-length // 2)
        edges = np.arange(count + 1) * length / count
        cell = np.arange(length)
        covered = np.minimum(edges[1:, None], cell + 1) - np.maximum(edges[:-1, None], cell)
        return np.clip(covered, 0, None) * count / length

    np.testing.assert_allclose(found, halving(shape[0]) @ values @ halving(shape[1]).T, rtol=1e-6)
    assert found.mean() == pytest.approx(values.mean())


def test_a_mean_is_never_the_value_that_means_no_data() -> None:
    values = np.array([[-1, 1], [-1, 1]], dtype="int16")
    (found,) = overviews(values, 1, rule(Resampling.average, 0))
    assert found.tolist() == [[1]]


def test_infinite_cells_are_left_out_of_means() -> None:
    values = np.array([[np.inf, 2], [4, np.nan]], dtype="float32")
    (found,) = overviews(values, 1, rule(Resampling.average, np.nan))
    assert found.tolist() == [[3]]


def test_transparent_cells_are_left_out_of_colours() -> None:
    color, alpha = np.array([[200, 0], [100, 0]]), np.array([[255, 0], [255, 0]])
    bands = np.stack([color, color, color, alpha]).astype("uint8")
    (found,) = overviews(bands, 1, rule(Resampling.average, None, alpha=True))
    assert found[:, 0, 0].tolist() == [150, 150, 150, 128]


def test_the_commonest_class_wins_and_fill_only_where_nothing_else_is() -> None:
    values = np.array([[1, 2, 9, 9, 0, 0], [2, 3, 9, 5, 0, 0]], dtype="uint8")
    (found,) = overviews(values, 1, rule(Resampling.mode, 9))
    assert found.tolist() == [[2, 5, 0]]


@pytest.mark.parametrize("shape", [(64, 48), (63, 49), (1, 5), (7, 1)])
@pytest.mark.parametrize("resampling", [Resampling.nearest, Resampling.mode])
def test_overviews_of_classes_hold_only_classes(shape: tuple[int, int], resampling: Resampling) -> None:
    values = np.random.default_rng(1).choice(np.array([3, 50, 200], dtype="uint8"), shape)
    for level in overviews(values, 3, rule(resampling, None)):
        assert set(np.unique(level)) <= {3, 50, 200}


@pytest.mark.parametrize("shape", [(64, 48), (63, 49)])
def test_nearest_cells_are_gdals(shape: tuple[int, int]) -> None:
    values = noise(*shape, "uint16")
    (found,) = overviews(values, 1, rule(Resampling.nearest, None))
    assert np.array_equal(found, of_gdal(values, Resampling.nearest, None))


@pytest.mark.parametrize("resampling", [Resampling.nearest, Resampling.mode, Resampling.average])
def test_the_strips_in_which_cells_come_do_not_matter(resampling: Resampling) -> None:
    values = noise(101, 77, "float32", fill=77)
    how = rule(resampling, 77)
    whole = overviews(values, 4, how, strip=101)
    for strip in (1, 2, 64):
        for one, other in zip(whole, overviews(values, 4, how, strip=strip), strict=True):
            assert np.array_equal(one, other)
