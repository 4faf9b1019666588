"""What a stored cell means is one rule, wherever it is asked: NaN and infinite cells are no data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from rasterio.enums import Resampling

from cog.cells.codec import Codec
from cog.convert.pyramid import Rule, cascade
from cog.grids.subset import Subset
from cog.grids.window import whole
from cog.reading.mosaic import Mosaic
from cog.reading.opener import open_raster
from cog.reading.points import locate, read_cells
from cog.reading.sheets import Sheet
from cog.reading.subset import strips
from cog.statistics.exact import region_statistics
from cog.statistics.partial import partial
from cog.tiles import read
from cog.tiles.reader import GranuleReader
from cog.tiles.source import ImageRequest, RasterSource
from cog.writers.texts import texts
from cog.zones.zones import Zone, tallies
from config.grids import CRS84, Grid
from tests.support.rasters import write_cog

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CELLS = np.array([[1, 2, np.inf, np.nan]], "float32")
GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 10.0, 0.0, -1.0, 20.0), width=4, height=1)
BOX = (10.0, 19.0, 14.0, 20.0)
CODECS = [
    Codec(dtype="float32"),
    Codec(dtype="float32", nodata=-9999.0),
    Codec(dtype="float32", nodata=float("nan"), scale=0.5, offset=1.0),
]


@pytest.fixture(params=CODECS, ids=["no nodata", "nodata", "packed"])
def codec(request: pytest.FixtureRequest) -> Codec:
    codec: Codec = request.param
    return codec


@pytest.fixture
def source(codec: Codec, tmp_path: Path) -> RasterSource:
    write_cog(tmp_path, "a.tif", CELLS, GRID, nodata=codec.nodata)
    path = str(tmp_path / "a.tif")
    return RasterSource(path=path, grid=GRID, nodata=codec.nodata, scale=codec.scale, offset=codec.offset)


def physical(codec: Codec) -> list[float]:
    return [1 * codec.scale + codec.offset, 2 * codec.scale + codec.offset]


def assert_two(image: np.ma.MaskedArray, codec: Codec) -> None:
    """The two finite cells are shown, in physical units, and nothing else."""
    assert np.ma.getmaskarray(image).ravel().tolist() == [False, False, True, True]
    assert image.compressed().tolist() == physical(codec)


def test_a_mask_names_its_sense(codec: Codec) -> None:
    assert codec.valid(CELLS).tolist() == [[True, True, False, False]]
    invalid = codec.invalid(CELLS)
    assert invalid is not None
    assert invalid.tolist() == [[False, False, True, True]]


@pytest.mark.parametrize("method", ["nearest", "bilinear"])
def test_images_show_finite_cells_alone(source: RasterSource, codec: Codec, method: str) -> None:
    with GranuleReader(source) as reader:  # type: ignore[arg-type]  # rio-tiler takes it for a path
        image = reader.part(BOX, width=4, height=1, resampling_method=method, reproject_method=method).array
    if method == "nearest":
        assert_two(image, codec)
    assert np.isfinite(image.compressed()).all()


def test_a_point_on_an_infinite_cell_is_masked(source: RasterSource, codec: Codec) -> None:
    with GranuleReader(source) as reader:  # type: ignore[arg-type]
        points = [reader.point(10.5 + column, 19.5).array for column in range(4)]
    assert_two(np.ma.concatenate(points), codec)


def test_an_infinite_cell_of_a_projected_grid_is_masked_by_rio_tiler_too(tmp_path: Path) -> None:
    grid = Grid(crs="EPSG:32633", transform=(100.0, 0.0, 5e5, 0.0, -100.0, 5e6), width=4, height=1)
    write_cog(tmp_path, "a.tif", CELLS, grid)
    with GranuleReader(RasterSource(path=str(tmp_path / "a.tif"), grid=grid)) as reader:  # type: ignore[arg-type]
        assert_two(reader.preview().array, CODECS[0])


def test_strips_and_points_decode_to_finite_numbers(source: RasterSource, codec: Codec) -> None:
    subset = Subset(grid=GRID, window=whole(GRID), width=4, height=1)
    ((_, stored),) = strips(source.path, subset, method="nearest")
    np.testing.assert_array_equal(stored[0], CELLS)  # downloads pass them on
    values, valid = codec.decode(stored)
    assert values[valid].tolist() == physical(codec)
    at = locate(GRID, np.array([10.5, 11.5, 12.5, 13.5]), np.full(4, 19.5), crs=CRS84)
    assert codec.valid(read_cells(source.path, at)).sum() == 2


def test_a_mean_of_cells_leaves_infinite_ones_out(source: RasterSource) -> None:
    subset = Subset(grid=GRID, window=whole(GRID), width=1, height=1)
    ((_, stored),) = strips(source.path, subset, method="average")
    assert stored.item() == 1.5


def test_texts_of_infinite_cells_are_missing(codec: Codec) -> None:
    numbers = ["1.5", "2"] if codec.is_packed else ["1.0", "2.0"]
    assert texts(CELLS, codec, missing="null").tolist() == [[*numbers, "null", "null"]]


def test_all_statistics_count_the_same_two_cells(source: RasterSource, codec: Codec) -> None:
    whole_series = partial(CELLS, codec)
    subset = Subset(grid=GRID, window=whole(GRID), width=4, height=1)
    (of_box,) = region_statistics(strips(source.path, subset, method="nearest"), codec)
    zone = Zone.of(shapely.box(*BOX), GRID)
    mosaic = Mosaic.of([Sheet(path=source.path, grid=GRID)])
    [[of_zone]] = tallies([zone], [mosaic], codec, area=False, distinct=True, advance=lambda _: None)
    assert (whole_series.count, of_box.count, of_zone.cells) == (2, 2, 2)
    mean = np.mean(physical(codec))
    of_all = [statistics.moments for statistics in (whole_series, of_box, of_zone)]
    assert {moments.mean for moments in of_all} == {mean}
    assert {moments.maximum for moments in of_all} == {max(physical(codec))}
    assert of_zone.valid_fraction == 0.5


@pytest.mark.parametrize("resampling", [Resampling.average, Resampling.mode])
def test_an_overview_is_made_of_finite_cells(resampling: Resampling) -> None:
    block: NDArray[np.float32] = np.array([[[2, np.inf], [2, np.nan]]], "float32")
    levels: list[NDArray[np.float32]] = []
    feed = cascade((2, 2), 1, Rule(resampling=resampling, codec=CODECS[0]), emit=lambda _, rows: levels.append(rows))
    feed(block)
    assert np.concatenate(levels).ravel().tolist() == [2]


def test_a_part_below_shows_where_the_first_is_infinite(tmp_path: Path) -> None:
    for name, cells in (("a.tif", CELLS), ("b.tif", np.full((1, 4), 7, "float32"))):
        write_cog(tmp_path, name, cells, GRID)
    mosaic = Mosaic.of([Sheet(path=str(tmp_path / name), grid=GRID) for name in ("a.tif", "b.tif")])
    zone = Zone.of(shapely.box(*BOX), GRID)
    [[tally]] = tallies([zone], [mosaic], CODECS[0], area=False, distinct=False, advance=lambda _: None)
    assert (tally.cells, tally.total) == (4, 17)


@pytest.mark.parametrize(
    ("dtype", "nodata", "cell"),
    [
        ("int64", float(-9223372036854775806), -9223372036854775806),
        ("uint64", float(18446744073709551614), 18446744073709551614),
        ("int64", -9999.0, -9999),
    ],
)
def test_a_fill_of_64_bits_that_float64_rounds_is_no_data(dtype: str, nodata: float, cell: int) -> None:
    """NetCDF's own fill values; a no-data value is stated as float64."""
    assert Codec(dtype=dtype, nodata=nodata).valid(np.array([5, cell], dtype)).tolist() == [True, False]


