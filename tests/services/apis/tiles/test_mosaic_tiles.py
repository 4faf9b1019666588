"""Tiles of maps that are cut into sheets, ingested as such: whatever was drawn before, each shows its own sheets."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pytest
import rasterio

from config.declarations.datasets import parse_declaration
from services.ingest.pipeline import ingest
from tests.services.apis.tiles.test_tiles import rgba
from tests.support.sources import write_geotiff
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fastapi.testclient import TestClient
    from numpy.typing import NDArray

    from records.datasets.models import Dataset
    from records.datasets.repository import Repository
    from services.drawing.tiles.plans import TilePlans

WEST: Final = {"2001_a": 1, "2001_b": 7, "2001_c": 32, "2002_b": 7}
"""West edge of each sheet, eight degrees wide: in 2001 the first two overlap, in 2002 there is but one."""
PLACES: Final = {"a": "6/32/31", "b": "6/34/31", "a and b": "6/33/31", "all": "2/2/1", "none": "6/5/5", "c": "6/38/31"}
"""Tiles (z/x/y) by the sheets that they meet in 2001."""
KINDS: Final = {
    "a time": "/xyz/cover/cover/default/2001/{z}/{x}/{y}.png",
    "a datetime": "/xyz/cover/cover/{z}/{x}/{y}.png?datetime=2001",
    "the nearest": "/xyz/cover/cover/{z}/{x}/{y}.png?datetime=1999&nearest=true",
    "WebP": "/collections/cover/map/tiles/WebMercatorQuad/{z}/{y}/{x}?datetime=2001&f=webp",
    "the latest": "/xyz/cover/cover/{z}/{x}/{y}.png",
    "a sheet": "/xyz/cover/cover/{z}/{x}/{y}.png?datetime=2001&part=b",
    "another sheet": "/xyz/cover/cover/{z}/{x}/{y}.png?datetime=2001&part=c",
}
DECLARATION: Final = {
    "variables": [{"id": "cover", "kind": "categorical"}],
    "time": {"pattern": "_(?P<year>[0-9]{4})_"},
    "parts": {"pattern": "_(?P<part>[abc])[.]"},
}


class Tile(NamedTuple):
    """What is compared: pixels (row, column, RGBA) and the entity tag."""

    pixels: NDArray[np.uint8]
    tag: str


@pytest.fixture
def cover(repository: Repository, store: Path, tmp_path: Path) -> Dataset:
    """Sheets of classes 1, 2, ... in the order of `WEST`, each with a frame of no data one cell wide."""
    folder = tmp_path / "sheets"
    folder.mkdir()
    for code, (name, west) in enumerate(WEST.items(), start=1):
        cells = np.pad(np.full((4, 6), code, "uint8"), 1, constant_values=255)
        write_geotiff(folder / f"cover_{name}.tif", cells, transform=rasterio.Affine(1, 0, west, 0, -1, 6), nodata=255)
    declaration = parse_declaration(DECLARATION, name="cover")
    report = ingest(
        sorted(folder.iterdir()), declaration, repository=repository, store=store, dataset_id="cover", workers=1
    )
    assert not report.refused, report
    return repository.dataset("cover")


@pytest.fixture
def plans(client: TestClient, cover: Dataset) -> TilePlans:
    """The plans of an application that has the dataset at hand, so that its lane is open."""
    state = client.app.state  # type: ignore[attr-defined]  # the client keeps any ASGI app
    eventually(lambda: (client.get(url(KINDS["a time"], "a")), state.context.catalogue.cached(cover.id))[1], bool)
    plans: TilePlans = state.tile_plans
    return plans


def url(kind: str, place: str) -> str:
    z, x, y = PLACES[place].split("/")
    return kind.format(z=z, x=x, y=y)


def tiles(client: TestClient, urls: Sequence[str]) -> dict[str, Tile]:
    answers = {url: client.get(url) for url in urls}
    return {url: Tile(rgba(answer), answer.headers["etag"]) for url, answer in answers.items()}


def titilers(client: TestClient, plans: TilePlans, urls: Sequence[str]) -> dict[str, Tile]:
    """The tiles drawn without plans, so that none is learnt either."""
    plans.is_on = False
    expected = tiles(client, urls)
    plans.is_on = True
    return expected


def require_equal(tile: Tile, expected: Tile, url: str) -> None:
    np.testing.assert_array_equal(tile.pixels, expected.pixels, err_msg=url)
    assert tile.tag == expected.tag, url


@pytest.mark.parametrize("kind", ["a time", "the nearest"])
def test_a_tile_is_the_same_whichever_was_drawn_before(client: TestClient, plans: TilePlans, kind: str) -> None:
    urls = {place: url(KINDS[kind], place) for place in PLACES}
    expected = titilers(client, plans, list(urls.values()))
    for first in PLACES:
        for path in (urls[first], *urls.values(), *urls.values()):
            require_equal(tiles(client, [path])[path], expected[path], path)
        plans.forget_all()  # so that the next one is the first of its kind


def test_tiles_of_all_kinds_in_random_order_are_those_without_plans(client: TestClient, plans: TilePlans) -> None:
    urls = [url(kind, place) for kind in KINDS.values() for place in PLACES]
    expected = titilers(client, plans, urls)
    order = 2 * urls
    random.Random(12).shuffle(order)
    for path in order:
        require_equal(tiles(client, [path])[path], expected[path], path)
    assert plans.drawn > 0


def test_the_sheets_of_a_tile_are_those_that_it_meets(client: TestClient, plans: TilePlans) -> None:
    shown = titilers(client, plans, [url(KINDS["a time"], place) for place in PLACES])
    colors = {
        place: len(np.unique(tile.pixels[tile.pixels[..., 3] > 0], axis=0))
        for place, tile in zip(PLACES, shown.values(), strict=True)
    }
    assert colors == {"a": 1, "b": 1, "a and b": 2, "all": 3, "none": 0, "c": 1}


def test_a_plan_is_learnt_only_where_every_tile_shows_the_same_granule(client: TestClient, plans: TilePlans) -> None:
    for kind, is_learnt in (
        (KINDS["the latest"], True),
        (KINDS["the nearest"], False),
        (KINDS["the nearest"].replace("1999", "2009"), True),
        (KINDS["a time"], False),
        (KINDS["a sheet"], True),
    ):
        drawn, learnt = plans.drawn, len(plans)
        tiles(client, [url(kind, "a"), url(kind, "b")])
        assert (plans.drawn > drawn, len(plans) - learnt) == (is_learnt, is_learnt), kind


def test_the_latest_time_becomes_a_mosaic_when_its_second_sheet_is_published(
    client: TestClient, plans: TilePlans, repository: Repository, store: Path, tmp_path: Path
) -> None:
    a, b = (url(KINDS["the latest"], place) for place in ("a", "b"))
    before = tiles(client, [a, b])
    assert plans.drawn == 2  # the first one too: its plan is made before the route
    path = tmp_path / "sheets" / "cover_2002_a.tif"
    (tmp_path / "sheets" / "cover_2001_a.tif").rename(path)
    declaration = parse_declaration(DECLARATION, name="cover")
    ingest([path], declaration, repository=repository, store=store, dataset_id="cover", workers=1)
    eventually(lambda: client.get(a).headers["etag"], lambda tag: tag != before[a].tag)
    after = tiles(client, [b, a, b, a])
    assert not before[a].pixels[..., 3].any()
    assert after[a].pixels[..., 3].any()
    np.testing.assert_array_equal(after[b].pixels, before[b].pixels)
