"""The same time in other words means the same on every route; what is no RFC 3339 time is refused by searches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.catalogues import reading
from tests.support.datasets import dated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

    from tests.support.database import Server

SEARCHES = ("/collections/records/items", "/stac/search", "/stac/collections/sst/items", "/stac/collections")
DATA = ("/collections/sst/coverage", "/collections/sst/map", "/collections/sst/times")


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `sst`, which no test changes."""
    with reading(server, tmp_path_factory.mktemp("store"), dated) as client:
        yield client


@pytest.mark.parametrize("url", [*SEARCHES, *DATA, "/collections"])
def test_small_letters_leap_seconds_and_offsets_are_taken_everywhere(reader: TestClient, url: str) -> None:
    for text in (
        "2006-01-01t00:00:00z/2006-12-31t23:59:60z",
        "2006-01-01T00:00:00Z/2006-12-31T23:59:60Z",
        "2006-01-01T00:00:00.123456789012+08:00/..",
        "/2006-12-31T23:59:59Z",
    ):
        assert reader.get(url, params={"datetime": text}).status_code == 200, text


@pytest.mark.parametrize("url", SEARCHES)
@pytest.mark.parametrize(
    "text",
    [
        "2006-04-16T00:00:00",
        "2006-04-16T24:00:00Z",
        "2006-04-16 00:00:00Z",
        "2006-04-16T00:00:00+0100",
        "2006-04-16T00:00Z",
        "2006-04-16T00:00:00.Z",
        "2006-04-16T00:00:00,5Z",
        "2006-04-16T00:00:61Z",
        "+2006-04-16T00:00:00Z",
        "21985-12-12T23:20:50.52Z",
        "2006-13-16T00:00:00Z",
        "2007-04-16T00:00:00Z/2006-04-16T00:00:00Z",
        "2006-04-16T00:00:00Z/2006-04-17T00:00:00Z/2006-04-18T00:00:00Z",
        "",
    ],
)
def test_what_is_no_rfc3339_time_is_refused_by_every_search(reader: TestClient, url: str, text: str) -> None:
    answer = reader.get(url, params={"datetime": text})
    assert answer.status_code == 400
    assert "datetime" in answer.json()["detail"]


@pytest.mark.parametrize("text", ["2006-04-16", "2006-04", "2006", "2006-04-16T00:00:00Z/2006-05"])
def test_a_date_is_no_time_of_a_search_but_of_its_form(reader: TestClient, text: str) -> None:
    assert [reader.get(url, params={"datetime": text}).status_code for url in SEARCHES] == [400] * len(SEARCHES)
    assert reader.get(SEARCHES[0], params={"datetime": text, "f": "html"}).status_code == 200


def test_null_and_nesting_are_no_filters(reader: TestClient) -> None:
    for url in SEARCHES[:2]:
        assert reader.get(url, params={"filter": "null", "filter-lang": "cql2-json"}).status_code == 400
    deep = '{"op":"not","args":[' * 300 + "true" + "]}" * 300
    body = '{"filter-lang":"cql2-json","filter":' + deep + "}"
    for url, content in (("/stac/search", body), (SEARCHES[0], deep)):
        answer = reader.post(url, content=content, headers={"content-type": "application/json"})
        assert (answer.status_code, "nested" in answer.json()["detail"]) == (400, True)
    answer = reader.post("/stac/search", json={"filter-lang": "cql2-json", "filter": None})
    assert answer.status_code == 200  # in a body, null is a member left out


def test_a_result_that_is_no_number_is_no_data(reader: TestClient) -> None:
    map_ = "/collections/sst/map"
    for expression in ("b1/0", "sqrt(0-b1-1)", "log(0*b1-1)"):
        point = reader.get(f"{map_}/point/0.5,0.5", params={"expression": expression})
        assert (point.status_code, point.json()["values"]) == (200, [None])
        statistics = reader.get(f"{map_}/statistics", params={"expression": expression})
        assert statistics.status_code == 200, statistics.text
        assert statistics.json()["b1"]["count"] == 0
        for url in (
            f"/titiler/sst/statistics?expression={expression}",
            f"/titiler/sst/point/0,0?expression={expression}",
        ):
            assert reader.get(url).status_code == 200
        picture = reader.get(map_, params={"width": 10, "rescale": "0,1", "expression": expression})
        assert picture.status_code == 200
