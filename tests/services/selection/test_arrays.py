"""A selection as a Dask-backed array: the cells, where they lie, and what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from services.selection.opening import arrays
from services.selection.opening.arrays import data_array
from tests.services.selection.conftest import GRID, LABELS, LEVELS
from tests.services.selection.test_blocks import selection
from tests.support.coverages import steps
from tests.support.rasters import coded

if TYPE_CHECKING:
    import pytest

    from services.web.context import Context


def test_an_array_holds_every_time_and_level(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "BLOCK_EDGE", 16)
    array = data_array(context, selection(context, "ocean", axes={"depth": "*"}))
    assert array.dims == ("time", "level", "y", "x")
    assert array.chunks[2:] == ((16, 16, 8), (16, 16, 16, 12))
    expected = np.stack([[steps(GRID, LABELS)[t] + np.float32(raised) for raised in LEVELS.values()] for t in LABELS])
    assert np.array_equal(array.values, expected)
    assert array["level"].values.tolist() == [0.0, 10.0, 20.5]
    assert array["time"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").values.tolist() == list(LABELS)


def test_an_array_reads_only_the_blocks_that_are_computed(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "BLOCK_EDGE", 16)
    array = data_array(context, selection(context, "country")).sel(x=slice(100, 110), y=slice(50, 40))
    assert len(array.isel(time=0).data.dask.cull(array.isel(time=0).data.__dask_keys__())) < 10
    assert np.array_equal(array.isel(time=1).values, steps(GRID, LABELS)[LABELS[1]][:10, :10])


def test_coordinates_are_cell_centres_with_the_crs(context: Context) -> None:
    array = data_array(context, selection(context, "country", times="latest"))
    assert array.dims == ("time", "y", "x")
    assert (array["x"].values[0], array["y"].values[0]) == (100.5, 49.5)
    assert array["y"].attrs["units"] == "degrees_north"
    assert array[arrays.MAPPING].attrs["grid_mapping_name"] == "latitude_longitude"


def test_a_picture_has_a_dimension_of_bands_and_no_time(context: Context) -> None:
    array = data_array(context, selection(context, "picture"))
    assert (array.dims, array.dtype.name) == (("band", "y", "x"), "float32")
    assert array["band"].values.tolist() == [1, 2, 3]
    assert np.array_equal(array.sel(band=2).values, coded(GRID) % 241)
