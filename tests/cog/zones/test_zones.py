"""Zonal statistics against exactextract's own answer on the same raster, arithmetic, and areas on the ellipsoid."""

from __future__ import annotations

import gc
import math
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from pyproj import Geod
from shapely import affinity
from shapely.geometry import MultiPolygon, mapping

from cog.cells.codec import Codec
from cog.grids.ellipsoid import cell_areas
from cog.reading.mosaic import Mosaic
from cog.reading.sheets import Sheet
from cog.statistics.weighted import Tally, majority, quantiles
from cog.zones.zones import BLOCK, Zone, tallies
from config.errors import InvalidInput, TooLarge
from config.grids import CRS84, Grid
from tests.support.rasters import coded, global_grid

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

UTM = "EPSG:32633"
PLAIN = Codec(dtype="float32")


def write(folder: Path, values: NDArray[Any], grid: Grid, *, name: str = "a.tif", nodata: float | None = None) -> Sheet:
    crs = "EPSG:4326" if grid.crs == CRS84 else grid.crs
    with rasterio.open(
        folder / name,
        "w",
        driver="GTiff",
        width=grid.width,
        height=grid.height,
        count=1,
        dtype=values.dtype.name,
        crs=crs,
        transform=rasterio.Affine(*grid.transform),
        nodata=nodata,
        tiled=True,
        blockxsize=256,
        blockysize=256,
    ) as target:
        target.write(values, 1)
    return Sheet(path=str(folder / name), grid=grid)


def metres(width: int, height: int, *, cell: float = 10.0, west: float = 0.0, north: float = 0.0) -> Grid:
    transform = (cell, 0.0, west, 0.0, -cell, north)
    return Grid(crs=UTM, transform=transform, width=width, height=height)


def tally(geometry: BaseGeometry, *parts: Sheet, codec: Codec | None = None, area: bool = False) -> Tally:
    mosaic = Mosaic.of(parts)
    zone = Zone.of(geometry, mosaic.grid)
    [[found]] = tallies([zone], [mosaic], codec or PLAIN, area=area, distinct=True, advance=lambda _: None)
    return found


def expected(
    geometry: BaseGeometry, values: NDArray[Any], grid: Grid, *, nodata: float | None = None
) -> dict[str, Any]:
    """What exactextract itself says."""
    source = NumPyRasterSource(values, *grid.bounds, nodata=nodata)
    operations = ["count", "mean", "min", "max", "sum", "stdev", "median", "quantile(q=0.1)", "mode", "variety"]
    feature = {"type": "Feature", "properties": {}, "geometry": mapping(geometry)}
    answer: dict[str, Any] = exact_extract(source, [feature], operations)[0]["properties"]
    return answer


def assert_equal(found: Tally, wanted: dict[str, Any], *, rel: float = 1e-12) -> None:
    values, weights = found.distinct()
    assert (found.moments.minimum, found.moments.maximum) == (wanted["min"], wanted["max"])
    assert majority(values, weights) == wanted["mode"]
    assert values.size == wanted["variety"]
    assert found.weight == pytest.approx(wanted["count"], rel=rel)
    assert found.total == pytest.approx(wanted["sum"], rel=rel)
    assert found.mean == pytest.approx(wanted["mean"], rel=rel)
    assert found.stdev == pytest.approx(wanted["stdev"], rel=rel * 100)
    assert quantiles(values, weights, [0.5, 0.1]) == pytest.approx([wanted["median"], wanted["quantile_10"]], rel=1e-9)


def star(x: float, y: float, size: float) -> BaseGeometry:
    """A polygon with concave corners and a hole, not aligned with cells."""
    angles = np.linspace(0.1, 0.1 + 2 * np.pi, 14)[:-1]
    radii = size * np.where(np.arange(13) % 2, 0.45, 1.0)
    outer = np.stack([x + radii * np.cos(angles), y + radii * np.sin(angles)], axis=1)
    return shapely.Polygon(outer, [shapely.Point(x, y).buffer(size / 5).exterior.coords])


