"""Overviews across the sheets of mosaics: right cells, kept in line with the sheets, and no data of the dataset."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio

from cog.convert.coarse_grids import coarse_factor, coarse_grid
from config.declarations.datasets import parse_declaration
from config.grids import CRS84, Grid
from records.datasets.mosaic_overviews import overviews_of
from records.datasets.publication import MosaicOverview
from services.ingest.mosaics.building import changed_grids, free_value
from services.ingest.mosaics.rebuilding import rebuild
from services.ingest.pipeline import ingest
from services.ingest.store.garbage import collect
from services.ingest.store.repair import repair
from services.ingest.store.verify import verify
from tests.support.commands import environment, graticule
from tests.support.sources import write_geotiff, write_raster
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from numpy.typing import NDArray

    from records.datasets.repository import Repository

pytestmark = pytest.mark.usefixtures("shared_worker")

EDGE = 64
ACROSS, DOWN = 8, 4
CELL = 0.05
SAID: dict[str, Any] = {
    "id": "land",
    "variables": [{"id": "land", "unit": "K"}],
    "parts": {"pattern": "land_(?P<part>.+)[.]tif"},
}


def field(kind: str = "float32") -> NDArray[Any]:
    """Cells of the whole mosaic."""
    rows, columns = np.mgrid[: DOWN * EDGE, : ACROSS * EDGE]
    return (rows + columns / 8 + 1).astype(kind)


def sheet(folder: Path, row: int, column: int, values: NDArray[Any], **options: Any) -> Path:
    cells = values[row * EDGE : (row + 1) * EDGE, column * EDGE : (column + 1) * EDGE]
    place = rasterio.Affine(CELL, 0, 10 + column * EDGE * CELL, 0, -CELL, 50 - row * EDGE * CELL)
    return write_geotiff(folder / f"land_r{row}c{column}.tif", cells, transform=place, **options)


def sheets(folder: Path, values: NDArray[Any], **options: Any) -> list[Path]:
    folder.mkdir(exist_ok=True)
    return [sheet(folder, row, column, values, **options) for row in range(DOWN) for column in range(ACROSS)]


def run(
    repository: Repository, store: Path, paths: list[Path], said: dict[str, Any] | None = None, **options: Any
) -> None:
    declaration = parse_declaration(said or SAID, name="test")
    report = ingest(paths, declaration, repository=repository, store=store, workers=1, **options)
    assert not report.refused, report


def only(repository: Repository) -> MosaicOverview:
    (one,) = overviews_of(repository.engine, "land")
    return one


def cells_of(store: Path, one: MosaicOverview) -> NDArray[Any]:
    with rasterio.open(store / one.asset.href) as file:
        cells: NDArray[Any] = file.read(1)
    return cells


def means(values: NDArray[Any], factor: int) -> NDArray[Any]:
    height, width = values.shape
    return values.reshape(height // factor, factor, width // factor, factor).mean(axis=(1, 3))


@pytest.fixture(autouse=True)
def _coarser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sheets of 64 cells have overviews as if tiles had 16."""
    monkeypatch.setattr("cog.convert.coarse_grids._TILE", 16)


def test_an_overview_holds_the_means_of_all_sheets_and_is_no_data(
    repository: Repository, store: Path, tmp_path: Path
) -> None:
    run(repository, store, sheets(tmp_path / "in", field()))
    one = only(repository)
    assert (one.factor, len(one.sheets)) == (16, ACROSS * DOWN)
    np.testing.assert_allclose(cells_of(store, one), means(field(), 16), rtol=1e-6)
    assert one.grid.bounds == pytest.approx((10, 50 - DOWN * EDGE * CELL, 10 + ACROSS * EDGE * CELL, 50))
    assert len(list(repository.granules("land"))) == ACROSS * DOWN
    statistics = repository.dataset("land").variables[0].statistics
    assert statistics is not None
    assert statistics.maximum == field().max()
    assert not [check.fault for check in verify(repository, store, "land") if check.fault]


