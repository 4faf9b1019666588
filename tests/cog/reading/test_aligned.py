"""Rasters read onto another grid: as they stand, round the globe, and resampled with exact weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from cog.cells.codec import Codec
from cog.grids.ellipsoid import cell_areas
from cog.grids.lattice import CellBox
from cog.reading.aligned import AlignedCells, align
from cog.reading.mosaic import Mosaic
from cog.reading.separable import Kernel
from cog.reading.sheets import Sheet
from config.errors import InvalidInput
from config.grids import CRS84, Grid
from tests.support.rasters import coded, global_grid, write_cog

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SOURCE = global_grid(36, 18)


def cells_on(
    store: Path, target: Grid, kernel: Kernel | None, values: NDArray[np.float32] | None = None, grid: Grid = SOURCE
) -> NDArray[np.float64]:
    values = coded(grid) if values is None else values
    asset = write_cog(store, "a.tif", values, grid, nodata=np.nan)
    mosaic = Mosaic.of([Sheet(path=str(store / asset.href), grid=grid)])
    aligned = AlignedCells(
        mosaic=mosaic, codec=Codec(dtype="float32", nodata=np.nan),
        alignment=align(grid, target, kernel=kernel, name="field"),
    )  # fmt: skip
    return aligned.read(CellBox(top=0, bottom=target.height, left=0, right=target.width))


def test_cells_of_the_same_lattice_are_read_as_they_stand_beyond_the_grid_too(tmp_path: Path) -> None:
    part = Grid(crs=CRS84, transform=(10.0, 0.0, 0.0, 0.0, -10.0, 20.0), width=3, height=2)
    values = cells_on(tmp_path, Grid(crs=CRS84, transform=(10.0, 0.0, 10.0, 0.0, -10.0, 30.0), width=4, height=3), None,
                      coded(part), part)  # fmt: skip
    expected = np.full((3, 4), np.nan)
    expected[1:, :2] = coded(part)[:, 1:]
    np.testing.assert_array_equal(values, expected)


def test_a_globe_goes_on_across_the_antimeridian(tmp_path: Path) -> None:
    target = Grid(crs=CRS84, transform=(10.0, 0.0, 160.0, 0.0, -10.0, 90.0), width=4, height=1)
    np.testing.assert_array_equal(cells_on(tmp_path, target, None)[0], [34, 35, 0, 1])
    bent = Grid(crs=CRS84, transform=(10.0, 0.0, 165.0, 0.0, -10.0, 90.0), width=3, height=1)
    np.testing.assert_allclose(cells_on(tmp_path, bent, "bilinear")[0], [34.5, 17.5, 0.5])


def test_another_grid_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match=r"chlorophyll: its grid .* give resample"):
        align(SOURCE, global_grid(72, 36), kernel=None, name="chlorophyll")


def test_area_means_conserve_the_integral_and_leave_out_what_is_missing(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=(18, 36)).astype("float32")
    target = global_grid(9, 6)
    means = cells_on(tmp_path, target, "area", values)
    total = (means * cell_areas(target)[:, np.newaxis]).sum()
    assert total == pytest.approx((values * cell_areas(SOURCE)[:, np.newaxis]).sum(), rel=1e-6)
    values[:3, :2] = np.nan
    holed = cells_on(tmp_path, target, "area", values)
    areas = cell_areas(SOURCE)[:3, np.newaxis]
    expected = (values[:3, 2:4] * areas).sum() / (2 * areas.sum())
    assert holed[0, 0] == pytest.approx(expected, rel=1e-6)


def test_nearest_takes_the_cell_at_the_centre_and_bilinear_lies_between(tmp_path: Path) -> None:
    target = Grid(crs=CRS84, transform=(2.5, 0.0, 0.0, 0.0, -2.5, 0.0), width=4, height=4)
    assert (cells_on(tmp_path, target, "nearest") == coded(SOURCE)[9, 18]).all()
    bilinear = cells_on(tmp_path, target, "bilinear")
    rows, columns = np.mgrid[:4, :4]
    expected = (9 + (rows + 0.5) / 4 - 0.5) * 10_000 + 18 + (columns + 0.5) / 4 - 0.5
    np.testing.assert_allclose(bilinear, expected, rtol=1e-9)


def test_another_crs_is_warped(tmp_path: Path) -> None:
    target = Grid(crs="EPSG:3857", transform=(111_319.49, 0.0, 0.0, 0.0, -111_319.49, 111_319.49), width=2, height=1)
    assert cells_on(tmp_path, target, "nearest")[0].tolist() == [80_018.0, 80_018.0]
