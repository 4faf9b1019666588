"""Members of ensembles, wave spectra, bounds of levels, and HDF-EOS 5 grids."""

from __future__ import annotations

from pathlib import Path

import h5py
import netCDF4
import numpy as np
import pytest

from cog.sources.opening import open_source
from config.declarations.datasets import parse_declaration
from tests.cog.sources.test_grib import write_grib
from tests.support.sources import cells

LAT, LON = np.arange(5.5, -0.5, -1), np.arange(10.5, 18.5)


def ensemble(path: Path, *, levels: int = 0, name: str = "number") -> Path:
    """A file of three members: member * 1000 + level * 100 + row * 10 + column."""
    with netCDF4.Dataset(str(path), "w") as file:
        for dim, axis, unit in (("lat", LAT, "degrees_north"), ("lon", LON, "degrees_east")):
            file.createDimension(dim, len(axis))
            file.createVariable(dim, "f8", (dim,)).units = unit
            file[dim][:] = axis
        file.createDimension(name, 3)
        file.createVariable(name, "i4", (name,)).standard_name = "realization" if name == "number" else name
        file[name][:] = [0, 1, 2]
        dims, offset = (name,), np.arange(3) * 1000
        if levels:
            file.createDimension("plev", levels)
            file.createVariable("plev", "f8", ("plev",)).units = "hPa"
            file["plev"][:] = [850, 500][:levels]
            dims, offset = (name, "plev"), offset[:, np.newaxis] + np.arange(levels) * 100
        file.createVariable("t", "f4", (*dims, "lat", "lon"))[:] = offset[..., np.newaxis, np.newaxis] + cells()
    return path


def test_members_are_an_axis_of_that_name(tmp_path: Path) -> None:
    with open_source(ensemble(tmp_path / "a.nc")) as source:
        (variable,) = source.description.variables
        assert variable.members is not None
        assert variable.levels is None
        assert (variable.members.name, variable.members.labels) == ("member", ("0", "1", "2"))
        assert source.read("t", 0, rows=(0, 6), layer=2)[5, 7] == 2057


def test_members_are_an_axis_beside_levels(tmp_path: Path) -> None:
    with open_source(ensemble(tmp_path / "a.nc", levels=2)) as source:
        (variable,) = source.description.variables
        assert variable.levels is not None
        assert variable.members is not None
        assert (variable.levels.labels, variable.members.labels) == (("850", "500"), ("0", "1", "2"))
        assert variable.layers == ("850@0", "500@0", "850@1", "500@1", "850@2", "500@2")
        assert source.read("t", 0, rows=(0, 6), layer=3)[5, 7] == 1157


def single_member(path: Path, number: int) -> Path:
    """A file of one member, whose number is a scalar coordinate, as the Climate Data Store writes it."""
    with netCDF4.Dataset(str(ensemble(path, name="bogus")), "a") as file:
        file.createVariable("number", "i8", ()).standard_name = "realization"
        file["number"][...] = number
        file.createVariable("tp", "f4", ("lat", "lon")).coordinates = "number"
        file["tp"][:] = cells()
    return path


def test_a_member_alone_is_one_of_several_by_its_number_or_as_declared(tmp_path: Path) -> None:
    def members(number: int, said: bool | None = None) -> tuple[str, ...] | None:
        declaration = {"variables": [{"source": "tp"}], **({} if said is None else {"ensemble": said})}
        with open_source(single_member(tmp_path / "a.nc", number), parse_declaration(declaration, name="test")) as one:
            axis = one.description.variables[0].members
        return None if axis is None else axis.labels

    assert members(7) == ("7",)
    assert members(0) is None  # ERA5 says so of the deterministic run
    assert members(0, said=True) == ("0",)
    assert members(7, said=False) is None


def test_members_may_have_names(tmp_path: Path) -> None:
    path = ensemble(tmp_path / "a.nc", name="bogus")
    with netCDF4.Dataset(str(path), "a") as file:
        file.renameDimension("bogus", "ensemble")
        names = file.createVariable("ensemble", str, ("ensemble",))
        names[:] = np.array(["r1i1p1f1", "r2i1p1f1", "mean"], dtype=object)
    with open_source(path) as source:
        axis = source.description.variables[0].members
    assert axis is not None
    assert axis.labels == ("r1i1p1f1", "r2i1p1f1", "mean")


def test_members_may_be_declared(tmp_path: Path) -> None:
    path = ensemble(tmp_path / "a.nc", name="bogus")
    declaration = parse_declaration({"variables": [{"source": "t", "dims": ["member", "y", "x"]}]}, name="test")
    with open_source(path, declaration) as source:
        members = source.description.variables[0].members
    assert members is not None
    assert members.labels == ("0", "1", "2")