@pytest.mark.parametrize("dtype", ["float32", "float64", "int16"])
def test_statistics_are_those_of_exactextract(tmp_path: Path, dtype: str) -> None:
    grid, random = metres(300, 280), np.random.default_rng(1)
    values = (random.normal(50, 20, (280, 300))).astype(dtype)
    values[random.random(values.shape) < 0.2] = -99
    part = write(tmp_path, values, grid, nodata=-99)
    for geometry in (star(1500, -1400, 1300), star(80, -90, 33), star(2990, -20, 120)):
        wanted = expected(geometry, values.astype("float64"), grid, nodata=-99)
        assert_equal(tally(geometry, part, codec=Codec(dtype="float32", nodata=-99)), wanted)


def test_a_cell_weighs_what_is_covered_of_it(tmp_path: Path) -> None:
    part = write(tmp_path, np.array([[1, 2], [3, 4]], dtype="uint8"), metres(2, 2))
    found = tally(shapely.box(5, -15, 20, 0), part)  # the right half of the left cells of the upper row, and so on
    assert (found.cells, found.weight) == (4, 2.25)
    assert found.total == 1 * 0.5 + 2 * 1 + 3 * 0.25 + 4 * 0.5
    assert found.mean == found.total / 2.25
    values, weights = found.distinct()
    assert (values.tolist(), weights.tolist()) == ([1, 2, 3, 4], [0.5, 1, 0.25, 0.5])


def test_fill_is_left_out_and_told_as_the_valid_fraction(tmp_path: Path) -> None:
    values = np.array([[1, np.nan, 3, -5]], dtype="float32")
    found = tally(
        shapely.box(0, -10, 40, 0), write(tmp_path, values, metres(4, 1)), codec=Codec(dtype="float32", nodata=-5)
    )
    assert (found.cells, found.mean, found.valid_fraction) == (2, 2.0, 0.5)


def test_packed_values_are_told_in_physical_units(tmp_path: Path) -> None:
    codec = Codec(dtype="float32", nodata=0, scale=-0.5, offset=100)
    found = tally(
        shapely.box(0, -10, 30, 0), write(tmp_path, np.array([[0, 10, 20]], "int16"), metres(3, 1)), codec=codec
    )
    assert (found.moments.minimum, found.moments.maximum, found.mean) == (90.0, 95.0, 92.5)
    assert found.distinct()[0].tolist() == [90.0, 95.0]


def test_a_zone_of_many_blocks_is_that_of_one(tmp_path: Path) -> None:
    grid = metres(2 * BLOCK + 100, BLOCK + 50, cell=2)
    rows, columns = np.mgrid[: grid.height, : grid.width]
    values = ((rows * 7 + columns * 3) % 1000).astype("uint16")
    geometry = star(2 * BLOCK, -BLOCK, BLOCK * 1.8)
    assert_equal(
        tally(geometry, write(tmp_path, values, grid)), expected(geometry, values.astype("float64"), grid), rel=1e-7
    )


def test_a_zone_across_the_antimeridian_is_whole(tmp_path: Path) -> None:
    grid = global_grid()
    part = write(tmp_path, coded(grid), grid)
    rolled = np.roll(coded(grid), 180, axis=1)  # 0..360: the antimeridian lies inside
    geometry = star(181.3, -12.2, 7)
    wanted = expected(geometry, rolled.astype("float64"), global_grid(west=0))
    for turn in (0, -360):
        assert_equal(tally(affinity.translate(geometry, xoff=turn), part), wanted, rel=1e-7)
    cut = [geometry & shapely.box(0, -90, 180, 90), affinity.translate(geometry & shapely.box(180, -90, 360, 90), -360)]
    parts = [piece for each in cut for piece in shapely.get_parts(each)]
    assert_equal(tally(MultiPolygon(parts), part), wanted, rel=1e-7)


