"""Datasets with levels and colour images, from their files to what clients are served."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from fastapi.testclient import TestClient

from cog.sources.opening import open_source
from config.declarations.datasets import parse_declaration
from records.datasets.repository import Repository
from services.ingest.pipeline import ingest
from tests.cog.sources.test_placing import rotated
from tests.support.sources import cells, write_geotiff, write_levels, write_raster

pytestmark = pytest.mark.usefixtures("shared_worker")

LEVELS = [850.0, 500.0, 250.5]


def profile(height: int = 6, width: int = 8) -> np.ndarray[Any, Any]:
    """(time, level, row, column) cells: time * 1000 + level number * 100 + row * 10 + column."""
    time, level, row, column = np.mgrid[:2, :3, :height, :width]
    return (time * 1000 + level * 100 + row * 10 + column).astype("float32")


def run(repository: Repository, store: Path, path: Path, said: dict[str, Any] | None = None) -> None:
    declaration = parse_declaration({"id": "d"} | (said or {}), name="test")
    report = ingest([path], declaration, repository=repository, store=store, workers=1)
    assert not report.refused, report.outcomes[0].reason


@pytest.fixture
def levels(repository: Repository, store: Path, tmp_path: Path) -> None:
    """The dataset `d` of two times and three levels."""
    run(repository, store, write_levels(tmp_path / "a.nc", profile(), LEVELS))


@pytest.fixture
def image(repository: Repository, store: Path, tmp_path: Path) -> np.ndarray[Any, Any]:
    """The dataset `d` of a global colour image with a hidden western hemisphere; its cells."""
    bands = np.stack([np.full((180, 360), n, dtype="uint8") for n in (200, 100, 50)])
    shown = np.broadcast_to(np.arange(360) >= 180, (180, 360))
    path = write_raster(
        tmp_path / "a.tif", bands, mask=shown, photometric="RGB", transform=rasterio.Affine(1, 0, -180, 0, -1, 90)
    )
    run(repository, store, path)
    return np.concatenate([bands, np.where(shown, 255, 0).astype("uint8")[np.newaxis]])


@pytest.mark.usefixtures("levels")
def test_each_time_and_level_is_a_granule(repository: Repository, store: Path) -> None:
    (variable,) = repository.dataset("d").variables
    assert variable.levels is not None
    assert (variable.levels.labels, variable.levels.unit, variable.levels.positive) == (
        ("850", "500", "250.5"),
        "hPa",
        "down",
    )
    granules = list(repository.granules("d"))
    assert len(granules) == 6
    for granule in granules:
        time = int((granule.time or "")[:10] == "2000-01-02")
        with rasterio.open(store / granule.asset.href) as cog:
            found = cog.read(1)
            assert cog.tags()["LEVEL"] == granule.level
        assert np.array_equal(found, profile()[time, variable.levels.labels.index(granule.level or "")])


@pytest.mark.usefixtures("levels")
def test_a_tile_shows_the_level_asked_for_and_else_the_first(client: TestClient) -> None:
    for choice, number in (({}, 0), ({"level": "850"}, 0), ({"level": "250.5"}, 2)):
        params = {"f": "npy", "datetime": "2000-01-01", **choice}
        answer = client.get("/collections/d/map/tiles/WebMercatorQuad/0/0/0", params=params)
        assert answer.status_code == 200, answer.text
        values, mask = np.load(io.BytesIO(answer.content))
        assert set((values[mask > 0] // 100).tolist()) == {number}
    answer = client.get("/collections/d/map/tiles/WebMercatorQuad/0/0/0", params={"level": "700"})
    assert answer.status_code == 404
    assert "850, 500, 250.5" in answer.json()["detail"]


@pytest.mark.usefixtures("levels")
def test_a_coverage_without_level_has_the_first(client: TestClient) -> None:
    answer = client.get("/collections/d/coverage", params={"f": "geotiff", "datetime": "2000-01-02"})
    assert answer.status_code == 200, answer.text
    with rasterio.MemoryFile(answer.content) as memory, memory.open() as found:
        assert np.array_equal(found.read(1), profile()[1, 0])


def test_levels_of_several_files_are_joined(repository: Repository, store: Path, tmp_path: Path) -> None:
    paths = [
        write_levels(tmp_path / f"{n}.nc", profile()[:, n : n + 1], LEVELS[n : n + 1], positive="") for n in range(3)
    ]
    declaration = parse_declaration({"id": "d"}, name="test")
    for batch in (paths[:2], paths[2:]):
        report = ingest(batch, declaration, repository=repository, store=store, workers=1)
        assert not report.refused, report.outcomes[0].reason
    (variable,) = repository.dataset("d").variables
    assert variable.levels is not None
    assert variable.levels.labels == ("850", "500", "250.5")
    assert len(list(repository.granules("d"))) == 6


def test_an_image_keeps_its_bands_and_shows_its_mask(
    image: np.ndarray[Any, Any], repository: Repository, store: Path
) -> None:
    (variable,) = repository.dataset("d").variables
    assert (variable.id, variable.kind, variable.band_count) == ("rgb", "rgb", 4)
    assert variable.statistics is not None
    assert (variable.statistics.minimum, variable.statistics.maximum) == (50, 200)
    (granule,) = repository.granules("d")
    with rasterio.open(store / granule.asset.href) as cog:
        assert np.array_equal(cog.read(), image)
        assert [c.name for c in cog.colorinterp] == ["red", "green", "blue", "alpha"]


@pytest.mark.usefixtures("image")
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_tile_of_an_image_has_its_colours_and_is_clear_where_it_is_hidden(client: TestClient) -> None:
    answer = client.get("/collections/d/map/tiles/WebMercatorQuad/0/0/0", params={"f": "png"})
    assert answer.status_code == 200, answer.text
    with rasterio.MemoryFile(answer.content) as memory, memory.open() as picture:
        found = picture.read()
    assert found.shape == (4, 256, 256)
    assert found[:, 128, 200].tolist() == [200, 100, 50, 255]
    assert found[3, 128, 50] == 0


def test_the_coverage_of_an_image_has_its_bands(image: np.ndarray[Any, Any], client: TestClient) -> None:
    answer = client.get("/collections/d/coverage", params={"f": "geotiff"})
    assert answer.status_code == 200, answer.text
    with rasterio.MemoryFile(answer.content) as memory, memory.open() as found:
        assert np.array_equal(found.read(), image)


@pytest.mark.usefixtures("image")
def test_an_image_is_a_collection_like_any_other(client: TestClient) -> None:
    pages = ["", "?f=html", "/schema", "/map/tiles", "/coverage?f=netcdf"]
    paths = [*(f"/collections/d{page}" for page in pages), "/xyz/d/rgb/0/0/0.png", "/xyz/d/rgb/0/0/0.jpg"]
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)


@pytest.mark.usefixtures("image")
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("path", ["map?width=360&height=180", "coverage?f=png", "map?width=360&height=180&f=webp"])
def test_a_map_and_a_preview_of_an_image_show_its_mask(client: TestClient, path: str) -> None:
    answer = client.get(f"/collections/d/{path}")
    assert answer.status_code == 200, answer.text
    with rasterio.MemoryFile(answer.content) as memory, memory.open() as picture:
        found = picture.read()
    assert found[:, 90, 270].tolist() == [200, 100, 50, 255]
    assert found[3, 90, 90] == 0


def test_a_coverage_of_16_bits_marks_its_colours_and_alpha(
    repository: Repository, store: Path, tmp_path: Path, client: TestClient
) -> None:
    bands = np.stack([np.full((20, 30), n * 257, dtype="uint16") for n in (200, 100, 50, 255)])
    path = write_raster(tmp_path / "a.tif", bands, photometric="RGB", alpha="NON-PREMULTIPLIED")
    run(repository, store, path)
    answer = client.get("/collections/d/coverage", params={"f": "geotiff"})
    with rasterio.MemoryFile(answer.content) as memory, memory.open() as found:
        assert [c.name for c in found.colorinterp] == ["red", "green", "blue", "alpha"]
        assert np.array_equal(found.read(), bands)
    assert client.get("/collections/d/coverage", params={"f": "png"}).status_code == 200


def test_a_rotated_pole_is_served_in_its_place(
    repository: Repository, store: Path, tmp_path: Path, client: TestClient
) -> None:
    path, lon, lat = rotated(tmp_path / "a.nc")
    run(repository, store, path)
    for row, column in ((0, 0), (2, 5), (5, 7)):
        place = {"coords": f"POINT({lon[row, column]} {lat[row, column]})", "f": "csv"}
        answer = client.get("/collections/d/position", params=place)
        assert float(answer.text.splitlines()[-1].split(",")[-1]) == row * 10 + column
    collection = client.get("/collections/d").json()
    west, south, east, north = collection["extent"]["spatial"]["bbox"][0]
    assert west < lon.min() < lon.max() < east < lon.max() + 3
    assert south < lat.min() < lat.max() < north < lat.max() + 2
    answer = client.get("/collections/d/coverage", params={"f": "netcdf"})
    (tmp_path / "again.nc").write_bytes(answer.content)
    with open_source(tmp_path / "again.nc") as again:
        grid = again.description.variables[0].grid
    assert grid.matches(repository.dataset("d").variables[0].grid)
    for page in ("map?width=99", "coverage?f=geotiff&crs=EPSG:3857", "map/tiles/WebMercatorQuad/4/8/5?f=png"):
        assert client.get(f"/collections/d/{page}").status_code == 200, page


def test_a_new_title_alone_keeps_a_dataset_that_is_replaced(
    repository: Repository, store: Path, tmp_path: Path
) -> None:
    path = write_geotiff(tmp_path / "a.tif", cells())
    for title in ("One", "Two"):
        declaration = parse_declaration({"id": "d", "record": {"title": {"en": title}}}, name="test")
        report = ingest([path], declaration, repository=repository, store=store, workers=1, replace=True)
        assert not report.refused
    assert repository.dataset("d").title == {"en": "Two"}
    assert len(list(repository.granules("d"))) == 1
