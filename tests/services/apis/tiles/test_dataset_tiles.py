"""Tiles of several collections over one another."""

from __future__ import annotations

import io
import re
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from records.datasets.models import Access
from services.apis.tiles.dataset_tiles import MAX_COLLECTIONS
from tests.support.catalogues import reading
from tests.support.datasets import classified, dated
from tests.support.rasters import coded, global_grid, publication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient
    from numpy.typing import NDArray

    from records.datasets.publication import Publication
    from tests.support.database import Server

TILE = "/map/tiles/WebMercatorQuad/1/1/0"


def locked(store: Path) -> Publication:
    return dated(store, "locked", access=Access(policy="login"))


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `sst`, `cover` and a dataset that may not be read."""
    with reading(server, tmp_path_factory.mktemp("store"), dated, classified, locked) as client:
        yield client


def rgba(client: TestClient, url: str) -> NDArray[np.uint8]:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))


def test_later_collections_lie_over_earlier_ones(reader: TestClient) -> None:
    both = rgba(reader, "/map/tiles/WebMercatorQuad/1/0/0?collections=sst,cover")
    assert (both == (255, 0, 0, 255)).all()  # class 1 lies over all of the north-west
    under = rgba(reader, "/map/tiles/WebMercatorQuad/1/0/0?collections=cover,sst")
    alone = rgba(reader, "/collections/sst/map/tiles/WebMercatorQuad/1/0/0")
    np.testing.assert_array_equal(under, alone)


def test_what_has_no_data_shows_what_lies_below(reader: TestClient) -> None:
    both, alone = (rgba(reader, url) for url in (f"{TILE}?collections=sst,cover", f"/collections/sst{TILE}"))
    np.testing.assert_array_equal(both, alone)  # there are no classes in the south


def test_without_collections_all_that_may_be_read_are_drawn(reader: TestClient) -> None:
    np.testing.assert_array_equal(rgba(reader, TILE), rgba(reader, f"{TILE}?collections=cover,sst"))
    (first, *_) = reader.get("/map/tiles").json()["tilesets"]
    assert [layer["id"] for layer in first["layers"]] == ["cover", "sst"]


def test_a_time_chooses_in_each_collection(reader: TestClient) -> None:
    dated_tile = rgba(reader, f"{TILE}?collections=sst&datetime=2006-04")
    np.testing.assert_array_equal(dated_tile, rgba(reader, f"/collections/sst{TILE}?datetime=2006-04"))
    assert not rgba(reader, f"{TILE}?collections=sst&datetime=1990-01")[..., 3].any()


def test_every_template_of_the_list_gives_a_tile(reader: TestClient) -> None:
    document = reader.get("/map/tiles?collections=cover,sst&datetime=2006-05").json()
    for entry in document["tilesets"][::5]:
        assert entry["tileMatrixSetURI"]
        templates = [link["href"] for link in entry["links"] if link["rel"] == "item"]
        assert len(templates) == 3
        limit = entry["tileMatrixSetLimits"][0]
        place = (limit["tileMatrix"], limit["minTileRow"], limit["minTileCol"])
        url = templates[0]
        for name, value in zip(("tileMatrix", "tileRow", "tileCol"), place, strict=True):
            url = url.replace(f"{{{name}}}", str(value))
        assert "collections=cover%2Csst&datetime=2006-05" in url
        assert reader.get(url).status_code == 200, url
        itself = next(link["href"] for link in entry["links"] if link["rel"] == "self")
        assert reader.get(itself).json() == entry


def test_a_client_that_has_the_tile_gets_304(reader: TestClient) -> None:
    url = f"{TILE}?collections=sst,cover"
    tag = reader.get(url).headers["etag"]
    assert reader.get(url, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("?collections=", 400, "ids with commas"),
        ("?collections=" + ",".join(["sst"] * 13), 400, "at most 12"),
        ("?collections=absent", 404, "absent"),
        ("?collections=sst,locked", 403, "locked"),
        ("?collections=sst&f=npy", 400, "png"),
        ("?collections=sst&datetime=noon", 400, "noon"),
        ("?style=grey", 400, "style"),
    ],
)
def test_what_cannot_be_drawn_is_refused(reader: TestClient, query: str, status: int, words: str) -> None:
    answer = reader.get(TILE + query)
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text


def test_of_many_collections_some_have_to_be_named(server: Server, tmp_path: Path) -> None:
    def small(store: Path, number: int) -> Publication:
        grid = global_grid(8, 4)
        return publication(store, f"d{number:02}", {None: coded(grid)}, grid)

    makers = [partial(small, number=number) for number in range(MAX_COLLECTIONS + 1)]
    with reading(server, tmp_path, *makers) as client:
        answer = client.get("/map/tiles/WebMercatorQuad/0/0/0")
        assert (answer.status_code, "name up to 12" in answer.json()["detail"]) == (400, True)
        entry = client.get("/map/tiles/WebMercatorQuad").json()
        assert len(entry["layers"]) == MAX_COLLECTIONS
        template = next(link["href"] for link in entry["links"] if link["rel"] == "item")
        assert client.get(re.sub(r"{\w+}", "0", template)).status_code == 200
