"""Cells without data by the attributes of NetCDF variables and HDF5 arrays: defaults, texts, values of another type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest

from cog.sources.models import SourceVariable
from cog.sources.opening import open_source
from config.declarations.datasets import parse_declaration
from tests.support.sources import cells, write_netcdf

LAT, LON = np.arange(5.5, -0.5, -1), np.arange(10.5, 18.5)


def read(path: Path, declaration: dict[str, Any] | None = None) -> tuple[SourceVariable, np.ndarray[Any, Any]]:
    """The first variable and its physical values, NaN where there is no data."""
    with open_source(path, parse_declaration(declaration or {}, name="test")) as source:
        variable = source.description.variables[0]
        stored = source.read(variable.name, 0, rows=(0, variable.grid.height))
    values, valid = variable.codec.decode(stored)
    return variable, np.where(valid, values.astype("f8"), np.nan)


@pytest.mark.parametrize("dtype", ["i2", "u2", "i4", "u4", "i8", "u8"])
def test_the_default_fill_of_whole_numbers_is_no_data(tmp_path: Path, dtype: str) -> None:
    stored = cells(dtype=dtype)
    stored[0, 0] = netCDF4.default_fillvals[dtype]
    attributes = {"scale_factor": 0.1}
    variable, values = read(write_netcdf(tmp_path / "a.nc", stored, LAT, LON, attributes=attributes))
    assert np.isnan(values[0, 0])
    assert values[0, 1] == pytest.approx(0.1)
    assert np.isnan(values).sum() == 1
    assert any("default fill value" in note for note in variable.assumed)


def test_bytes_have_no_default_fill(tmp_path: Path) -> None:
    stored = np.full((6, 8), 129, "u1")
    variable, values = read(write_netcdf(tmp_path / "a.nc", stored, LAT, LON))
    assert variable.nodata is None
    assert not np.isnan(values).any()


def test_a_default_fill_that_is_a_flag_or_stated_valid_is_data(tmp_path: Path) -> None:
    stored = np.full((6, 8), 65535, "u2")
    valid = write_netcdf(tmp_path / "a.nc", stored, LAT, LON, attributes={"valid_range": np.uint16([0, 65535])})
    assert not np.isnan(read(valid)[1]).any()
    flags = {"flag_values": np.uint16([1, 65535]), "flag_meanings": "land water", "units": "1"}
    assert not np.isnan(read(write_netcdf(tmp_path / "b.nc", stored, LAT, LON, attributes=flags))[1]).any()


def test_numbers_may_be_stated_as_texts(tmp_path: Path) -> None:
    values = cells()
    values[0, :2] = -99, -5
    attributes = {"missing_value": "-99", "valid_range": "0, 100"}
    variable, physical = read(write_netcdf(tmp_path / "a.nc", values, LAT, LON, attributes=attributes))
    assert np.isnan(physical[0, :2]).all()
    assert np.isnan(physical).sum() == 2
    assert "Its missing_value is the text '-99', taken as a number." in variable.lineage


def test_a_missing_value_that_is_no_number_is_ignored_with_a_note(tmp_path: Path) -> None:
    path = write_netcdf(tmp_path / "a.nc", cells(), LAT, LON, attributes={"missing_value": "none"})
    variable, physical = read(path)
    assert not np.isnan(physical).any()
    assert any("'none'" in note and "ignored" in note for note in variable.assumed)


def test_a_fill_that_no_cell_can_hold_is_ignored_with_a_note(tmp_path: Path) -> None:
    attributes = {"missing_value": np.float32("nan"), "scale_factor": 0.5, "add_offset": 10.0}
    variable, physical = read(write_netcdf(tmp_path / "a.nc", cells(dtype="i2"), LAT, LON, attributes=attributes))
    assert (physical[0, 0], physical[5, 7]) == (10.0, 38.5)
    assert any("nan, which no int16 cell holds" in note for note in variable.assumed)


def test_a_quantity_with_copied_flags_is_continuous(tmp_path: Path) -> None:
    attributes = {"flag_values": np.int8([0, 1]), "flag_meanings": "bad good", "units": "kelvin"}
    variable, _ = read(write_netcdf(tmp_path / "a.nc", cells() + 270, LAT, LON, attributes=attributes))
    assert variable.kind == "continuous"
    assert any("flag_values were not taken for its meaning" in note for note in variable.assumed)


def test_flags_stated_as_text_are_classes(tmp_path: Path) -> None:
    attributes = {"flag_values": "0b, 1b", "flag_meanings": "bad good", "units": "1"}
    variable, _ = read(write_netcdf(tmp_path / "a.nc", cells(dtype="i1") % 2, LAT, LON, attributes=attributes))
    assert [(c.value, c.name) for c in variable.classes] == [(0, "bad"), (1, "good")]


@pytest.mark.parametrize("kind", ["NETCDF4", "NETCDF3_CLASSIC"])
def test_a_declared_grid_forgets_no_attribute_of_the_cells(tmp_path: Path, kind: str) -> None:
    stored = cells(dtype="i2")
    stored[0, 0], stored[0, 1] = -32767, -999
    attributes = {
        "_FillValue": np.int16(-32767),
        "missing_value": np.int16(-999),
        "scale_factor": 0.5,
        "add_offset": 10.0,
    }
    with netCDF4.Dataset(str(tmp_path / "a.nc"), "w", format=kind) as file:
        file.createDimension("j", 6)
        file.createDimension("i", 8)
        variable = file.createVariable("v", "i2", ("j", "i"), fill_value=-32767)
        variable.set_auto_maskandscale(False)
        variable.setncatts(attributes)
        variable[:] = stored
    declaration = {
        "variables": [{"source": "v", "dims": ["y", "x"], "unit": "1"}],
        "grid": {"origin": [10, 50], "cell": [1, -1]},
    }
    _, physical = read(tmp_path / "a.nc", declaration)
    assert np.isnan(physical[0, :2]).all()
    assert (physical[0, 2], physical[5, 7]) == (11.0, 38.5)