def test_a_column_that_straddles_the_antimeridian_is_one_cell(tmp_path: Path) -> None:
    grid = global_grid(west=-180.5)
    part = write(tmp_path, coded(grid), grid)
    split = MultiPolygon([shapely.box(178.5, 0, 180, 1), shapely.box(-180, 0, -178.5, 1)])
    found = tally(split, part)
    assert (found.cells, found.weight, found.total) == (3, 3.0, 3 * 890_000 + 359 + 0 + 1)


def test_a_regional_grid_is_met_at_any_turn(tmp_path: Path) -> None:
    grid = Grid(crs=CRS84, transform=(1.0, 0.0, -150.0, 0.0, -1.0, 10.0), width=20, height=20)
    part = write(tmp_path, coded(grid), grid)
    assert tally(shapely.box(215, 0, 217, 2), part).total == tally(shapely.box(-145, 0, -143, 2), part).total > 0


def test_area_weights_are_areas_on_the_ellipsoid() -> None:
    grid, geod = global_grid(36, 18), Geod(ellps="WGS84")
    for row, area in enumerate(cell_areas(grid)):
        north = 90 - 10 * row
        along = np.linspace(0, 10, 5001)
        longitude = np.concatenate([along, along[::-1]])
        latitude = np.concatenate([np.full(5001, north), np.full(5001, north - 10)])
        assert area == pytest.approx(abs(geod.polygon_area_perimeter(longitude, latitude)[0]), rel=1e-7)


def test_an_area_weighted_mean_counts_square_metres(tmp_path: Path) -> None:
    grid = Grid(crs=CRS84, transform=(1.0, 0.0, 0.0, 0.0, -30.0, 60.0), width=1, height=2)
    part = write(tmp_path, np.array([[1.0], [5.0]]), grid)
    (upper,) = cell_areas(replace(grid, height=1))
    lower = cell_areas(Grid(crs=CRS84, transform=(1.0, 0.0, 0.0, 0.0, -15.0, 30.0), width=1, height=1))[0]
    found = tally(shapely.box(0, 15, 1, 60), part, area=True)
    assert found.weight == pytest.approx(upper + lower, rel=1e-5)
    assert found.mean == pytest.approx((upper + 5 * lower) / (upper + lower), rel=1e-5)


def test_a_part_of_a_cell_weighs_the_area_of_that_part(tmp_path: Path) -> None:
    """Rows of 10 degrees centred on the poles, with the row as value: half of a cell is not half of its area."""
    grid = Grid(crs=CRS84, transform=(10.0, 0.0, -180.0, 0.0, -10.0, 95.0), width=36, height=19)
    part = write(tmp_path, np.repeat(np.arange(19.0)[:, None], 36, axis=1), grid)
    cap = tally(shapely.box(-180, 80, 180, 90), part, area=True)
    assert (cap.mean, cap.weight) == (pytest.approx(0.7495, abs=5e-5), pytest.approx(3.909e12, rel=2e-4))
    assert tally(shapely.box(-180, 85, 180, 90), part, area=True).weight == pytest.approx(9.792e11, rel=1e-4)
    shifted = replace(grid, transform=(10.0, 0.0, -180.0, 0.0, -10.0, 90.0), height=18)
    part = write(tmp_path, np.ones((18, 36)), shifted, name="b.tif")
    assert tally(shapely.box(0, 40, 10, 45), part, area=True).weight == pytest.approx(4.564e11, rel=1e-4)


def test_the_first_part_that_has_data_wins(tmp_path: Path) -> None:
    first = write(tmp_path, np.array([[1, 0]], "uint8"), metres(2, 1), name="1.tif")
    second = write(tmp_path, np.array([[7, 8, 9]], "uint8"), metres(3, 1), name="2.tif")
    far = write(tmp_path, np.array([[5]], "uint8"), metres(1, 1, west=40), name="3.tif")
    codec = Codec(dtype="float32", nodata=0)
    found = tally(shapely.box(0, -10, 50, 0), first, second, far, codec=codec)
    assert (found.cells, found.total, found.covered) == (4, 1 + 8 + 9 + 5, 5)


