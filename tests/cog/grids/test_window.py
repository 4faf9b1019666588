"""Which cells a box means, by arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Transformer

from cog.grids.enclosing import Interval
from cog.grids.window import Window, whole, window_of, window_of_box
from config.errors import InvalidInput, OutsideExtent
from config.grids import CRS84, Grid
from tests.support.rasters import global_grid

ONE_DEGREE = global_grid()
STRADDLING = Grid(crs=CRS84, transform=(360 / 432, 0.0, -180.41666666666666, 0.0, -0.8333, 7.5), width=432, height=18)
DATE_LINE = Grid(crs=CRS84, transform=(1.0, 0.0, 170.0, 0.0, -1.0, 10.0), width=20, height=20)
REGION = Grid(crs=CRS84, transform=(0.1, 0.0, 100.0, 0.0, -0.1, 50.0), width=300, height=200)
LAEA = Grid(crs="EPSG:3035", transform=(1000.0, 0.0, 4_000_000.0, 0.0, -1000.0, 3_500_000.0), width=400, height=300)
POLAR = Grid(crs="EPSG:3995", transform=(25_000.0, 0, -2_500_000.0, 0, -25_000.0, 2_500_000.0), width=200, height=200)


def box(grid: Grid, west: float, south: float, east: float, north: float) -> Window:
    return window_of_box(grid, crs=CRS84, x=Interval(low=west, high=east), y=Interval(low=south, high=north))


def test_a_box_on_cell_edges_takes_no_neighbour() -> None:
    assert box(ONE_DEGREE, 10, 20, 13, 25) == Window(column=190, row=65, width=3, height=5)


def test_a_box_takes_each_cell_it_meets_whole() -> None:
    assert box(ONE_DEGREE, 9.9, 19.9, 13.1, 25.1) == Window(column=189, row=64, width=5, height=7)


@pytest.mark.parametrize("cells", [7, 12, 48, 120, 333, 3600, 43_200])
def test_edges_computed_in_float64_are_edges(cells: int) -> None:
    grid = global_grid(width=cells, height=cells)
    for first in range(0, cells - 1, max(1, cells // 50)):
        west, east = -180 + 360 / cells * first, -180 + (first + 1) * 360 / cells
        north, south = 90 - 180 / cells * first, 90 - (first + 1) * 180 / cells
        assert box(grid, west, south, east, north) == Window(column=first, row=first, width=1, height=1)


def test_edges_printed_with_ten_digits_are_edges() -> None:
    grid = global_grid(width=4320, height=2160)
    west, north = -180 + 1001 / 12, 90 - 501 / 12
    found = box(grid, float(f"{west:.10g}"), float(f"{north - 1 / 12:.10g}"), float(f"{west + 0.25:.10g}"), north)
    assert found == Window(column=1001, row=501, width=3, height=1)


def test_a_point_takes_one_cell_also_on_the_outer_edge() -> None:
    assert box(ONE_DEGREE, 10.5, 20.5, 10.5, 20.5) == Window(column=190, row=69, width=1, height=1)
    assert box(ONE_DEGREE, 0, -90, 0, -90) == Window(column=180, row=179, width=1, height=1)
    assert box(ONE_DEGREE, 0, 90, 0, 90).row == 0


@pytest.mark.parametrize("turn", [-360, 0, 360])
def test_a_global_grid_is_read_modulo_360(turn: int) -> None:
    assert box(ONE_DEGREE, 170 + turn, 0, 190 + turn, 1) == Window(column=350, row=89, width=20, height=1)


def test_west_above_east_crosses_the_antimeridian() -> None:
    window = box(ONE_DEGREE, 170, 0, -170, 1)
    assert window == Window(column=350, row=89, width=20, height=1)
    assert window.grid(ONE_DEGREE).bounds == (170.0, 0.0, 190.0, 1.0)


def test_the_whole_globe_holds_each_column_once() -> None:
    assert box(ONE_DEGREE, -180, -90, 180, 90) == whole(ONE_DEGREE)
    assert box(ONE_DEGREE, 0, -90, 360, 90) == Window(column=180, row=0, width=360, height=180)
    assert box(ONE_DEGREE, -500, -90, 500, 90).width == 360
    assert box(STRADDLING, -180, -7.5, 180, 7.5).width == 432


def test_a_column_that_straddles_180_is_found_from_both_sides() -> None:
    assert box(STRADDLING, 179.7, 0, 179.9, 0.1).column == 0
    assert box(STRADDLING, -179.9, 0, -179.7, 0.1).column == 0
    seam = box(STRADDLING, 179, 0, -179, 0.1)
    assert (seam.column, seam.width) == (431, 3)
    assert seam.grid(STRADDLING).bounds[0] == pytest.approx(-180.41666666666666 + 431 * 360 / 432)


def test_random_boxes_on_a_global_grid_match_a_search_of_all_cells() -> None:
    random = np.random.default_rng(7)
    grid = global_grid(width=48, height=24, west=-183.75)
    edges = -183.75 + 7.5 * np.arange(48)
    for west, span in zip(random.uniform(-180, 180, 200), random.uniform(0.5, 340, 200), strict=True):
        window = box(grid, west, 0, west + span, 1)
        turns = [edges + 360 * n for n in (-2, -1, 0, 1, 2)]
        meets = np.any([(t + 7.5 > west) & (t < west + span) for t in turns], axis=0)
        assert set(np.flatnonzero(meets)) == set((window.column + np.arange(window.width)) % 48)


def test_a_regional_grid_is_found_at_any_turn() -> None:
    assert box(REGION, 101, 40, 102, 41) == box(REGION, -259, 40, -258, 41)
    beyond = Grid(crs=CRS84, transform=(1.0, 0, 150.0, 0, -1.0, 10.0), width=60, height=20)
    assert box(beyond, -180, -90, 180, 90) == whole(beyond)
    assert box(beyond, -170, 0, -160, 1).column == 40


def test_a_box_over_the_gap_of_an_almost_global_grid_is_refused() -> None:
    grid = Grid(crs=CRS84, transform=(1.0, 0, -175.0, 0, -1.0, 10.0), width=350, height=20)
    with pytest.raises(InvalidInput, match="gap"):
        box(grid, 170, 0, -170, 1)


@pytest.mark.parametrize("asked", [(0, 0, 10, 10), (90, 40, 100, 45), (130, 40, 140, 45), (105, 50, 106, 60)])
def test_a_box_that_only_touches_or_misses_names_the_extent(asked: tuple[float, float, float, float]) -> None:
    with pytest.raises(OutsideExtent, match="from 100 to 130"):
        box(REGION, *asked)


def test_a_south_up_grid_counts_rows_from_the_south() -> None:
    grid = Grid(crs=CRS84, transform=(1.0, 0, -180.0, 0, 1.0, -90.0), width=360, height=180)
    assert box(grid, 0, -90, 1, -88) == Window(column=180, row=0, width=1, height=2)


def test_native_coordinates_on_a_projected_grid() -> None:
    found = window_of(LAEA, x=Interval(low=4_010_000, high=4_012_000), y=Interval(low=3_490_500))
    assert found == Window(column=10, row=0, width=2, height=10)


@pytest.mark.parametrize("grid", [LAEA, POLAR], ids=["laea", "polar"])
def test_a_box_in_degrees_takes_the_enclosing_window_of_a_projected_grid(grid: Grid) -> None:
    asked = (5.0, 52.0, 8.0, 54.0) if grid is LAEA else (170.0, 75.0, -100.0, 85.0)
    window = box(grid, *asked)
    rows, columns = np.mgrid[: grid.height, : grid.width]
    a, _, c, _, e, f = grid.transform
    to_degrees = Transformer.from_crs(grid.crs, CRS84, always_xy=True)
    lon, lat = to_degrees.transform(c + a * (columns + 0.5), f + e * (rows + 0.5))
    west, south, east, north = asked
    inside = ((lon - west) % 360 <= (east - west) % 360) & (lat >= south) & (lat <= north)
    found_rows, found_columns = np.nonzero(inside)
    assert window.row <= found_rows.min() <= window.row + 1
    assert window.column <= found_columns.min() <= window.column + 1
    assert found_rows.max() + 1 <= window.row + window.height <= found_rows.max() + 3
    assert found_columns.max() + 1 <= window.column + window.width <= found_columns.max() + 3


def test_a_box_around_the_pole_encloses_it() -> None:
    assert box(POLAR, -180, 85, 180, 90) == box(POLAR, 0, 85, 360, 90)
    window = box(POLAR, -180, 85, 180, 90)
    assert window.row + window.height / 2 == pytest.approx(100, abs=1)
    assert window.width == window.height > 40


def test_a_rotated_grid_can_only_be_had_whole() -> None:
    grid = Grid(crs="EPSG:3857", transform=(10.0, 1.0, 0.0, 1.0, -10.0, 0.0), width=5, height=5)
    with pytest.raises(InvalidInput, match="rotated"):
        window_of(grid, x=Interval(low=0, high=1), y=Interval())


def test_an_open_end_is_where_the_data_end() -> None:
    every = Interval()
    assert window_of(ONE_DEGREE, x=Interval(low=170), y=every).column == 350
    assert window_of(ONE_DEGREE, x=Interval(low=170), y=every).width == 10
    with pytest.raises(OutsideExtent):
        window_of(REGION, x=Interval(high=90), y=every)


def longitudes(grid: Grid, low: float | None, high: float | None) -> tuple[float, float]:
    """West and east of what a longitude interval answers."""
    found = window_of(grid, x=Interval(low=low, high=high), y=Interval()).grid(grid).bounds
    return found[0], found[2]


def test_a_longitude_with_an_open_end_is_read_modulo_360() -> None:
    for low, high, expected in (
        (-175, None, (185, 190)),
        (185, None, (185, 190)),
        (545, None, (185, 190)),
        (None, -175, (170, 185)),
        (None, 185 - 720, (170, 185)),
        (150, None, (170, 190)),
        (None, 200, (170, 190)),
        (-190, None, (170, 190)),
        (None, -170, (170, 190)),
    ):
        assert longitudes(DATE_LINE, low, high) == expected, (low, high)
    for low, high, expected in (
        (190, None, (-170, 180)),
        (180, None, (-180, 180)),
        (None, -190, (-180, 170)),
        (None, -180, (-180, 180)),
        (170, None, (170, 180)),
    ):
        assert longitudes(ONE_DEGREE, low, high) == expected, (low, high)


@pytest.mark.parametrize(("low", "high"), [(200, None), (None, 160)])
def test_an_open_end_off_the_data_meets_nothing(low: float | None, high: float | None) -> None:
    with pytest.raises(OutsideExtent, match="170 to 190"):
        longitudes(DATE_LINE, low, high)


@pytest.mark.parametrize("point", [190.0, -170.0, 550.0])
def test_a_point_on_the_eastern_edge_takes_the_last_column(point: float) -> None:
    assert box(DATE_LINE, point, 10, point, 10) == Window(column=19, row=0, width=1, height=1)
    assert box(DATE_LINE, point, -10, point, -10) == Window(column=19, row=19, width=1, height=1)


@pytest.mark.parametrize("grid", [ONE_DEGREE, REGION], ids=["global", "regional"])
def test_a_far_longitude_is_refused_at_once(grid: Grid) -> None:
    with pytest.raises(InvalidInput, match="720"):
        window_of(grid, x=Interval(low=-1e300, high=1e300), y=Interval())
