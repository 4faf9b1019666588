"""HDF4 files made with pyhdf, with known cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyhdf.SD import SD, SDC

from cog.sources.models import SourceVariable
from cog.sources.opening import open_source
from config.declarations.datasets import parse_declaration
from config.errors import SourceRefused
from tests.support.sources import cells

STRUCTURE = """GROUP=GridStructure
	GROUP=GRID_1
		GridName="g"
		XDim=8
		YDim=6
		UpperLeftPointMtrs={corners}
		Projection={projection}
		ProjParams={parameters}
		SphereCode=-1
		GROUP=DataField
			OBJECT=DataField_1
				DataFieldName="a"
			END_OBJECT=DataField_1
		END_GROUP=DataField
	END_GROUP=GRID_1
END_GROUP=GridStructure
END
"""
SINUSOIDAL = "(6371007.181,0,0,0,0,0,0,0,0,0,0,0,0)"
GEOGRAPHIC = "(100030000.00,20000000.00)\n\t\tLowerRightMtrs=(104030000.00,17000000.00)"
"""From 100 degrees 30 minutes east and 20 north, cells of half a degree, packed as DDDMMMSSS.SS."""


def write_hdf4(path: Path, values: np.ndarray[Any, Any], *, structure: str = "", **attributes: Any) -> Path:
    """A file of one array `a` with its attributes, and a StructMetadata.0 where one is given."""
    kinds = {"uint8": SDC.UINT8, "int16": SDC.INT16, "float32": SDC.FLOAT32}
    file = SD(str(path), SDC.WRITE | SDC.CREATE | SDC.TRUNC)
    if structure:
        file.attr("StructMetadata.0").set(SDC.CHAR, structure)
    array = file.create("a", kinds[values.dtype.name], values.shape)
    names = ("YDim:g", "XDim:g") if values.ndim == 2 else ("level", "YDim:g", "XDim:g")
    for number, name in enumerate(names):
        array.dim(number).setname(name)
    for name, value in attributes.items():
        many = value if isinstance(value, list) else [value]
        kind = SDC.CHAR if isinstance(value, str) else SDC.FLOAT64 if isinstance(many[0], float) else kinds["int16"]
        array.attr(name).set(kind, value)
    array[:] = values
    array.endaccess()
    file.end()
    return path


def grid(projection: str = "GCTP_GEO", corners: str = GEOGRAPHIC, parameters: str = "(0,0,0,0,0,0)") -> str:
    return STRUCTURE.format(projection=projection, corners=corners, parameters=parameters)


def read(path: Path, said: dict[str, Any] | None = None, level: int = 0) -> tuple[SourceVariable, np.ndarray[Any, Any]]:
    with open_source(path, parse_declaration(said or {}, name="test")) as source:
        (variable,) = source.description.variables
        return variable, source.read("a", 0, rows=(0, 6), layer=level)


def test_a_geographic_grid_has_its_corners_in_packed_degrees(tmp_path: Path) -> None:
    variable, found = read(write_hdf4(tmp_path / "a.hdf", cells(dtype="int16"), structure=grid()))
    assert variable.grid.crs == "OGC:CRS84"
    assert variable.grid.transform == pytest.approx((0.5, 0, 100.5, 0, -0.5, 20))
    assert np.array_equal(found, cells())


def test_a_sinusoidal_grid_is_on_its_sphere(tmp_path: Path) -> None:
    corners = "(-8000,6000)\n\t\tLowerRightMtrs=(0,0)"
    structure = grid("GCTP_SNSOID", corners, SINUSOIDAL)
    variable, _ = read(write_hdf4(tmp_path / "a.hdf", cells(dtype="int16"), structure=structure))
    assert "6371007.181" in variable.grid.crs
    assert variable.grid.transform == pytest.approx((1000, 0, -8000, 0, -1000, 6000))


def test_an_unknown_projection_is_refused_by_name(tmp_path: Path) -> None:
    path = write_hdf4(tmp_path / "a.hdf", cells(dtype="int16"), structure=grid("GCTP_SOM"))
    with pytest.raises(SourceRefused, match="grid g in projection GCTP_SOM is not understood"):
        read(path)


def test_swaths_are_refused_with_a_remedy(tmp_path: Path) -> None:
    path = write_hdf4(tmp_path / "a.hdf", cells(dtype="int16"), structure="GROUP=SwathStructure\n\tGROUP=SWATH_1\n")
    with pytest.raises(SourceRefused, match="HDF-EOS file of swaths; resample it to a grid"):
        read(path)


def test_fill_and_valid_range_make_no_data(tmp_path: Path) -> None:
    path = write_hdf4(
        tmp_path / "a.hdf", cells(dtype="int16"), structure=grid(), _FillValue=-1, valid_range=[10, 40], units="K"
    )
    variable, found = read(path)
    assert (variable.nodata, variable.unit) == (-1, "K")
    assert np.array_equal(found, np.where((cells() >= 10) & (cells() <= 40), cells(), -1))


def test_packed_cells_are_scale_times_their_difference_from_the_offset(tmp_path: Path) -> None:
    path = write_hdf4(tmp_path / "a.hdf", cells(dtype="int16"), structure=grid(), scale_factor=0.5, add_offset=10.0)
    variable, _ = read(path)
    assert (variable.scale, variable.offset) == (0.5, -5.0)


def test_a_scale_to_divide_by_must_be_declared(tmp_path: Path) -> None:
    path = write_hdf4(tmp_path / "a.hdf", cells(dtype="int16"), structure=grid(), scale_factor=10000.0)
    with pytest.raises(SourceRefused, match=r"declare its `scale`: 0\.0001 or 10000"):
        read(path)
    variable, _ = read(path, {"variables": [{"scale": 0.0001}]})
    assert variable.scale == 0.0001


def test_a_plain_array_is_read_as_declared(tmp_path: Path) -> None:
    values = np.stack([cells(dtype="int16"), cells(dtype="int16") + 100])
    path = write_hdf4(tmp_path / "a.hdf", values)
    with pytest.raises(SourceRefused, match="declare `grid`"):
        read(path)
    said = {"variables": [{"dims": ["level", "y", "x"]}], "grid": {"origin": [10, 50], "cell": [1, -1]}}
    variable, found = read(path, said, level=1)
    assert variable.levels is not None
    assert variable.levels.labels == ("1", "2")
    assert np.array_equal(found, cells() + 100)


def test_a_key_names_the_classes(tmp_path: Path) -> None:
    key = "0=missing data, 11=night, clouds aside, 200=snow"
    variable, _ = read(write_hdf4(tmp_path / "a.hdf", cells(dtype="uint8"), structure=grid(), Key=key))
    assert variable.kind == "categorical"
    assert {c.value: c.name for c in variable.classes} == {0: "missing data", 11: "night, clouds aside", 200: "snow"}


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = write_hdf4(tmp_path / "a.hdf", cells(400, 400, dtype="float32"))
    path.write_bytes(path.read_bytes()[:200_000])
    said = {"variables": [{"dims": ["y", "x"]}], "grid": {"origin": [10, 50], "cell": [0.1, -0.1]}}
    with (
        pytest.raises(SourceRefused, match="check that the file is whole"),
        open_source(path, parse_declaration(said, name="test")) as source,
    ):
        source.read("a", 0, rows=(0, 400))
