"""Small steps of an array that are read many at a time are those that are read alone."""

from __future__ import annotations

from pathlib import Path

import netCDF4
import numpy as np
import pytest

from cog.sources.netcdf.ahead import StepsAhead


@pytest.mark.parametrize("dims", [("time", "y", "x"), ("level", "time", "y", "x"), ("y", "x", "time")])
def test_each_time_has_its_own_cells(tmp_path: Path, dims: tuple[str, ...]) -> None:
    sizes = {"time": 9, "level": 2, "y": 3, "x": 4}
    values = np.arange(np.prod([sizes[d] for d in dims]), dtype="int32").reshape([sizes[d] for d in dims])
    with netCDF4.Dataset(str(tmp_path / "a.nc"), "w") as file:
        for dim in dims:
            file.createDimension(dim, sizes[dim])
        array = file.createVariable("v", "i4", dims)
        array[:] = values
        ahead = StepsAhead()
        for level, step in [*((0, s) for s in range(9)), (1, 3), (1, 4), (1, 5), (0, 8), (0, 2), (1, 6)]:
            places = {"time": step, "level": level, "y": slice(0, 3), "x": slice(None)}
            expected = values[tuple(places[d] for d in dims)]
            assert np.array_equal(ahead.read(array, [places[d] for d in dims], dims), expected)