@pytest.mark.parametrize(("dtype", "nodata"), [("uint8", -1.0), ("uint8", 2.5), ("float32", 1e300)])
def test_a_no_data_value_that_the_type_cannot_hold_hides_nothing(dtype: str, nodata: float) -> None:
    cells = np.array([0, 2, 255], dtype)
    assert Codec(dtype=dtype, nodata=nodata).valid(cells).all()


@pytest.mark.parametrize(
    ("dtype", "nodata", "fill"),
    [
        ("float32", None, np.nan),
        ("float32", np.nan, np.nan),
        ("float32", -9.0, -9.0),
        ("float32", -1e300, -np.inf),
        ("uint8", None, 0),
        ("uint8", 300.0, 0),
        ("uint8", 7.0, 7),
    ],
)
def test_a_fill_is_what_the_type_can_hold(dtype: str, nodata: float | None, fill: float) -> None:
    np.testing.assert_equal(Codec(dtype=dtype, nodata=nodata).fill, fill)


def test_a_mean_that_is_the_no_data_value_by_chance_is_still_data() -> None:
    codec = Codec(dtype="int16", nodata=5.0)
    means = np.array([4.8, 5.2, 9.0, 5.0])
    assert codec.stored(means, np.array([True, True, False, False])).tolist() == [4, 6, 5, 5]


def test_read_cells_states_where_there_is_no_data(source: RasterSource, codec: Codec) -> None:
    request = ImageRequest(bounds=BOX, crs=CRS84, shape=(1, 4))
    with open_raster(source.path) as raster:
        cells = read.read_cells(source, raster, request)
    assert cells is not None
    assert_two(cells.image(), codec)
