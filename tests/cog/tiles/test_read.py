"""Tiles read from rasters whose values say where their cells are, checked by arithmetic and against rio-tiler."""

from __future__ import annotations

import math
import random
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import morecantile
import numpy as np
import pytest
from rio_tiler.errors import PointOutsideBounds
from rio_tiler.io import Reader

from cog.grids import gridmath
from cog.tiles.reader import GranuleReader
from cog.tiles.source import RasterSource
from config.errors import InvalidParameter
from config.grids import CRS84, Grid
from tests.support.rasters import coded, global_grid, write_cog

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from rio_tiler.models import ImageData

SETS = ("WebMercatorQuad", "WorldCRS84Quad")
STRADDLING = global_grid(432, 216, west=-180.41667)
"""A grid that was 0..360 with cell centres on whole cells: its first column straddles 180 degrees."""


def source(store: Path, grid: Grid, values: NDArray[Any] | None = None, **kept: Any) -> RasterSource:
    data = coded(grid) if values is None else values
    asset = write_cog(store, "a.tif", data, grid, nodata=kept.get("nodata"))
    return RasterSource(path=str(store / asset.href), grid=grid, **kept)


def tile(raster: RasterSource, name: str, z: int, x: int, y: int, **options: Any) -> ImageData:
    with GranuleReader(raster, tms=morecantile.tms.get(name)) as reader:
        return reader.tile(x, y, z, **options)


def test_a_whole_world_in_a_cylindrical_projection_is_drawn_up_to_where_web_mercator_ends(tmp_path: Path) -> None:
    cell = 20037508.342789244 / 36
    grid = Grid(crs="EPSG:4087", transform=(cell, 0, -36 * cell, 0, -cell, 18 * cell), width=72, height=36)
    rows = np.repeat(np.arange(36, dtype="float32")[:, np.newaxis], 72, axis=1)
    image = tile(source(tmp_path, grid, rows), "WebMercatorQuad", 0, 0, 0)
    _, lat = centres("WebMercatorQuad", 0, 0, 0)
    assert not np.ma.getmaskarray(image.array).any()
    assert np.abs(image.data[0, :, 100] - np.floor((90 - lat) / 5)).max() <= 1
    assert (image.data[0, :, 100] == np.floor((90 - lat) / 5)).mean() > 0.95


