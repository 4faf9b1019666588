"""The sheets of one time as one raster: both views of cells show the same, the first sheet that has data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio

from cog.cells.codec import Codec
from cog.grids.lattice import CellBox, lattice, place_on
from cog.reading.mosaic import Mosaic
from cog.reading.opener import close_all, open_datasets
from cog.reading.sheets import Sheet
from config.errors import EnvironmentFault, InvalidInput
from config.grids import Grid
from tests.support.rasters import write_cog

if TYPE_CHECKING:
    from pathlib import Path

CODEC = Codec(dtype="int16", nodata=0.0)


def grid(column: int, row: int, width: int = 6, height: int = 5, *, cell: float = 10.0) -> Grid:
    transform = (cell, 0.0, 500_000 + cell * column, 0.0, -cell, 5_000_000 - cell * row)
    return Grid(crs="EPSG:32633", transform=transform, width=width, height=height)


def sheet(folder: Path, name: str, place: Grid, value: int, *, version: str = "") -> Sheet:
    """A sheet of one value, without data in its first column."""
    values = np.full((place.height, place.width), value, "int16")
    values[:, 0] = 0
    write_cog(folder, name, values, place, nodata=0)
    return Sheet(path=str(folder / name), grid=place, version=version)


def test_cells_are_those_of_the_virtual_raster(tmp_path: Path) -> None:
    places = [grid(0, 0), grid(4, 2), grid(-3, 4)]
    mosaic = Mosaic.of([sheet(tmp_path, f"{n}.tif", place, n + 1) for n, place in enumerate(places)])
    whole = CellBox(top=0, bottom=mosaic.grid.height, left=0, right=mosaic.grid.width)
    values, valid = mosaic.cells(whole, CODEC)
    with rasterio.open(mosaic.raster(CODEC)) as raster:
        assert np.array_equal(np.where(valid, values, 0), raster.read(1))
        assert (raster.width, raster.height) == (13, 9)
    box = CellBox(top=2, bottom=5, left=5, right=9)
    assert np.array_equal(mosaic.cells(box, CODEC)[0], values[box.slices])


def test_one_sheet_is_its_own_raster(tmp_path: Path) -> None:
    only = sheet(tmp_path, "a.tif", grid(0, 0), 1)
    assert Mosaic((only,)).raster(CODEC) == only.path


def test_sheets_with_a_version_stay_open_for_the_next_block(tmp_path: Path) -> None:
    close_all()
    count = open_datasets()
    mosaic = Mosaic.of([sheet(tmp_path, "a.tif", grid(0, 0), 1, version="1"), sheet(tmp_path, "b.tif", grid(6, 0), 2)])
    for left in (0, 3, 6):
        mosaic.cells(CellBox(top=0, bottom=5, left=left, right=left + 3), CODEC)
    assert open_datasets() == count + 1
    close_all()


def test_an_unreadable_sheet_is_a_fault_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(b"no raster")
    mosaic = Mosaic.of([Sheet(path=str(tmp_path / "a.tif"), grid=grid(0, 0))])
    with pytest.raises(EnvironmentFault, match="the operator finds its name in the log"):
        mosaic.cells(CellBox(top=0, bottom=1, left=0, right=1), CODEC)


@pytest.mark.parametrize("other", [grid(0, 0, cell=11.0), grid(0, 0, cell=10.5)], ids=["coarser", "finer"])
def test_unlike_cells_have_no_lattice(other: Grid) -> None:
    with pytest.raises(InvalidInput, match="part="):
        lattice([grid(0, 0), other])


def test_a_place_counts_from_the_first_cell_of_the_lattice() -> None:
    around = lattice([grid(2, 1), grid(-1, 3)])
    assert place_on(around, grid(2, 1)) == CellBox(top=0, bottom=5, left=3, right=9)
    assert place_on(around, grid(-1, 3)) == CellBox(top=2, bottom=7, left=0, right=6)
