"""Filters of the records over HTTP: CQL2 in the URL and in a body (OGC 19-079r2, 21-065r2)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from config.settings import DatabaseSettings, Settings
from services.app import create_app
from tests.support.records import catalogue, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Server

ITEMS = "/collections/records/items"
LIKE_3 = {"op": "like", "args": [{"property": "title"}, "%3"]}


@pytest.fixture(scope="module")
def five(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application with five records, r0 to r4, for tests that only read."""
    made = (document(f"r{i}", f"Title < {i}", box=(i * 10, 0, i * 10 + 5, 5)) for i in range(5))
    with catalogue(server, *made) as engine:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        settings = Settings(data_dir=tmp_path_factory.mktemp("five"), database=DatabaseSettings(url=SecretStr(url)))
        with TestClient(create_app(settings), raise_server_exceptions=False) as client:
            yield client


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def test_a_filter_joins_the_other_parameters(five: TestClient) -> None:
    asked = {"filter": "id > 'r1' AND title LIKE 'Title < %'", "bbox": "0,0,32,5", "sortby": "-id"}
    assert ids(five.get(ITEMS, params=asked)) == ["r3", "r2"]
    assert ids(five.get(ITEMS, params={"filter": json.dumps(LIKE_3), "filter-lang": "cql2-json"})) == ["r3"]


@pytest.mark.parametrize("media_type", ["application/json", "application/query-cql-json; charset=utf-8", None])
def test_a_posted_filter_selects(five: TestClient, media_type: str | None) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    assert ids(five.post(ITEMS, content=json.dumps(LIKE_3), headers=headers)) == ["r3"]


def test_the_links_of_a_posted_search_walk_over_its_pages(five: TestClient) -> None:
    filter_ = {"op": "<>", "args": [{"property": "id"}, "r2"]}
    body = five.post(f"{ITEMS}?limit=3&sortby=id", json=filter_).json()
    assert body["numberMatched"] == 4
    following = next(link["href"] for link in body["links"] if link["rel"] == "next")
    assert ids(five.get(following)) == ["r4"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"filter": "colour = 'red'"}, "no such property"),
        ({"filter": "title LIKE"}, "no CQL2 text"),
        ({"filter": "{}", "filter-lang": "cql2-json"}, "an operation is needed"),
        ({"filter": "true", "filter-lang": "ecql"}, "there are cql2-text and cql2-json"),
        ({"filter": "true", "filter-crs": "http://www.opengis.net/def/crs/EPSG/0/2154"}, "choose one of"),
    ],
)
def test_a_bad_filter_is_400_with_its_reason(five: TestClient, asked: dict[str, str], said: str) -> None:
    answer = five.get(ITEMS, params=asked)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"title = 'a'", "application/json", 400),
        (b"", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"type": "Feature"}', "application/geo+json", 403),
        (b"<filter/>", "application/xml", 400),
    ],
)
def test_a_body_that_is_no_filter_is_refused(five: TestClient, body: bytes, media_type: str, status: int) -> None:
    answer = five.post(ITEMS, content=body, headers={"Content-Type": media_type})
    assert answer.status_code == status, answer.text
    assert answer.json()["status"] == status


@pytest.mark.parametrize("media_type", ["application/query-cql-json", "text/xml", "application/x-www-form-urlencoded"])
def test_a_posted_filter_is_read_whatever_it_is_labelled(five: TestClient, media_type: str) -> None:
    """OWSLib labels it text/xml, curl as a form."""
    body = b'{"op": "isNull", "args": [{"property": "title"}]}'
    answer = five.post(ITEMS, content=body, headers={"Content-Type": media_type})
    assert answer.status_code == 200, answer.text
    assert answer.json()["numberMatched"] == 0


def test_every_queryable_of_the_schema_can_stand_in_a_filter(five: TestClient) -> None:
    properties = five.get("/collections/records/queryables").json()["properties"]
    assert {"geometry", "time", "title"} <= set(properties)
    for name in properties:
        assert five.get(ITEMS, params={"filter": f"{name} IS NULL"}).status_code == 200, name
