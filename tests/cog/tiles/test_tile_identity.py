"""Tiles of random grids equal rio-tiler's, cell for cell: every CRS, edge, pole, dtype and tile size.

This is the proof that `cog.tiles.proven` speaks of.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import morecantile
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from rasterio.warp import transform
from rio_tiler.errors import TileOutsideBounds
from rio_tiler.io import Reader

from cog.grids.gridmath import native_cell
from cog.reading.opener import open_raster
from cog.tiles.proven import is_proven
from cog.tiles.read import read_cells
from cog.tiles.source import ImageRequest, RasterSource
from config.grids import CRS84, Grid
from tests.support.rasters import write_cog

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.skipif(not is_proven(), reason="other versions of GDAL, rasterio or rio-tiler")

SETS = {"WebMercatorQuad": "EPSG:3857", "WorldCRS84Quad": CRS84}
DTYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")
PLACES = {
    CRS84: ((-170, -80), (170, 80), (0.01, 0.3)),
    "EPSG:3857": ((-18e6, -14e6), (18e6, 14e6), (20, 20_000)),
    "EPSG:32633": ((200_000, 4_600_000), (800_000, 6_400_000), (30, 2000)),
    "EPSG:32750": ((300_000, 6_800_000), (700_000, 8_000_000), (30, 2000)),
    "EPSG:5070": ((-2_000_000, 600_000), (2_000_000, 3_000_000), (30, 3000)),
    "EPSG:3035": ((2_800_000, 1_700_000), (5_800_000, 4_700_000), (30, 3000)),
    "EPSG:27700": ((100_000, 0), (600_000, 800_000), (30, 2000)),
    "EPSG:3413": ((-2_000_000, -3_000_000), (2_000_000, 0), (200, 3000)),
    "EPSG:3031": ((-2_000_000, 500_000), (2_000_000, 2_500_000), (200, 3000)),
    "ESRI:102025": ((-2_000_000, 2_500_000), (2_000_000, 5_500_000), (200, 3000)),
}
"""By CRS: where its grids may lie (south-west, north-east) and how large cells may be."""


@dataclass(frozen=True)
class Case:
    """A grid, its values, and a tile that meets it."""

    grid: Grid
    values: NDArray[Any]
    nodata: float | None
    matrix_set: str
    tile: morecantile.Tile
    size: int


@st.composite
def cases(draw: st.DrawFn, crs: str) -> Case:
    """A case in a CRS; its tile is from 16 times coarser to 8 times finer than the grid, anywhere on it."""
    (left, bottom), (right, top), cells = PLACES[crs]
    width, height = draw(st.integers(20, 500)), draw(st.integers(20, 400))
    step = min(draw(st.floats(*cells)), (right - left) / width, (top - bottom) / height)
    down = min(step * draw(st.sampled_from([1.0, 1.0, 0.77, 1.31])), (top - bottom) / height)
    west = left + draw(st.floats(0, 1)) * (right - left - width * step)
    north = bottom + height * down + draw(st.floats(0, 1)) * (top - bottom - height * down)
    grid = Grid(crs=crs, transform=(step, 0.0, west, 0.0, -down, north), width=width, height=height)
    dtype = draw(st.sampled_from(DTYPES))
    dice = np.random.default_rng(draw(st.integers(0, 1000)))
    values = dice.integers(0, 120, (draw(st.sampled_from([1, 1, 3])), height, width)).astype(dtype)
    nodata = draw(st.sampled_from([None, 7.0, math.nan] if dtype.startswith("float") else [None, 7.0]))
    if nodata is not None and math.isnan(nodata):
        values[:, dice.random((height, width)) < 0.2] = math.nan
    name = draw(st.sampled_from(sorted(SETS)))
    tms = morecantile.tms.get(name)
    native = math.log2(tms.matrix(0).cellSize / native_cell(grid, SETS[name])[0])
    zoom = min(max(round(native) + draw(st.integers(-4, 3)), 0), 20)
    x, y = west + draw(st.floats(0, 1)) * width * step, north - draw(st.floats(0, 1)) * height * down
    (lon,), (lat,) = transform("EPSG:4326" if crs == CRS84 else crs, "EPSG:4326", [x], [y])
    assume(abs(lat) < 84 and abs(lon) < 179.9)
    size = draw(st.sampled_from([256, 256, 512]))
    return Case(grid, values, nodata, name, tms.tile(lon, lat, zoom), size)


def both(case: Case, folder: Path) -> tuple[np.ma.MaskedArray | None, np.ma.MaskedArray]:
    """(ours, rio-tiler's); ours is None where rio-tiler is asked."""
    write_cog(folder, "a.tif", case.values, case.grid, nodata=case.nodata)
    source = RasterSource(path=str(folder / "a.tif"), grid=case.grid, nodata=case.nodata)
    tms = morecantile.tms.get(case.matrix_set)
    request = ImageRequest(
        bounds=tuple(tms.xy_bounds(case.tile)), crs=SETS[case.matrix_set], shape=(case.size, case.size)
    )
    with open_raster(source.path) as raster:
        cells = read_cells(source, raster, request)
    with warnings.catch_warnings(), Reader(source.path, tms=tms) as oracle:
        warnings.simplefilter("ignore")  # the oracle warns of rasters near the poles and of those without overviews
        try:
            wanted = oracle.tile(case.tile.x, case.tile.y, case.tile.z, tilesize=case.size).array
        except TileOutsideBounds:  # a corner that only its box shares with the grid
            assume(condition=False)
    return None if cells is None else cells.masked(), wanted


def assert_same(ours: np.ma.MaskedArray | None, wanted: np.ma.MaskedArray) -> None:
    if ours is None:
        return
    assert ours.dtype == wanted.dtype
    np.testing.assert_array_equal(np.ma.getmaskarray(ours), np.ma.getmaskarray(wanted))
    np.testing.assert_array_equal(ours.filled(99), wanted.filled(99))


@pytest.mark.parametrize("crs", PLACES)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_a_tile_of_a_random_grid_is_rio_tilers(
    tmp_path_factory: pytest.TempPathFactory, crs: str, data: st.DataObject
) -> None:
    case = data.draw(cases(crs))
    ours, wanted = both(case, tmp_path_factory.mktemp("grid"))
    assert ours is not None or crs == "EPSG:3857"  # there, at edges of the grid
    assert_same(ours, wanted)


@pytest.mark.parametrize("across", [1.55, 1.6, 1.66, 1.7, 3.2])
def test_the_overview_is_gdals_choice_about_its_threshold(tmp_path: Path, across: float) -> None:
    """1.2 times and 0.1 coarser than asked: 1.583 cells a pixel for the overview of 2."""
    tms, size = morecantile.tms.get("WorldCRS84Quad"), 256
    step = tms.matrix(4).cellSize / across
    tile = morecantile.Tile(x=17, y=7, z=4)
    box = tms.xy_bounds(tile)
    grid = Grid(
        crs=CRS84, transform=(step, 0.0, box.left - 1.3 * step, 0.0, -step, box.top + 2.7 * step), width=900, height=900
    )
    values = np.random.default_rng(3).integers(0, 250, (1, 900, 900)).astype("uint8")
    ours, wanted = both(Case(grid, values, None, "WorldCRS84Quad", tile, size), tmp_path)
    assert ours is not None
    assert_same(ours, wanted)


@pytest.mark.parametrize("down", [-1, 1], ids=["north up", "south up"])
@pytest.mark.parametrize("crs", ["EPSG:32633", CRS84])
def test_rows_may_run_either_way(tmp_path: Path, crs: str, down: int) -> None:
    step = 0.02 if crs == CRS84 else 1500.0
    left, middle = (11.0, 50.0) if crs == CRS84 else (350_000.0, 5_540_000.0)
    grid = Grid(
        crs=crs, transform=(step, 0.0, left, 0.0, down * step, middle - down * step * 100), width=260, height=200
    )
    values = np.random.default_rng(4).integers(0, 250, (1, 200, 260)).astype("int16")
    tile = morecantile.tms.get("WebMercatorQuad").tile(13.0, 50.0, 7)
    ours, wanted = both(Case(grid, values, None, "WebMercatorQuad", tile, 256), tmp_path)
    assert ours is not None
    assert_same(ours, wanted)


@pytest.mark.parametrize("down", [-1, 1], ids=["north up", "south up"])
@pytest.mark.parametrize("crs", ["EPSG:3031", "EPSG:3413"])
def test_the_overview_is_gdals_choice_beside_a_pole(tmp_path: Path, crs: str, down: int) -> None:
    """GDAL measures a diagonal of the grid, and beside a pole the two are not alike."""
    start = 1_100_000.0 if down < 0 else 200_000.0
    grid = Grid(crs=crs, transform=(2500.0, 0.0, -500_000.0, 0.0, down * 2500.0, start), width=840, height=360)
    values = np.random.default_rng(5).integers(0, 250, (1, 360, 840)).astype("uint8")
    (lon,), (lat,) = transform(crs, "EPSG:4326", [550_000.0], [650_000.0])
    for zoom in range(1, 6):
        tile = morecantile.tms.get("WorldCRS84Quad").tile(lon, lat, zoom)
        ours, wanted = both(Case(grid, values, None, "WorldCRS84Quad", tile, 256), tmp_path)
        assert ours is not None
        assert_same(ours, wanted)


@pytest.mark.parametrize("place", ["alpha", "mask", "rotated"])
def test_what_is_unusual_is_left_to_rio_tiler(tmp_path: Path, place: str) -> None:
    turn = 300.0 if place == "rotated" else 0.0
    grid = Grid(crs="EPSG:32633", transform=(1000.0, turn, 300_000.0, 0.0, -1000.0, 5_600_000.0), width=64, height=64)
    bands = np.full((4 if place == "alpha" else 1, 64, 64), 200, "uint8")
    write_cog(tmp_path, "a.tif", bands, grid, mask=place == "mask")
    source = RasterSource(path=str(tmp_path / "a.tif"), grid=grid)
    request = ImageRequest(bounds=(1_400_000, 6_400_000, 1_500_000, 6_500_000), crs="EPSG:3857", shape=(256, 256))
    with open_raster(source.path) as raster:
        assert read_cells(source, raster, request) is None


def test_behind_the_earth_that_a_satellite_sees_is_nothing(tmp_path: Path) -> None:
    """There GDAL's warper, and so rio-tiler, answers whatever its memory held."""
    crs = "+proj=geos +lon_0=-137 +h=35786023 +ellps=GRS80 +units=m +sweep=x +type=crs"
    grid = Grid(crs=crs, transform=(10_000.0, 0.0, -2e6, 0.0, -10_000.0, 2e6), width=400, height=400)
    write_cog(tmp_path, "a.tif", np.full((1, 400, 400), 7, "uint8"), grid)
    source = RasterSource(path=str(tmp_path / "a.tif"), grid=grid)
    with open_raster(source.path) as raster:
        for lon, nothing in ((75.0, True), (-137.0, False)):
            tile = morecantile.tms.get("WebMercatorQuad").tile(lon, 0.5, 6)
            bounds = morecantile.tms.get("WebMercatorQuad").xy_bounds(tile)
            request = ImageRequest(bounds=tuple(bounds), crs="EPSG:3857", shape=(256, 256))
            cells = read_cells(source, raster, request)
            assert cells is not None
            shown = cells.masked()
            assert np.ma.getmaskarray(shown).all() == nothing
            assert nothing or (shown == 7).all()
