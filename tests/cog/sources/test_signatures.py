"""GeoTIFF, plain HDF5, and what a file is by its first bytes."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
import rasterio

from cog.sources.opening import open_source
from config.declarations.datasets import parse_declaration
from config.errors import InvalidDeclaration, SourceRefused
from tests.support.sources import HDF5_DECLARATION, cells, write_geotiff, write_hdf5

DECLARED = parse_declaration(HDF5_DECLARATION, name="test")


def test_a_geotiff_keeps_its_cells_and_grid(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "sea ice.tif", cells(dtype="int16"), nodata=-999)
    with open_source(path) as source:
        (variable,) = source.description.variables
        found = source.read(variable.name, 0, rows=(0, 6))
    assert np.array_equal(found, cells(dtype="int16"))
    assert (variable.name, variable.dtype, variable.nodata) == ("sea_ice", "int16", -999)
    assert variable.grid.crs == "OGC:CRS84"
    assert variable.grid.transform == (1, 0, 10, 0, -1, 50)


def test_a_south_up_geotiff_is_flipped(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", cells(), transform=rasterio.Affine(1, 0, 10, 0, 1, 44))
    with open_source(path) as source:
        (variable,) = source.description.variables
        found = source.read(variable.name, 0, rows=(0, 6))
    assert np.array_equal(found, cells()[::-1])
    assert variable.grid.transform == (1, 0, 10, 0, -1, 50)


def test_a_projected_geotiff_keeps_its_epsg_code(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", cells(), crs="EPSG:5070")
    with open_source(path) as source:
        assert source.description.variables[0].grid.crs == "EPSG:5070"


def test_a_palette_makes_classes(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", cells(dtype="uint8"))
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {10: (255, 0, 0, 255)})
    with open_source(path) as source:
        (variable,) = source.description.variables
    assert variable.kind == "categorical"
    assert {c.value: c.color for c in variable.classes}[10] == (255, 0, 0, 255)


def test_a_geotiff_without_georeference_needs_a_declared_grid(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", cells(), crs=None)
    with pytest.raises(SourceRefused, match="in which coordinate reference system its cells lie; declare `grid"):
        open_source(path)
    declaration = parse_declaration({"grid": {"origin": [0, 6], "cell": [1, -1]}}, name="test")
    with open_source(path, declaration) as source:
        assert source.description.variables[0].grid.bounds == (0, 0, 8, 6)


def test_a_rotated_geotiff_is_refused(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", cells(), transform=rasterio.Affine(1, 0.2, 10, 0.2, -1, 50))
    with pytest.raises(SourceRefused, match="rotated"):
        open_source(path)


def test_a_truncated_geotiff_is_refused_when_it_is_read(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", cells(600, 600))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SourceRefused), open_source(path) as source:
        source.read(source.description.variables[0].name, 0, rows=(0, 600))


@pytest.mark.parametrize("content", [b"\x1f\x8b\x08gzip", b"<VRTDataset rasterXSize='1'/>", b"PK\x03\x04zip"])
def test_a_file_is_what_its_first_bytes_say_whatever_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    with pytest.raises(SourceRefused, match="give it as GeoTIFF, NetCDF, HDF, GRIB"):
        open_source(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="No such file"):
        open_source(tmp_path / "a.tif")


def test_plain_hdf5_is_read_as_declared(tmp_path: Path) -> None:
    stack = np.stack([cells(dtype="uint8") + n for n in range(3)], axis=2)
    with open_source(write_hdf5(tmp_path / "a.h5", stack, chunks=(4, 4, 2)), DECLARED) as source:
        (variable,) = source.description.variables
        found = [source.read("a", n, rows=(0, 6)) for n in range(3)]
    assert np.array_equal(np.stack(found, axis=2), stack)
    assert (variable.scale, variable.nodata, variable.unit, variable.together) == (0.5, 255, "m", 2)
    assert variable.steps[1].start == "2001-02-01T00:00:00Z"
    assert variable.steps[2].end == "2001-04-01T00:00:00Z"


def test_plain_hdf5_without_a_declaration_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = write_hdf5(tmp_path / "a.h5", cells())
    with pytest.raises(SourceRefused, match="declare each variable's `dims`, the `grid` and the `time`"):
        open_source(path)


def test_declared_dims_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="has 2 dimensions"):
        open_source(write_hdf5(tmp_path / "a.h5", cells(dtype="uint8")), DECLARED)


def test_a_link_to_another_file_is_refused(tmp_path: Path) -> None:
    write_hdf5(tmp_path / "other.h5", cells(dtype="uint8"))
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["a"] = h5py.ExternalLink("other.h5", "/a")
    with pytest.raises(SourceRefused, match="link to another file"):
        open_source(path, DECLARED)


def test_the_time_of_a_geotiff_can_be_in_its_name(tmp_path: Path) -> None:
    declaration = parse_declaration({"time": {"pattern": r"_(?P<year>\d{4})(?P<month>\d\d)"}}, name="test")
    with open_source(write_geotiff(tmp_path / "sst_202302.tif", cells()), declaration) as source:
        (step,) = source.description.variables[0].steps
    assert step is not None
    assert (step.label, step.start, step.end) == ("2023-02", "2023-02-01T00:00:00Z", "2023-03-01T00:00:00Z")
    with pytest.raises(SourceRefused, match="does not match"):
        open_source(write_geotiff(tmp_path / "sst.tif", cells()), declaration)


@pytest.mark.parametrize("pattern", ["(", "(?P<day>..)", "(?P<year>..)(?P<week>..)"])
def test_a_bad_time_pattern_is_an_invalid_declaration(pattern: str) -> None:
    with pytest.raises(InvalidDeclaration, match="pattern"):
        parse_declaration({"time": {"pattern": pattern}}, name="test")


def test_a_declared_level_of_plain_hdf5_is_numbered(tmp_path: Path) -> None:
    values = np.stack([cells(), cells() + 100])  # (level, row, column)
    path = write_hdf5(tmp_path / "a.h5", values)
    said = {
        "variables": [{"source": "a", "dims": ["level", "y", "x"]}],
        "grid": {"origin": [0, 6], "cell": [1, -1]},
    }
    with open_source(path, parse_declaration(said, name="test")) as source:
        (variable,) = source.description.variables
        assert variable.levels is not None
        assert variable.levels.labels == ("1", "2")
        assert np.array_equal(source.read("a", 0, rows=(0, 6), layer=1), values[1])
