"""Rasters in other CRSs, against gdalwarp where it is installed, else against rasterio in one piece."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from rasterio.enums import Resampling
from rasterio.warp import reproject

from cog.cells.codec import Codec
from cog.grids.window import Window, whole
from cog.reading.opener import OpenRaster
from cog.reading.warp import Kernel, Warp, suggested, warped
from config.grids import CRS84, Grid
from tests.support.rasters import coded, global_grid, write_cog

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

EUROPE = Grid(crs=CRS84, transform=(0.25, 0.0, -10.0, 0.0, -0.25, 70.0), width=160, height=140)
FLOATS = Codec(dtype="float32", nodata=-9.0)
NAMES = {"nearest": "near"}


def noise(grid: Grid, nodata: float = -9.0) -> NDArray[np.float32]:
    """Noise with a hole without data."""
    values = np.random.default_rng(5).random((grid.height, grid.width)).astype("float32")
    values[20:40, 30:60] = nodata
    return values


def read(path: str, warp: Warp, codec: Codec, kernel: Kernel = "nearest") -> NDArray[Any]:
    """All strips of the first band, one below the other."""
    found: NDArray[Any] = np.concatenate([values for _, values in warped(path, warp, codec, kernel=kernel)], axis=1)[0]
    return found


@pytest.fixture(autouse=True)
def _thin_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cog.reading.warp.STRIP_ROWS", 13)


@pytest.mark.parametrize("kernel", ["nearest", "bilinear", "cubic", "average", "mode"])
@pytest.mark.parametrize("crs", ["EPSG:3035", "EPSG:3857", "EPSG:32633"])
def test_strips_are_those_of_one_warp(tmp_path: Path, kernel: Kernel, crs: str) -> None:
    path = str(tmp_path / write_cog(tmp_path, "a.tif", noise(EUROPE), EUROPE, nodata=-9.0).href)
    output = suggested(EUROPE, crs)
    found = read(path, Warp(grid=EUROPE, window=whole(EUROPE), output=output), FLOATS, kernel)
    expected = np.full((output.height, output.width), -9.0, "float32")
    options = {"XSCALE": "1", "YSCALE": "1", "tolerance": 0}
    with rasterio.open(path) as dataset:
        reproject(
            rasterio.band(dataset, 1),
            expected,
            dst_transform=rasterio.Affine(*output.transform),
            dst_crs=crs,
            dst_nodata=-9.0,
            resampling=Resampling[kernel],
            **options,
        )
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("fill", [-9.0, float("nan")])
@pytest.mark.parametrize("kernel", ["bilinear", "cubic", "average"])
@pytest.mark.parametrize("crs", ["EPSG:3035", "EPSG:3857"])
def test_infinite_cells_do_not_spread(tmp_path: Path, kernel: Kernel, crs: str, fill: float) -> None:
    """They are left out of the kernel, as are cells that hold the no-data value."""
    values, place = noise(EUROPE, fill), (slice(50, 60), slice(70, 80))
    answers = []
    for name, hole in (("infinite", np.inf), ("missing", fill)):
        values[place] = hole
        path = str(tmp_path / write_cog(tmp_path, f"{name}.tif", values, EUROPE, nodata=fill).href)
        warp = Warp(grid=EUROPE, window=whole(EUROPE), output=suggested(EUROPE, crs))
        answers.append(read(path, warp, Codec(dtype="float32", nodata=fill), kernel))
    np.testing.assert_allclose(*answers, rtol=1e-5)


@pytest.mark.skipif(shutil.which("gdalwarp") is None, reason="not run: there is no gdalwarp")
@pytest.mark.parametrize("kernel", ["nearest", "bilinear"])
def test_the_answer_is_that_of_gdalwarp(tmp_path: Path, kernel: Kernel) -> None:
    path = str(tmp_path / write_cog(tmp_path, "a.tif", noise(EUROPE), EUROPE, nodata=-9.0).href)
    output = suggested(EUROPE, "EPSG:3035")
    found = read(path, Warp(grid=EUROPE, window=whole(EUROPE), output=output), FLOATS, kernel)
    other = str(tmp_path / "other.tif")
    command = ["gdalwarp", "-q", "-et", "0", "-ovr", "NONE", "-t_srs", "EPSG:3035", "-r", NAMES.get(kernel, kernel)]
    subprocess.run([*command, "-wo", "XSCALE=1", "-wo", "YSCALE=1", path, other], check=True)
    with rasterio.open(other) as dataset:
        assert np.allclose(dataset.transform, rasterio.Affine(*output.transform))
        assert np.allclose(found, dataset.read(1), atol=1e-6)


@pytest.mark.parametrize("west", [-180.0, 0.0, -90.0])
@pytest.mark.parametrize("kernel", ["nearest", "bilinear"])
def test_the_antimeridian_leaves_no_trace(tmp_path: Path, west: float, kernel: Kernel) -> None:
    """The wave of longitude is smooth, so any seam would show."""
    grid = global_grid(720, 360, west=west)
    longitudes = west + (np.arange(720) + 0.5) / 2
    values = np.tile(np.sin(np.radians(longitudes)), (360, 1)).astype("float32")
    path = str(tmp_path / write_cog(tmp_path, "a.tif", values, grid).href)
    output = Grid(crs="EPSG:3832", transform=(20_000.0, 0, 2_500_000.0, 0, -20_000.0, 500_000.0), width=200, height=50)
    warp = Warp(grid=grid, window=whole(grid), output=output, most_read=10**9)
    found = read(path, warp, Codec(dtype="float32", nodata=None), kernel)
    x = 2_500_000 + (np.arange(200) + 0.5) * 20_000
    longitude, _ = Transformer.from_crs("EPSG:3832", CRS84, always_xy=True).transform(x, np.zeros(200))
    assert np.abs(found[25] - np.sin(np.radians(longitude))).max() < (0.005 if kernel == "nearest" else 1e-4)


def test_a_region_across_180_is_found_from_both_sides(tmp_path: Path) -> None:
    grid = Grid(crs=CRS84, transform=(0.5, 0.0, 170.0, 0.0, -0.5, 10.0), width=40, height=20)
    path = str(tmp_path / write_cog(tmp_path, "a.tif", coded(grid), grid).href)
    world = Grid(crs=CRS84, transform=(0.5, 0.0, -180.0, 0.0, -0.5, 10.0), width=720, height=20)
    warp = Warp(grid=grid, window=whole(grid), output=world)
    found = read(path, warp, Codec(dtype="float32", nodata=None))
    assert np.array_equal(found[:, 700:], coded(grid)[:, :20])
    assert np.array_equal(found[:, :20], coded(grid)[:, 20:])
    assert np.isnan(found[:, 20:700]).all()


def test_integers_without_a_fill_value_become_wider_where_cells_are_missing(tmp_path: Path) -> None:
    stored = Codec(dtype="uint8", nodata=None)
    assert stored.fillable() == Codec(dtype="int16", nodata=-32768.0)
    values = np.random.default_rng(1).integers(0, 256, (140, 160)).astype("uint8")
    path = str(tmp_path / write_cog(tmp_path, "a.tif", values, EUROPE).href)
    warp = Warp(grid=EUROPE, window=whole(EUROPE), output=suggested(EUROPE, "EPSG:3035"))
    found = read(path, warp, stored)
    assert found.dtype == np.int16
    assert found[0, 0] == -32768
    assert {0, 255} <= set(found.ravel().tolist()) <= {-32768, *range(256)}


def test_a_huge_window_is_read_from_an_overview(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = global_grid(2048, 1024)
    path = str(tmp_path / write_cog(tmp_path, "a.tif", coded(grid), grid).href)
    levels: list[int | None] = []

    def at(raster: OpenRaster, level: int | None) -> Any:
        levels.append(level)
        return read_at(raster, level)

    read_at = OpenRaster.at
    monkeypatch.setattr(OpenRaster, "at", at)
    output = Grid(crs="EPSG:4087", transform=(400_000.0, 0, -2e7, 0, -400_000.0, 1e7), width=100, height=50)
    warp = Warp(grid=grid, window=Window(column=0, row=0, width=2048, height=1024), output=output)
    full = read(path, warp, Codec(dtype="float32", nodata=None))
    small = Warp(grid=grid, window=warp.window, output=output, most_read=500_000)
    found = read(path, small, Codec(dtype="float32", nodata=None))
    assert levels == [None, 1]
    assert np.nanmax(np.abs(found - full) % 10_000) <= 4