def test_parts_on_other_lattices_are_refused(tmp_path: Path) -> None:
    first = write(tmp_path, np.ones((1, 1), "uint8"), metres(1, 1), name="1.tif")
    other = write(tmp_path, np.ones((1, 1), "uint8"), metres(1, 1, west=13), name="2.tif")
    with pytest.raises(InvalidInput, match="ask for one of them by part="):
        Mosaic.of([first, other])


def test_a_zone_beside_the_grid_covers_nothing(tmp_path: Path) -> None:
    part = write(tmp_path, np.ones((1, 1), "uint8"), metres(1, 1))
    for geometry in (shapely.box(1e6, 1e6, 2e6, 2e6), shapely.box(1e300, 0, 1.1e300, 1e300), shapely.Polygon()):
        found = tally(geometry, part)
        assert (found.cells, found.mean, found.valid_fraction, found.stdev) == (0, None, None, None)
        assert (majority(*found.distinct()), quantiles(*found.distinct(), [0.5])) == (None, [None])


def test_zones_that_share_a_block_do_not_mix(tmp_path: Path) -> None:
    grid = metres(100, 100)
    values = coded(grid)
    mosaic = Mosaic.of([write(tmp_path, values, grid)])
    shapes = [star(100 + 70 * k, -100 - 60 * k, 90) for k in range(10)]
    zones = [Zone.of(shape, grid) for shape in shapes]
    found = tallies(zones, [mosaic, mosaic], PLAIN, area=False, distinct=True, advance=lambda _: None)
    for shape, [one, two] in zip(shapes, found, strict=True):
        assert_equal(one, expected(shape, values.astype("float64"), grid), rel=1e-7)
        assert one.total == two.total


def test_progress_counts_every_cell_once(tmp_path: Path) -> None:
    grid = metres(BLOCK + 10, 10)
    mosaic = Mosaic.of([write(tmp_path, np.ones((10, BLOCK + 10), "uint8"), grid)])
    zones = [Zone.of(shapely.box(0, -100, 10 * BLOCK + 55, 0), grid), Zone.of(shapely.box(5, -50, 50, 0), grid)]
    done: list[int] = []
    tallies(zones, [mosaic] * 3, PLAIN, area=False, distinct=False, advance=done.append)
    assert sum(done) == 3 * sum(zone.cells for zone in zones)


def test_distinct_values_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cog.statistics.weighted.MOST_DISTINCT", 1000)
    monkeypatch.setattr("cog.statistics.weighted._PENDING", 100)
    kept = Tally(PLAIN, distinct=True)

    def add(start: int) -> None:
        kept.add(np.arange(start, start + 500, dtype="float64"), np.ones(500), np.ones(500, dtype=bool))

    add(0)
    add(500)
    with pytest.raises(TooLarge, match="leave out median"):
        add(1000)


@pytest.mark.parametrize("dtype", ["int8", "uint64", "int64", "float32"])
def test_distinct_values_keep_their_sign_and_size(dtype: str) -> None:
    info: Any = np.finfo(dtype) if dtype == "float32" else np.iinfo(dtype)
    values = np.array([info.max, info.min, info.max, 0], dtype=dtype)
    kept = Tally(PLAIN, distinct=True)
    for _ in range(2):
        kept.add(values, np.ones(4), np.ones(4, dtype=bool))
    found, weights = kept.distinct()
    wanted = sorted({float(info.min), 0.0, float(info.max)})
    assert found.tolist() == wanted
    assert weights.sum() == 8
    assert not math.isnan(kept.total)


def test_memory_does_not_grow_with_a_zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cog.zones.zones.BLOCK", 256)
    peaks = []
    for size in (512, 2048):
        grid = metres(size, size)
        part = write(tmp_path, np.ones((size, size), "uint8"), grid, name=f"{size}.tif")
        round_ = shapely.Point(5 * size, -5 * size).buffer(5 * size)
        assert tally(round_, part).mean == 1  # what is made once a process is made now
        gc.collect()
        tracemalloc.start()
        assert tally(round_, part).mean == 1
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 4 * peaks[0]  # of sixteen times as many cells; other threads of this process count too