def centres(name: str, z: int, x: int, y: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """(longitudes, latitudes) of a tile's pixel centres, computed from the definition of both tile matrix sets."""
    i, n = np.arange(256) + 0.5, 2**z
    if name == "WorldCRS84Quad":
        size = 180 / n
        return -180 + (x + i / 256) * size, 90 - (y + i / 256) * size
    lon = -180 + (x + i / 256) * 360 / n
    return lon, np.degrees(np.arctan(np.sinh(math.pi * (1 - 2 * (y + i / 256) / n))))


def expected(grid: Grid, name: str, z: int, x: int, y: int) -> NDArray[Any]:
    """What full-resolution `coded` values show at a tile's pixel centres; -1 outside the grid."""
    lon, lat = centres(name, z, x, y)
    column = np.floor((lon - grid.transform[2]) % 360 / grid.transform[0]).astype(int)
    row = np.floor((lat - grid.transform[5]) / grid.transform[4]).astype(int)
    value = row[:, None] * 10_000 + column[None, :]
    inside = ((row >= 0) & (row < grid.height))[:, None] & ((column >= 0) & (column < grid.width))[None, :]
    return np.where(inside, value, -1)


PLACES = {"west of 180": -179.9, "east of 180": 179.9, "90 west": -90.0, "Greenwich": 0.0}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize(
    "grid", [global_grid(), STRADDLING, global_grid(360, 180, west=0.0)], ids=["-180", "straddling", "0..360"]
)
def test_a_tile_at_or_above_native_resolution_shows_the_cell_of_each_pixel(
    store: Path, grid: Grid, place: str, name: str
) -> None:
    raster = source(store, grid)
    tms = morecantile.tms.get(name)
    for z in (1, 2, 3, 4):
        at = tms.tile(PLACES[place], 33.3, z)
        if tms.matrix(z).cellSize * (111_319.49 if name == "WorldCRS84Quad" else 1) > 111_319.49 * grid.transform[0]:
            continue
        image = tile(raster, name, z, at.x, at.y)
        np.testing.assert_array_equal(image.array.filled(-1)[0], expected(grid, name, z, at.x, at.y))


@pytest.mark.parametrize("y", [0, 7], ids=["north pole", "south pole"])
def test_a_polar_tile_reaches_the_last_row(store: Path, y: int) -> None:
    grid = global_grid()
    image = tile(source(store, grid), "WorldCRS84Quad", 3, 5, y)
    np.testing.assert_array_equal(image.array.filled(-1)[0], expected(grid, "WorldCRS84Quad", 3, 5, y))
    rows = image.array[0, :, 0] // 10_000
    assert rows.min() == 0 if y == 0 else rows.max() == 179


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("below", [1, 2])
def test_a_coarse_tile_shows_the_nearest_cell_of_an_overview(store: Path, name: str, below: int) -> None:
    grid = global_grid(1440, 720)  # 0.25 degrees, native between matrices 2 and 3 (Mercator) or 1 and 2
    z = (3 if name == "WebMercatorQuad" else 2) - below
    raster = source(store, grid)
    wrong = 0
    for x in range(2 if z else 1):
        shown = tile(raster, name, z, x, 0).array.filled(-1)[0]
        full = expected(grid, name, z, x, 0)
        column, row = np.abs(shown % 10_000 - full % 10_000), np.abs(shown // 10_000 - full // 10_000)
        reach = 2 ** (below + 1)
        wrong += int((np.minimum(column, 1440 - column) > reach).sum() + (row > reach).sum())
    assert wrong == 0


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("width", "height"), [(1440, 720), (2000, 1000), (360, 180)])
def test_rio_tiler_reads_the_same_tile_of_an_ordinary_raster(store: Path, name: str, width: int, height: int) -> None:
    raster = source(store, global_grid(width, height), nodata=-1.0)
    tms = morecantile.tms.get(name)
    dice = random.Random(width)
    for _ in range(25):
        z = dice.randint(0, 6)
        matrix = tms.matrix(z)
        x, y = dice.randrange(matrix.matrixWidth), dice.randrange(matrix.matrixHeight)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the oracle warns for every global raster; ours must not
            with Reader(raster.path, tms=tms) as oracle:
                wanted = oracle.tile(x, y, z).array
        np.testing.assert_array_equal(tile(raster, name, z, x, y).array.filled(-1), wanted.filled(-1))


def test_a_south_up_raster_shows_the_same_picture(store: Path) -> None:
    north_up = global_grid()
    south_up = Grid(crs=CRS84, transform=(1.0, 0.0, -180.0, 0.0, 1.0, -90.0), width=360, height=180)
    flipped = source(store, south_up, coded(north_up)[::-1].copy())
    shown = tile(flipped, "WebMercatorQuad", 3, 2, 3).array.filled(-1)[0]
    np.testing.assert_array_equal(shown, expected(north_up, "WebMercatorQuad", 3, 2, 3))


def test_a_regional_raster_across_180_shows_on_both_sides(store: Path) -> None:
    grid = Grid(crs=CRS84, transform=(0.5, 0.0, 170.0, 0.0, -0.5, 10.0), width=40, height=40)
    raster = source(store, grid)
    for x, y in ((0, 3), (15, 3), (0, 4), (8, 4)):
        image = tile(raster, "WorldCRS84Quad", 3, x, y)
        np.testing.assert_array_equal(image.array.filled(-1)[0], expected(grid, "WorldCRS84Quad", 3, x, y))


def test_a_tile_outside_the_data_is_wholly_masked(store: Path) -> None:
    grid = Grid(crs=CRS84, transform=(0.5, 0.0, 10.0, 0.0, -0.5, 10.0), width=20, height=20)
    image = tile(source(store, grid), "WebMercatorQuad", 4, 0, 0)
    assert image.array.shape == (1, 256, 256)
    assert image.array.mask.all()


@pytest.mark.parametrize("nodata", [-9999.0, float("nan")], ids=["a number", "NaN"])
def test_nodata_and_nan_are_masked(store: Path, nodata: float) -> None:
    grid = global_grid()
    values = coded(grid)
    values[:90] = nodata
    values[90, 180] = np.nan
    image = tile(source(store, grid, values, nodata=nodata), "WorldCRS84Quad", 0, 1, 0)
    full = expected(grid, "WorldCRS84Quad", 0, 1, 0)
    np.testing.assert_array_equal(image.array.mask[0], (full < 900_000) | (full == 900_180))


def test_packed_integers_come_as_physical_values(store: Path) -> None:
    grid = global_grid()
    stored = (np.arange(180)[:, None] * np.ones(360)).astype("int16")
    stored[0] = -32768
    raster = source(store, grid, stored, nodata=-32768.0, scale=0.01, offset=273.15)
    values = tile(raster, "WorldCRS84Quad", 1, 0, 0).array
    rows = expected(grid, "WorldCRS84Quad", 1, 0, 0) // 10_000
    assert values.dtype == np.float32
    assert values.mask[0, 0].all()
    np.testing.assert_allclose(values[0, 4:], rows[4:] * 0.01 + 273.15, rtol=1e-7)


def test_classes_keep_their_codes_whatever_scale_says(store: Path) -> None:
    grid = global_grid()
    codes = (np.arange(360) % 7 * np.ones((180, 1))).astype("uint8")
    image = tile(source(store, grid, codes, scale=2.0, kind="categorical"), "WorldCRS84Quad", 1, 0, 0)
    assert image.array.dtype == np.uint8
    assert set(np.unique(image.array)) == set(range(7))


@pytest.mark.parametrize("resampling", ["bilinear", "average", "cubic"])
@pytest.mark.parametrize("name", SETS)
def test_resampling_is_continuous_across_180(store: Path, name: str, resampling: str) -> None:
    grid = STRADDLING
    lon = grid.transform[2] + (np.arange(grid.width) + 0.5) * grid.transform[0]
    raster = source(store, grid, (np.cos(np.radians(lon)) * np.ones((grid.height, 1))).astype("float32"))
    for x in (0, 7):
        at = x if name == "WebMercatorQuad" else x * 2 + (x > 0)
        image = tile(raster, name, 3, at, 3, resampling_method=resampling)
        assert not image.array.mask.any()
        wanted = np.cos(np.radians(centres(name, 3, at, 3)[0]))
        np.testing.assert_allclose(image.array[0], np.broadcast_to(wanted, (256, 256)), atol=0.01)


def test_resampling_leaves_no_data_out(store: Path) -> None:
    values = np.full((180, 360), 5.0, "float32")
    values[:, :180] = -9999
    image = tile(
        source(store, global_grid(), values, nodata=-9999.0), "WebMercatorQuad", 2, 2, 1, reproject_method="bilinear"
    )
    assert set(np.unique(image.array.compressed())) == {5.0}


def test_a_resampling_that_no_warp_has_is_refused(store: Path) -> None:
    with pytest.raises(InvalidParameter, match="gauss"):
        tile(source(store, global_grid()), "WebMercatorQuad", 0, 0, 0, resampling_method="gauss")


def test_an_expression_computes_with_physical_values(store: Path) -> None:
    stored = np.full((180, 360), 100, "int16")
    raster = source(store, global_grid(), stored, scale=0.5)
    assert set(np.unique(tile(raster, "WebMercatorQuad", 1, 0, 0, expression="b1*2+1").array)) == {101.0}


@pytest.mark.parametrize(
    ("lon", "column"), [(179.8, 0), (-180.0, 0), (180.0, 0), (-179.7, 0), (-179.5, 1), (359.0, 215), (-0.4, 216)]
)
def test_a_point_is_the_cell_that_holds_it_modulo_360(store: Path, lon: float, column: int) -> None:
    with GranuleReader(source(store, STRADDLING)) as reader:
        assert reader.point(lon, 89.9).array.tolist() == [column]


def test_a_point_off_the_grid_is_an_error(store: Path) -> None:
    grid = Grid(crs=CRS84, transform=(0.5, 0.0, 10.0, 0.0, -0.5, 10.0), width=20, height=20)
    with GranuleReader(source(store, grid)) as reader, pytest.raises(PointOutsideBounds):
        reader.point(9.9, 5)


def test_statistics_and_preview_are_physical(store: Path) -> None:
    stored = np.arange(180 * 360, dtype="int32").reshape(180, 360)
    with GranuleReader(source(store, global_grid(), stored, scale=0.1, offset=-1.0)) as reader:
        found = reader.statistics()["b1"]
        assert (found.min, found.max) == pytest.approx((-1.0, (180 * 360 - 1) * 0.1 - 1))
        assert reader.preview(max_size=90).array.shape == (1, 45, 90)


def test_a_projected_raster_is_read_as_rio_tiler_reads_it_in_physical_units(store: Path) -> None:
    grid = Grid(crs="EPSG:32633", transform=(1000.0, 0.0, 300_000.0, 0.0, -1000.0, 5_600_000.0), width=300, height=200)
    raster = source(store, grid, coded(grid), nodata=-1.0, scale=0.5, offset=1.0)
    at = morecantile.tms.get("WebMercatorQuad").tile(13.5, 49.7, 8)
    with Reader(raster.path) as oracle:
        wanted = oracle.tile(at.x, at.y, 8).array
    shown = tile(raster, "WebMercatorQuad", 8, at.x, at.y).array
    np.testing.assert_allclose(shown.filled(-1), (wanted * 0.5 + 1).filled(-1))
    assert tile(raster, "WebMercatorQuad", 8, 0, 0).array.mask.all()


def test_an_alpha_band_masks_and_is_no_band_of_the_picture(store: Path) -> None:
    grid = global_grid()
    bands = np.full((4, 180, 360), 200, "uint8")
    bands[3, :, :180] = 0
    raster = source(store, grid, bands, kind="rgb")
    west, east = (tile(raster, "WorldCRS84Quad", 0, x, 0).array for x in (0, 1))
    assert west.shape == east.shape == (3, 256, 256)
    assert west.mask.all()
    assert not east.mask.any()


def test_a_tile_in_the_far_corner_of_a_rotated_geographic_grid_is_rio_tilers(store: Path) -> None:
    grid = Grid(crs=CRS84, transform=(0.1, 0.05, 10.0, 0.0, -0.1, 50.0), width=100, height=100)
    raster = source(store, grid, coded(grid) + 1)
    at = morecantile.tms.get("WebMercatorQuad").tile(23.0, 41.5, 8)
    with Reader(raster.path) as oracle:
        wanted = oracle.tile(at.x, at.y, 8).array
    shown = tile(raster, "WebMercatorQuad", 8, at.x, at.y).array
    assert not wanted.mask.all()
    np.testing.assert_array_equal(shown.filled(-1), wanted.filled(-1))


def test_readers_of_one_file_do_not_disturb_each_other(store: Path) -> None:
    raster = source(store, global_grid(720, 360))
    places = [(z, x, y) for z in (2, 3) for x in range(4) for y in range(4)]
    alone = [tile(raster, "WebMercatorQuad", *place).array.filled(-1) for place in places]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda place: tile(raster, "WebMercatorQuad", *place).array.filled(-1), places))
    np.testing.assert_array_equal(alone, together)


