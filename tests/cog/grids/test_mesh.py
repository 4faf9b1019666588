"""Places of pixels by a mesh beside those that PROJ gives each pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from pyproj import Transformer

from cog.grids.gridmath import pixel_centres
from cog.grids.mesh import Mesh
from config.grids import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

GLOBE = Grid(crs="OGC:CRS84", transform=(0.25, 0, -180, 0, -0.25, 90), width=1440, height=720)
UTM = Grid(crs="EPSG:32650", transform=(150, 0, 300_000, 0, -150, 4_600_000), width=4000, height=4000)


def exact(
    grid: Grid, bounds: tuple[float, float, float, float], crs: str, shape: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Columns and rows, fractions included, of every pixel's centre."""
    west, south, east, north = bounds
    x, y = np.meshgrid(pixel_centres(west, east, shape[1]), pixel_centres(north, south, shape[0]))
    across, down = Transformer.from_crs(crs, grid.crs, always_xy=True).transform(x, y)
    return (across - grid.transform[2]) / grid.transform[0], (down - grid.transform[5]) / grid.transform[4]


@pytest.mark.parametrize(
    ("grid", "crs", "bounds"),
    [
        (GLOBE, "EPSG:32650", (200_000, 2_000_000, 900_000, 4_000_000)),
        (GLOBE, "EPSG:3413", (1_000_000, -4_000_000, 3_000_000, -2_000_000)),
        (GLOBE, "EPSG:32660", (500_000, 0, 2_500_000, 2_000_000)),  # across 180 degrees
        (UTM, "EPSG:3857", (12_700_000, 4_400_000, 13_400_000, 4_900_000)),
        (UTM, "EPSG:4326", (114.5, 36.0, 121.5, 41.6)),  # beyond the grid on all sides
        (UTM, "EPSG:32651", (-200_000, 4_100_000, 300_000, 4_500_000)),
    ],
)
def test_pixels_get_the_cells_that_hold_their_centres(
    grid: Grid, crs: str, bounds: tuple[float, float, float, float]
) -> None:
    shape = (300, 411)
    mesh = Mesh.of(grid, bounds=bounds, crs=crs, shape=shape)
    assert mesh is not None
    cells = mesh.cells((grid.width, grid.height))
    assert cells is not None
    columns, rows = exact(grid, bounds, crs, shape)
    outside = (columns < 0) | (rows < 0) | (columns >= grid.width) | (rows >= grid.height)
    column = (cells.columns[0] + cells.flat % cells.columns[1]) % grid.width
    row = cells.rows[0] + cells.flat // cells.columns[1]
    off = np.zeros(shape, bool) if cells.outside is None else cells.outside
    either = off | outside
    assert (off != outside).mean() < 0.001
    allowed = 0.5 + 0.01 * max(1.0, mesh.cells_per_pixel)
    assert (np.abs(columns - column - 0.5)[~either] < allowed).all()
    assert (np.abs(rows - row - 0.5)[~either] < allowed).all()


def test_an_overview_takes_the_place_of_finer_cells() -> None:
    mesh = Mesh.of(UTM, bounds=(300_000, 4_000_000, 900_000, 4_600_000), crs="EPSG:32651", shape=(200, 200))
    assert mesh is not None
    assert 19 < mesh.cells_per_pixel < 22
    assert mesh.level([(2000, 2000), (1000, 1000), (500, 500), (250, 250), (125, 125)]) == 3


@pytest.mark.parametrize(
    ("crs", "bounds"),
    [
        ("EPSG:3413", (-1_000_000, -1_000_000, 1_000_000, 1_000_000)),  # holds the pole
        ("ESRI:54030", (-17_000_000, -8_500_000, 17_000_000, 8_500_000)),  # corners beyond the Earth
    ],
)
def test_no_mesh_where_places_jump_or_are_absent(crs: str, bounds: tuple[float, float, float, float]) -> None:
    assert Mesh.of(GLOBE, bounds=bounds, crs=crs, shape=(256, 256)) is None


def test_an_image_off_the_grid_meets_no_cells() -> None:
    mesh = Mesh.of(UTM, bounds=(10, 40, 12, 42), crs="EPSG:4326", shape=(20, 20))
    assert mesh is not None
    cells = mesh.cells((4000, 4000))
    assert cells is not None
    assert cells.outside is not None
    assert cells.outside.all()