def test_members_of_grib_are_an_axis_beside_levels(tmp_path: Path) -> None:
    def field(member: int, level: int) -> tuple[np.ndarray, dict[str, object]]:
        keys = {"productDefinitionTemplateNumber": 1, "shortName": "t", "typeOfLevel": "isobaricInhPa", "level": level}
        return cells() + member * 1000 + level, keys | {"number": member}

    with open_source(write_grib(tmp_path / "a.grib2", *(field(n, 500) for n in range(3)))) as source:
        (variable,) = source.description.variables
        assert variable.members is not None
        assert variable.levels is not None
        assert (variable.members.labels, variable.levels.labels) == (("0", "1", "2"), ("500",))
        assert source.read("t", 0, rows=(0, 6), layer=2)[5, 7] == pytest.approx(2557, abs=0.1)
    both = [field(n, level) for n in range(2) for level in (850, 500)]
    with open_source(write_grib(tmp_path / "b.grib2", *both)) as source:
        (variable,) = source.description.variables
        assert variable.layers == ("850@0", "500@0", "850@1", "500@1")
        assert source.read("t", 0, rows=(0, 6), layer=2)[0, 0] == pytest.approx(1850, abs=0.1)
    with open_source(write_grib(tmp_path / "c.grib2", field(3, 500))) as source:  # a file a member, as of GEFS
        (variable,) = source.description.variables
        assert variable.layers == ("500@3",)


def test_levels_have_the_bounds_of_their_layers(tmp_path: Path) -> None:
    with netCDF4.Dataset(str(ensemble(tmp_path / "a.nc", name="bogus")), "a") as file:
        file.createDimension("depth", 2)
        file.createDimension("two", 2)
        depth = file.createVariable("depth", "f8", ("depth",))
        depth.units, depth.positive, depth.bounds, depth[:] = "m", "down", "edges", [0.5, 2]
        file.createVariable("edges", "f8", ("depth", "two"))[:] = [[0, 1], [1, 3]]
        file.createVariable("soil", "f4", ("depth", "lat", "lon"))[:] = cells()
    with open_source(tmp_path / "a.nc") as source:
        levels = source.description.variable("soil").levels
    assert levels is not None
    assert (levels.labels, levels.bounds) == (("0.5", "2"), (("0", "1"), ("1", "3")))


STRUCTURE = """GROUP=GridStructure
\tGROUP=GRID_1
\t\tGridName="Ozone"
\t\tXDim=8
\t\tYDim=6
\t\tUpperLeftPointMtrs=(10000000.0,56000000.0)
\t\tLowerRightMtrs=(18000000.0,50000000.0)
\t\tProjection=HE5_GCTP_GEO
\t\tGridOrigin=HE5_HDFE_GD_LL
\t\tGROUP=DataField
\t\t\tOBJECT=DataField_1
\t\t\t\tDataFieldName="Column"
\t\t\t\tDimList=("YDim","XDim")
\t\t\tEND_OBJECT=DataField_1
\t\tEND_GROUP=DataField
\tEND_GROUP=GRID_1
END_GROUP=GridStructure
END
"""


def test_an_hdf_eos_5_grid_is_placed_by_its_structure(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.he5", "w") as file:
        file["HDFEOS INFORMATION/StructMetadata.0"] = np.bytes_(STRUCTURE)
        values = cells()
        values[0, 0] = -5
        data = file.create_dataset("HDFEOS/GRIDS/Ozone/Data Fields/Column", data=values)
        data.attrs["MissingValue"], data.attrs["ScaleFactor"], data.attrs["Units"] = np.float32([-5]), [2.0], b"DU"
        attributes = file.create_group("HDFEOS/ADDITIONAL/FILE_ATTRIBUTES").attrs
        attributes["GranuleYear"], attributes["GranuleMonth"], attributes["GranuleDay"] = [2006], [5], [16]
    with open_source(tmp_path / "a.he5") as source:
        (variable,) = source.description.variables
        stored = source.read(variable.name, 0, rows=(0, 6))
    assert variable.name == "HDFEOS/GRIDS/Ozone/Data Fields/Column"
    assert variable.grid.bounds == (10, 50, 18, 56)
    assert (variable.scale, variable.unit, variable.nodata) == (2.0, "DU", -5)
    assert stored[0].tolist() == [50, 51, 52, 53, 54, 55, 56, 57]  # the file's first row is the southernmost
    assert [step.label for step in variable.steps if step] == ["2006-05-16"]