def test_a_buffer_widens_the_tile(store: Path) -> None:
    raster = source(store, global_grid())
    wide = tile(raster, "WorldCRS84Quad", 2, 3, 1, buffer=2).array
    assert wide.shape == (1, 260, 260)
    np.testing.assert_array_equal(wide[:, 2:-2, 2:-2], tile(raster, "WorldCRS84Quad", 2, 3, 1).array)


@pytest.mark.parametrize(("crs", "unit"), [("OGC:CRS84", 1.0), ("EPSG:3857", 111_319.5)])
def test_axes_are_kept_for_the_tiles_of_a_column_and_cannot_be_written_to(crs: str, unit: float) -> None:
    def axes(south: float, count: int) -> tuple[gridmath.AxisCells, gridmath.AxisCells]:
        bounds = (0.0, south * unit, 20.0 * unit, 40.0 * unit)
        return gridmath.axes(global_grid(64, 32), (64, 32), bounds=bounds, crs=crs, shape=(256, count))

    one, other, long = axes(0.0, 256), axes(10.0, 256), axes(0.0, 4096)
    assert one[0] is other[0]
    assert one[1] is not other[1]
    assert not one[0].index.flags.writeable
    assert long[0] is not axes(0.0, 4096)[0]
    np.testing.assert_array_equal(one[0].index, long[0].index[8::16])
