"""Scaled coverages: exact sizes, and values by arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from fastapi.testclient import TestClient

from config.grids import CRS84, Grid
from config.settings import LimitSettings
from services.apis.coverages.request import READ_MULTIPLE
from services.app import create_app
from tests.support.coverages import fetch_netcdf, fetch_tiff, get, publication, with_first
from tests.support.rasters import coded, global_grid

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from config.settings import Settings
    from records.datasets.repository import Repository

GRID = global_grid(width=72, height=36)


def blocks(values: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float64]:
    """Means of rows x columns blocks."""
    height, width = values.shape
    shaped = values.astype("float64").reshape(height // rows, rows, width // columns, columns)
    return np.asarray(shaped.mean(axis=(1, 3)))


SIZES = {
    "scale-size=Lon(10),Lat(7)": (7, 10),
    "scaleSize=Lat(7),Long(10)": (7, 10),
    "scale-size=Lon(36)": (36, 36),
    "scale-factor=2": (18, 36),
    "scaleFactor=5": (7, 14),
    "scale-factor=0.5": (72, 144),
    "scale-factor=1e6": (1, 1),
    "scale-axes=Lon(4),Lat(2)": (18, 18),
    "resolution=Lon(10),Lat(20)": (9, 36),
    "bbox=170,-10,-170,10&scale-size=x(3),y(2)": (2, 3),
}


def test_the_answer_has_the_asked_size(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(publication(store, "sizes", {None: coded(GRID)}, GRID))
    for query, shape in SIZES.items():
        found = fetch_tiff(client, "sizes", query)
        assert found.values.shape[1:] == shape, query
        corner = found.transform @ (shape[1], shape[0])
        expected = (170.0, 10.0, 190.0, -10.0) if "bbox" in query else (-180.0, 90.0, 180.0, -90.0)
        assert (found.transform.c, found.transform.f, *corner) == pytest.approx(expected), query


def test_quantities_are_averaged(client: TestClient, repository: Repository, store: Path) -> None:
    values = coded(GRID)
    repository.publish(publication(store, "mean", {None: values}, GRID))
    found = fetch_tiff(client, "mean", "scale-axes=Lon(4),Lat(3)")
    assert np.allclose(found.values[0], blocks(values, 3, 4))


def test_averages_leave_fill_out(client: TestClient, repository: Repository, store: Path) -> None:
    values = np.full((36, 72), 8.0, dtype="float32")
    values[:2, :2] = [[-9999, 6], [-9999, -9999]]
    values[2:4, :2] = -9999
    repository.publish(publication(store, "fill", {None: values}, GRID, nodata=-9999))
    found = fetch_tiff(client, "fill", "scale-factor=2").values[0]
    assert (found[0, 0], found[1, 0], found[0, 1]) == (6.0, -9999.0, 8.0)


@pytest.mark.parametrize("kind", ["continuous", "categorical"])
def test_classes_and_bare_integers_are_never_mixed(
    client: TestClient, repository: Repository, store: Path, kind: str
) -> None:
    values = ((np.indices((36, 72)).sum(axis=0) % 2) * 10).astype("uint8")  # a chequerboard of 0 and 10
    repository.publish(with_first(publication(store, "kinds", {None: values}, GRID), kind=kind, unit=None))
    found = fetch_tiff(client, "kinds", "scale-size=Lon(7),Lat(5)")
    assert set(np.unique(found.values)) <= {0, 10}


def test_nearest_takes_a_cell_from_within_the_answers_cell(
    client: TestClient, repository: Repository, store: Path
) -> None:
    values = coded(GRID).astype("int32")
    base = publication(store, "near", {None: values}, GRID)
    repository.publish(with_first(base, kind="categorical"))
    found = fetch_tiff(client, "near", "bbox=90,-90,-90,90&scale-size=Lon(7),Lat(5)").values[0]
    rows, columns = found // 10_000, (found % 10_000 - 54) % 72
    edges_y, edges_x = np.arange(6) * 36 / 5, np.arange(8) * 36 / 7
    assert np.all((rows + 1 > edges_y[:-1, None]) & (rows < edges_y[1:, None]))
    assert np.all((columns + 1 > edges_x[:-1]) & (columns < edges_x[1:]))


def test_the_seam_leaves_no_trace_in_an_average(client: TestClient, repository: Repository, store: Path) -> None:
    """The same globe stored from 180 W and from 0: equal answers, wherever the seam cuts the cells."""
    values = coded(GRID)
    repository.publish(publication(store, "atlantic", {None: values}, GRID))
    rolled = np.roll(values, 36, axis=1)
    repository.publish(publication(store, "pacific", {None: rolled}, global_grid(width=72, height=36, west=0.0)))
    for columns in (2, 3, 5, 8, 11):
        query = f"subset=Lon(145:205)&scale-size=Lon({columns}),Lat(12)"
        left, right = fetch_tiff(client, "atlantic", query), fetch_tiff(client, "pacific", query)
        assert np.allclose(left.values, right.values, rtol=1e-6)
        assert left.transform.almost_equals(right.transform)


@pytest.mark.parametrize(("spare", "expected"), [(0, 1.0), (-1, 16.0)])
def test_means_are_of_stored_cells_up_to_a_limit_on_those_read(
    settings: Settings, repository: Repository, store: Path, spare: int, expected: float
) -> None:
    grid = global_grid(width=2048, height=1024)
    values = np.zeros((1024, 2048), dtype="float32")
    values[::4, ::4] = 16.0  # overviews of nearest cells keep these alone; the mean is 1
    repository.publish(publication(store, "large", dict.fromkeys(("2006-04", "2006-05"), values), grid))
    cells = 2 * 2048 * 1024 // READ_MULTIPLE + spare  # of both times together
    limited = settings.model_copy(update={"limit": LimitSettings(coverage_cells=cells)})
    with TestClient(create_app(limited)) as client, fetch_netcdf(client, "large", "scale-factor=16") as found:
        assert np.unique(found.v.values).tolist() == [expected]


def test_netcdf_coordinates_follow_the_scale(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(publication(store, "coords", {None: coded(GRID)}, GRID))
    with fetch_netcdf(client, "coords", "subset=Lon(170:190)&scale-size=Lon(2),Lat(3)") as found:
        assert found.lon.values.tolist() == [175.0, 185.0]
        assert found.lat.values.tolist() == [60.0, 0.0, -60.0]
        assert found.lon_bnds.values.tolist() == [[170.0, 180.0], [180.0, 190.0]]


def test_tall_answers_are_put_together_from_strips(client: TestClient, repository: Repository, store: Path) -> None:
    grid = Grid(crs=CRS84, transform=(0.01, 0, 10.0, 0, -0.01, 50.0), width=30, height=900)
    values = coded(grid)
    repository.publish(publication(store, "tall", {None: values}, grid))
    assert np.array_equal(fetch_tiff(client, "tall").values[0], values)
    with fetch_netcdf(client, "tall") as found:
        assert np.array_equal(found.v.values, values)
    assert np.allclose(fetch_tiff(client, "tall", "scale-axes=y(1.5)").values[0, :, 0], _thirds(values[:, 0]))


def _thirds(column: NDArray[np.float32]) -> NDArray[np.float64]:
    """Means of 1.5 cells: of each three, the first and half of the second, and so on."""
    a, b, c = (column[n::3].astype("float64") for n in range(3))
    return np.stack([(a + b / 2) / 1.5, (b / 2 + c) / 1.5], axis=1).ravel()


def test_an_axis_far_above_the_stored_cells_is_refused(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(publication(store, "wide", {None: coded(GRID)}, GRID))
    answer = get(client, "wide", "scale-size=Lon(65537),Lat(1)")
    assert answer.status_code == 400
    assert "65536" in answer.json()["detail"]
