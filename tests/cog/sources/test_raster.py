"""What becomes of the bands, masks and places of rasters."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.control import GroundControlPoint
from rasterio.rpc import RPC

from cog.sources.models import SourceVariable
from cog.sources.opening import open_source
from config.declarations.datasets import DatasetDeclaration, parse_declaration
from config.errors import SourceRefused
from tests.support.sources import cells, write_geotiff, write_raster


def read(path: Path, said: dict[str, Any] | None = None) -> tuple[list[SourceVariable], list[np.ndarray[Any, Any]]]:
    """The variables of a file and the cells of their first steps."""
    declaration = parse_declaration(said, name="test") if said else DatasetDeclaration()
    with open_source(path, declaration) as source:
        variables = list(source.description.variables)
        return variables, [source.read(v.name, 0, rows=(0, v.grid.height)) for v in variables]


COLORS = np.stack([cells(dtype="uint8") + n * 60 for n in range(3)])


def test_red_green_and_blue_are_one_variable(tmp_path: Path) -> None:
    (variable,), (found,) = read(write_raster(tmp_path / "a.tif", COLORS, photometric="RGB"))
    assert (variable.name, variable.kind, variable.band_count) == ("rgb", "rgb", 3)
    assert np.array_equal(found, COLORS)


def test_the_alpha_band_of_an_image_is_its_fourth(tmp_path: Path) -> None:
    alpha = np.where(cells() > 30, 255, 0).astype("uint8")[np.newaxis]
    path = write_raster(tmp_path / "a.tif", np.concatenate([COLORS, alpha]), photometric="RGB", alpha="YES")
    (variable,), (found,) = read(path)
    assert variable.band_count == 4
    assert np.array_equal(found, np.concatenate([COLORS, alpha]))


def test_the_mask_of_an_image_becomes_its_fourth_band(tmp_path: Path) -> None:
    shown = cells() > 30
    (variable,), (found,) = read(write_raster(tmp_path / "a.tif", COLORS, photometric="RGB", mask=shown))
    assert variable.band_count == 4
    assert np.array_equal(found[3], np.where(shown, 255, 0))


def test_bands_of_other_colours_than_red_green_and_blue_are_variables(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", COLORS, photometric="MINISBLACK", descriptions=["ndvi", "evi 2", ""])
    variables, found = read(path)
    assert [v.name for v in variables] == ["ndvi", "evi 2", "band_3"]
    assert np.array_equal(np.stack(found), COLORS)


def test_described_bands_are_no_image_though_gdal_marked_them_so(tmp_path: Path) -> None:
    variables, _ = read(write_raster(tmp_path / "a.tif", COLORS, photometric="RGB", descriptions=["a", "ndvi", "evi"]))
    assert [v.name for v in variables] == ["a", "ndvi", "evi"]


def test_a_declaration_makes_variables_of_colours(tmp_path: Path) -> None:
    variables, found = read(write_raster(tmp_path / "a.tif", COLORS, photometric="RGB"), {"bands": "variables"})
    assert [v.name for v in variables] == ["band_1", "band_2", "band_3"]
    assert np.array_equal(np.stack(found), COLORS)


def test_bands_may_be_times(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", COLORS)
    said = parse_declaration({"bands": "time", "time": {"labels": ["2001-01", "2001-02", "2001-03"]}}, name="test")
    with open_source(path, said) as source:
        (variable,) = source.description.variables
        assert [s.label for s in variable.steps if s] == ["2001-01", "2001-02", "2001-03"]
        found = np.stack([source.read(variable.name, n, rows=(0, 6)) for n in range(3)])
    assert np.array_equal(found, COLORS)


def test_bands_that_are_times_may_say_so_themselves(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", COLORS, descriptions=["2001", "2002", "2003"])
    (variable,), _ = read(path, {"bands": "time"})
    assert [s.label for s in variable.steps if s] == ["2001", "2002", "2003"]


@pytest.mark.parametrize(
    ("dtype", "used", "expected"),
    [
        ("uint8", [0, 7], ("uint8", 255)),
        ("uint8", [0, 255], ("uint8", 254)),
        ("uint8", list(range(256)), ("uint16", 65535)),
        ("int16", [-5, 32767], ("int16", 32766)),
        ("uint32", [0, 9], ("uint32", 4294967295)),
        ("int64", [0, 9], ("int64", -(2**63))),
    ],
)
def test_hidden_cells_get_a_value_that_no_other_cell_holds(
    tmp_path: Path, dtype: str, used: list[int], expected: tuple[str, int]
) -> None:
    values = np.resize(np.asarray(used, dtype=dtype), (20, 20))
    shown = np.ones((20, 20), dtype=bool)
    shown[-1] = False
    (variable,), (found,) = read(write_raster(tmp_path / "a.tif", values[np.newaxis], mask=shown))
    assert (variable.dtype, variable.nodata) == expected
    assert (found[~shown] == expected[1]).all()
    assert np.array_equal(found[shown], values[shown])
    assert "mask" in variable.lineage[-1]


def test_hidden_floating_point_cells_are_nan(tmp_path: Path) -> None:
    shown = cells() > 20
    (variable,), (found,) = read(write_raster(tmp_path / "a.tif", cells()[np.newaxis], mask=shown))
    assert np.isnan(variable.nodata or 0)
    assert np.array_equal(found, np.where(shown, cells(), np.nan), equal_nan=True)


def test_an_alpha_band_beside_one_band_hides_its_cells(tmp_path: Path) -> None:
    shown = cells() > 20
    both = np.stack([cells(dtype="uint8"), np.where(shown, 255, 0).astype("uint8")])
    (variable,), (found,) = read(write_raster(tmp_path / "a.tif", both, alpha="YES"))
    assert np.array_equal(found, np.where(shown, cells(), 255))
    assert variable.nodata == 255


def test_a_declared_fill_that_a_visible_cell_holds_is_refused(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", cells(dtype="uint8")[np.newaxis], mask=cells() > 20)
    with pytest.raises(SourceRefused, match="hold the declared fill value 33"):
        read(path, {"variables": [{"fill": 33}]})
    (variable,), (found,) = read(path, {"variables": [{"fill": 3}]})
    assert variable.nodata == 3
    assert np.array_equal(found, np.where(cells() > 20, cells(), 3))


def control_points(path: Path) -> Path:
    """Cells of one degree from 10 east and 50 north, placed by their corners."""
    corners = [(0, 0), (0, 8), (6, 0), (6, 8)]
    points = [GroundControlPoint(row=r, col=c, x=10 + c, y=50 - r) for r, c in corners]
    return write_geotiff(path, cells(dtype="uint8"), crs=rasterio.CRS.from_epsg(4326), gcps=points)


def rational_polynomials(path: Path) -> Path:
    """The same place by rational polynomials: sample and line are linear in longitude and latitude."""

    def only(index: int, value: float) -> list[float]:
        return [value if n == index else 0.0 for n in range(20)]

    rpcs = RPC(
        height_off=0, height_scale=1, lat_off=47.0, lat_scale=3.0, long_off=14.0, long_scale=4.0,
        line_off=2.5, line_scale=3.0, samp_off=3.5, samp_scale=4.0,
        line_num_coeff=only(2, -1.0), line_den_coeff=only(0, 1.0),
        samp_num_coeff=only(1, 1.0), samp_den_coeff=only(0, 1.0),
    )  # fmt: skip
    with rasterio.open(path, "w", driver="GTiff", count=1, height=6, width=8, dtype="uint8", rpcs=rpcs) as file:
        file.write(cells(dtype="uint8"), 1)
    return path


@pytest.mark.parametrize(
    ("make", "why"), [(control_points, "4 ground control points"), (rational_polynomials, "rational polynomial")]
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_raster_without_grid_is_warped_only_when_asked(
    tmp_path: Path, make: Callable[[Path], Path], why: str
) -> None:
    path = make(tmp_path / "a.tif")
    with pytest.raises(SourceRefused, match=re.escape("--warp")):
        read(path)
    (variable,), (found,) = read(path, {"warp": True})
    assert variable.grid.transform == pytest.approx((1, 0, 10, 0, -1, 50))
    assert variable.grid.crs == "OGC:CRS84"
    assert np.array_equal(found, cells())
    assert why in variable.lineage[0]


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_rational_polynomials_beside_a_grid_of_columns_and_rows_are_refused(tmp_path: Path) -> None:
    path = rational_polynomials(tmp_path / "a.tif")
    with rasterio.open(path, "r+") as file:
        file.crs = rasterio.CRS.from_epsg(4326)
        file.transform = rasterio.Affine.identity()
    with pytest.raises(SourceRefused, match="gdalwarp -rpc -t_srs EPSG:4326"):
        read(path, {"warp": True})


def test_a_rotated_grid_in_no_crs_is_refused_with_what_must_come_first(tmp_path: Path) -> None:
    turned = rasterio.Affine.translation(10, 50) @ rasterio.Affine.rotation(30) @ rasterio.Affine.scale(1, -1)
    path = write_geotiff(tmp_path / "a.tif", cells(dtype="uint8"), transform=turned, crs=None)
    for declaration in ({}, {"warp": True}):
        with pytest.raises(SourceRefused, match="gdalwarp -s_srs"):
            read(path, declaration)


def test_a_rotated_grid_is_warped_by_nearest_neighbour(tmp_path: Path) -> None:
    turned = rasterio.Affine.translation(10, 50) @ rasterio.Affine.rotation(30) @ rasterio.Affine.scale(1, -1)
    path = write_geotiff(tmp_path / "a.tif", cells(dtype="uint8"), transform=turned)
    with pytest.raises(SourceRefused, match="rotated grid; ingest it with --warp"):
        read(path)
    (variable,), (found,) = read(path, {"warp": True})
    a, _, c, _, e, f = variable.grid.transform
    columns, rows = np.meshgrid(np.arange(variable.grid.width), np.arange(variable.grid.height))
    column, row = ~turned @ (c + a * (columns + 0.5), f + e * (rows + 0.5))
    inside = (column > 0) & (column < 8) & (row > 0) & (row < 6)
    expected = np.where(inside, np.floor(row) * 10 + np.floor(column), variable.nodata)
    assert np.array_equal(found, expected)


def test_an_ascii_grid_keeps_fractions_that_come_late(tmp_path: Path) -> None:
    rows = [" ".join(["7"] * 400)] * 300 + [" ".join(["0.25"] * 400)]
    header = "ncols 400\nnrows 301\nxllcorner 10\nyllcorner 20\ncellsize 0.01\nNODATA_value -9999\n"
    (tmp_path / "a.asc").write_text(header + "\n".join(rows))
    (variable,), (found,) = read(tmp_path / "a.asc", {"grid": {"crs": "OGC:CRS84"}})
    assert (variable.dtype, variable.nodata) == ("float32", -9999)
    assert variable.grid.transform == pytest.approx((0.01, 0, 10, 0, -0.01, 23.01))
    assert (found[:-1] == 7).all()
    assert (found[-1] == 0.25).all()


def test_an_ascii_grid_of_whole_numbers_needs_its_crs(tmp_path: Path) -> None:
    path = tmp_path / "a.asc"
    path.write_text("NCOLS 2\nNROWS 2\nXLLCENTER 10.5\nYLLCENTER 20.5\nCELLSIZE 1\n1 2\n3 4\n")
    with pytest.raises(SourceRefused, match="coordinate reference system its cells lie"):
        read(path)
    (variable,), (found,) = read(path, {"grid": {"crs": "EPSG:32648"}})
    assert (variable.dtype, variable.grid.crs) == ("int32", "EPSG:32648")
    assert found.tolist() == [[1, 2], [3, 4]]


def test_an_erdas_file_is_read(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.img", cells(dtype="int16"), driver="HFA", crs="EPSG:32648", nodata=-1)
    (variable,), (found,) = read(path)
    assert (variable.grid.crs, variable.nodata) == ("EPSG:32648", -1)
    assert np.array_equal(found, cells())


def test_an_erdas_file_that_names_another_for_its_cells_is_refused(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.img", cells(dtype="int16"), driver="HFA", USE_SPILL="YES")
    with pytest.raises(SourceRefused, match="keeps its cells in another file"):
        read(path)


def test_the_vertical_part_of_a_crs_is_left_out(tmp_path: Path) -> None:
    (variable,), _ = read(write_geotiff(tmp_path / "a.tif", cells(), crs="EPSG:32648+5773"))
    assert variable.grid.crs == "EPSG:32648"
    assert "vertical part" in variable.lineage[0]


def test_a_mask_beside_a_no_data_value_uses_it(tmp_path: Path) -> None:
    values = cells(dtype="int16")
    values[0, 0] = -5
    path = write_raster(tmp_path / "a.tif", values[np.newaxis], mask=cells() < 40, nodata=-5)
    (variable,), (found,) = read(path)
    assert variable.nodata == -5
    assert np.array_equal(found, np.where(cells() < 40, values, -5))
    assert "mask" in variable.lineage[-1]


def test_a_truncated_ascii_grid_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.asc"
    path.write_text("ncols 3\nnrows 2\nxllcorner 10\nyllcorner 20\ncellsize 1\n1 2 3\n4\n")
    with pytest.raises(SourceRefused, match="check that the file is whole"):
        read(path, {"grid": {"crs": "OGC:CRS84"}})