def test_an_overview_follows_a_sheet_that_changes_comes_or_goes(
    repository: Repository, store: Path, tmp_path: Path
) -> None:
    paths = sheets(tmp_path / "in", field())
    values = field()
    run(repository, store, paths[:-1])
    assert np.isnan(cells_of(store, only(repository))[-1, -1])
    run(repository, store, paths[-1:])
    np.testing.assert_allclose(cells_of(store, only(repository)), means(values, 16), rtol=1e-6)
    values[EDGE : 2 * EDGE, :EDGE] = 1000
    run(repository, store, [sheet(tmp_path / "in", 1, 0, values)])
    np.testing.assert_allclose(cells_of(store, only(repository)), means(values, 16), rtol=1e-6)
    run(repository, store, [], gone=[paths[0]], dataset_id="land")
    changed = cells_of(store, only(repository))
    assert np.isnan(changed[:4, :4]).all()
    np.testing.assert_allclose(changed[4:], means(values, 16)[4:], rtol=1e-6)


def test_only_rows_of_changed_sheets_are_composed_again(
    repository: Repository, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(repository, store, sheets(tmp_path / "in", field()))
    before = only(repository)
    run(repository, store, sheets(tmp_path / "in", field()))
    assert only(repository).asset == before.asset
    values = field()
    values[:EDGE, :EDGE] += 1
    sheet(tmp_path / "in", 0, 0, values)
    run(repository, store, [tmp_path / "in" / "land_r0c0.tif"])
    after = only(repository)
    changed = changed_grids(before, list(repository.granules("land")))
    assert {grid.bounds for grid in changed} == {(10, 50 - EDGE * CELL, 10 + EDGE * CELL, 50)}
    assert after.asset.href != before.asset.href
    removed = [r.path for r in collect(repository, store, grace=timedelta(seconds=-1)) if hasattr(r, "path")]
    assert before.asset.href in removed
    assert (store / after.asset.href).is_file()


def test_the_first_sheet_counts_where_sheets_overlap_and_classes_are_not_averaged(
    repository: Repository, store: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    paths = []
    for number in range(6):
        place = rasterio.Affine(CELL, 0, 10 + number * 48 * CELL, 0, -CELL, 50)
        cells = np.full((EDGE, EDGE), number * 40, "uint8")
        paths.append(write_geotiff(folder / f"land_{number}.tif", cells, transform=place))
    said = SAID | {"variables": [{"id": "land", "kind": "categorical"}]}
    run(repository, store, paths, said)
    one = only(repository)
    row = cells_of(store, one)[0]
    assert one.nodata == 255
    assert set(row.tolist()) <= {0, 40, 80, 120, 160, 200}
    assert row[: EDGE // one.factor].tolist() == [0] * (EDGE // one.factor)


def test_colour_images_are_transparent_beside_their_sheets(repository: Repository, store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    paths = []
    for number in range(6):
        place = rasterio.Affine(CELL, 0, 10 + number * 2 * EDGE * CELL, 0, -CELL, 50)
        bands = np.full((3, EDGE, EDGE), 200, "uint8")
        options = {"transform": place, "photometric": "RGB"}
        paths.append(write_raster(folder / f"land_{number}.tif", bands, **options))
    run(repository, store, paths, {"id": "land", "parts": SAID["parts"]})
    with rasterio.open(store / only(repository).asset.href) as file:
        red, _, _, alpha = file.read()
    assert (red[0, 0], alpha[0, 0], alpha[0, EDGE // only(repository).factor]) == (200, 255, 0)


def test_coarse_tiles_are_drawn_from_the_overview_by_the_lane_and_fine_ones_from_the_sheets(
    repository: Repository, store: Path, tmp_path: Path, client: TestClient
) -> None:
    run(repository, store, sheets(tmp_path / "in", field()))
    state = client.app.state  # type: ignore[attr-defined]  # the client keeps any ASGI app
    path = "/xyz/land/land/{}.npy"
    eventually(lambda: (client.get(path.format("0/0/0")), state.context.catalogue.cached("land"))[1], bool)
    drawn = state.tile_plans.drawn
    coarse, again = client.get(path.format("0/0/0")), client.get(path.format("0/0/0"))
    assert coarse.content == again.content
    assert state.tile_plans.drawn > drawn
    values, mask = np.load(io.BytesIO(coarse.content))
    assert values[mask > 0].min() >= 1
    assert values[mask > 0].max() <= field().max()
    drawn = state.tile_plans.drawn
    fine = client.get(path.format("9/274/181"))
    assert (fine.status_code, state.tile_plans.drawn) == (200, drawn)
    values, mask = np.load(io.BytesIO(fine.content))
    assert set(np.unique(values[mask > 0])) <= set(np.unique(field()))
    assert client.get(path.format("0/0/0")).headers["etag"] == coarse.headers["etag"]


def test_a_tile_of_more_sheets_than_the_limit_is_drawn_from_the_overview(
    repository: Repository, store: Path, tmp_path: Path, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(repository, store, sheets(tmp_path / "in", field()))
    monkeypatch.setattr("services.selection.opening.pictures.TILE_PARTS", 2)
    answer = client.get("/xyz/land/land/6/34/22.npy")
    assert answer.status_code == 200
    monkeypatch.setattr("services.selection.limits.RASTER_PARTS", 3)
    monkeypatch.setattr("services.selection.opening.pictures.RASTER_PARTS", 3)
    with repository.engine.begin() as connection:
        connection.exec_driver_sql("delete from mosaic_overviews")
    answer = client.get("/xyz/land/land/6/34/22.npy?datetime=..")
    assert "graticule mosaics build land" in client.get("/xyz/land/land/6/34/22.png").text


def test_a_missing_or_damaged_overview_is_built_again(
    repository: Repository, database_url: str, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(repository, store, sheets(tmp_path / "in", field()))
    one = only(repository)
    path = store / one.asset.href
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    (outcome,) = repair(repository, store, "land")
    assert (outcome.href, outcome.remedy) == (one.asset.href, "")
    assert only(repository).asset == one.asset
    with repository.engine.begin() as connection:
        connection.exec_driver_sql("delete from mosaic_overviews")
    assert rebuild(repository, store, "land", workers=1)[1] == 1
    assert rebuild(repository, store, "land", workers=1)[1] == 0
    with environment(database_url, store.parent):
        assert graticule("mosaics", "build", "land", "--all") == 0
        assert graticule("mosaics", "list", "land") == 0
    assert "land\t1\t1\n" in capsys.readouterr().out


def test_a_description_that_changes_keeps_the_overviews(repository: Repository, store: Path, tmp_path: Path) -> None:
    paths = sheets(tmp_path / "in", field())
    run(repository, store, paths)
    one = only(repository)
    run(repository, store, paths, SAID | {"record": {"title": {"en": "Land"}}})
    assert only(repository).asset == one.asset
    repository.remove("land")
    assert overviews_of(repository.engine, "land") == []


def grid(width: int, height: int, west: float = 0.0, north: float = 0.0) -> Grid:
    return Grid(crs=CRS84, transform=(1e-4, 0, west, 0, -1e-4, north), width=width, height=height)


def test_the_factor_leaves_few_sheets_to_finer_tiles_and_the_grid_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cog.convert.coarse_grids._TILE", 256)
    many = [grid(4096, 4096, x * 0.4096, -y * 0.4096) for x in range(70) for y in range(70)]
    around = grid(70 * 4096, 70 * 4096)
    assert coarse_factor(around, many) == 32
    assert coarse_factor(around, [around] * 40) == 32
    coarse = coarse_grid(grid(1001, 999), 8)
    assert (coarse.width, coarse.height) == (126, 125)
    assert coarse.bounds == pytest.approx(grid(1001, 999).bounds)


def test_a_value_that_no_cell_has_means_no_data(repository: Repository, store: Path, tmp_path: Path) -> None:
    values = (field() % 200).astype("uint8")
    run(repository, store, sheets(tmp_path / "in", values))
    variable = repository.dataset("land").variables[0]
    assert (variable.nodata, free_value(variable)) == (None, 255)
    values[0, 0], values[0, 1] = 255, 0
    run(repository, store, [sheet(tmp_path / "in", 0, 0, values)])
    assert free_value(repository.dataset("land").variables[0]) is None
    assert overviews_of(repository.engine, "land") == []


def test_a_coarse_map_is_drawn_from_the_overview(
    repository: Repository, store: Path, tmp_path: Path, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(repository, store, sheets(tmp_path / "in", field()))
    monkeypatch.setattr("services.selection.limits.RASTER_PARTS", 3)
    box = "bbox=10,37.2,35.6,50"
    assert client.get(f"/collections/land/map?{box}&width=16&height=8").status_code == 200
    assert client.get(f"/collections/land/map?{box}&width=1024&height=512").status_code == 413
