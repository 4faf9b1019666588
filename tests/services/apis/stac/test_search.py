"""Searching items: what is found, in which order, and how pages turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.services.apis.stac.conftest import DAYS
from tests.services.apis.stac.documents import follow, ids, link, pages
from tests.support.series import long_series

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.repository import Repository

SQUARE = {"type": "Polygon", "coordinates": [[[117.1, 35.9], [117.2, 35.9], [117.2, 36.0], [117.1, 35.9]]]}
FAR = {"type": "Point", "coordinates": [0.0, 80.0]}
DAY = [f"long_1980{(n // 31) + 1:02d}{n % 31 + 1:02d}T000000Z" for n in range(DAYS)]


def found(client: TestClient, body: dict[str, Any]) -> set[str]:
    """Ids of the items that a posted search finds."""
    answer = client.post("/stac/search", json={"limit": 1000} | body)
    assert answer.status_code == 200, answer.text
    return set(ids(answer.json()))


@pytest.mark.parametrize(
    ("query", "matched"),
    [
        ("collections=long", DAYS),
        ("collections=long,pair", DAYS + 1),
        ("ids=pair_20060516T120000Z,deep_level-10", 2),
        ("collections=sheets&bbox=175,1,176,2", 1),
        ("collections=sheets&bbox=175,1,-100,176,2,100", 1),
        ("collections=sheets&bbox=-179,1,-175,2", 1),
        ("collections=sheets&bbox=179,1,-179,2", 1),
        ("collections=sheets&bbox=121,1,169,2", 0),
        ("collections=long&datetime=1980-01-03T00:00:00Z", 1),
        ("collections=long&datetime=1980-01-03T00:00:00Z/1980-01-05T23:59:59Z", 3),
        ("collections=long&datetime=../1980-01-05T23:59:59Z", 5),
        ("collections=long&datetime=1980-01-20T00:00:00Z/..", DAYS - 19),
        ("collections=model&datetime=2001-02-10T00:00:00Z", 1),
        ("collections=model&datetime=2001-03-01T00:00:00Z", 0),
        ("filter=" + quote("\"graticule:level\" = '10'"), 1),
        ("filter=" + quote("A_CONTAINS(\"graticule:variables\", ('w'))"), 1),
        ("filter=" + quote("collection = 'long' AND datetime > TIMESTAMP('1980-01-20T00:00:00Z')"), DAYS - 20),
        ("filter=" + quote("S_INTERSECTS(geometry, POINT(117.2 36.0)) AND collection LIKE 'p%'"), 1),
        ("filter=" + quote("id IN ('pair_20060516T120000Z') OR collection = 'model'"), 2),
        ("intersects=" + quote(str(SQUARE).replace("'", '"')) + "&collections=pair,sheets", 1),
    ],
)
def test_a_search_finds_what_it_asks_for(stac: TestClient, query: str, matched: int) -> None:
    answer = stac.get(f"/stac/search?{query}&limit=1000").json()
    assert (answer["numberMatched"], answer["numberReturned"], len(set(ids(answer)))) == (matched,) * 3


@pytest.mark.parametrize(
    ("body", "matched"),
    [
        ({"collections": ["pair", "sheets"], "intersects": SQUARE}, {"pair_20060516T120000Z"}),
        ({"collections": ["pair"], "intersects": FAR}, set()),
        (
            {"collections": ["pair"], "intersects": {"type": "GeometryCollection", "geometries": [FAR, SQUARE]}},
            {"pair_20060516T120000Z"},
        ),
        ({"collections": ["long"], "bbox": [-10, -10, 10, 10], "datetime": "1980-01-02T00:00:00Z"}, {DAY[1]}),
        ({"filter": {"op": "=", "args": [{"property": "graticule:part"}, "n30"]}}, {"sheets_n30"}),
        ({"filter": "collection = 'model'", "filter-lang": "cql2-text"}, {"model_20010230T000000Z"}),
        (
            {
                "collections": ["long"],
                "filter": {
                    "op": "t_during",
                    "args": [{"property": "datetime"}, {"interval": ["1980-01-02T00:00:00Z", "1980-01-04T00:00:00Z"]}],
                },
            },
            {DAY[2]},
        ),
    ],
)
def test_a_posted_search_finds_the_same(stac: TestClient, body: dict[str, Any], matched: set[str]) -> None:
    assert found(stac, body) == matched


@pytest.mark.parametrize("posted", [False, True], ids=["GET", "POST"])
@pytest.mark.parametrize("sortby", ["", "+datetime", "-id", "collection,-properties.datetime"])
def test_pages_hold_every_item_once_in_the_order_asked_for(stac: TestClient, sortby: str, posted: bool) -> None:
    if posted:
        keys = [{"field": k.strip("+-"), "direction": "desc" if k[0] == "-" else "asc"} for k in sortby.split(",") if k]
        first = stac.post("/stac/search", json={"limit": 7, "sortby": keys}).json()
    else:
        first = stac.get("/stac/search", params={"limit": 7} | ({"sortby": sortby} if sortby else {})).json()
    every = [item for page in pages(stac, first) for item in page["features"]]
    assert len({item["id"] for item in every}) == len(every) == first["numberMatched"]
    key: Any = {
        "": lambda i: i["properties"]["datetime"],
        "+datetime": lambda i: i["properties"]["datetime"],
        "-id": lambda i: i["id"],
        "collection,-properties.datetime": lambda i: i["collection"],
    }[sortby]
    assert [key(item) for item in every] == sorted(map(key, every), reverse=sortby in ("", "-id"))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pages_turn_back_as_they_turned(stac: TestClient, method: str) -> None:
    first = follow(stac, {"href": "/stac/search?limit=9" if method == "GET" else "/stac/search", "method": method})
    forth = list(pages(stac, first))
    back = list(pages(stac, forth[-1], "prev"))[::-1]
    assert len(forth) > 2
    assert [ids(page) for page in back] == [ids(page) for page in forth]


def test_a_posted_page_names_method_and_body_of_the_next(stac: TestClient) -> None:
    turning = link(stac.post("/stac/search", json={"collections": ["long"], "limit": 3}).json(), "next")
    assert (turning["method"], turning["merge"]) == ("POST", False)
    assert turning["body"].items() >= {"collections": ["long"], "limit": 3}.items()


VALID = {"type", "stac_version", "id", "collection", "geometry", "bbox", "links", "assets", "properties"}
"""Members of a valid item."""


@pytest.mark.parametrize(
    ("fields", "members", "properties"),
    [
        ("", VALID, {"datetime"}),
        ("-geometry,-links", VALID - {"geometry", "links"}, {"datetime"}),
        ("-properties", VALID - {"properties"}, None),
        ("-properties.datetime", VALID - {"properties"}, None),
        ("id", {"id"}, None),
        ("graticule:level", {"properties"}, {"graticule:level"}),
        ("id,properties.nothing", {"id"}, None),
        ("-properties,properties.datetime", {"properties"}, {"datetime"}),
        ("+geometry,-geometry", {"geometry"}, None),
        ("id,-id,-bbox", {"id"}, None),
        ("type,-properties", {"type"}, None),
    ],
)
def test_fields_choose_the_members(
    stac: TestClient, fields: str, members: set[str], properties: set[str] | None
) -> None:
    (item,) = stac.get("/stac/search", params={"ids": "deep_level-10", "fields": fields}).json()["features"]
    listed = [n.strip() for n in fields.split(",") if n]
    include, exclude = [n.removeprefix("+") for n in listed if n[0] != "-"], [n[1:] for n in listed if n[0] == "-"]
    body = {"ids": ["deep_level-10"], "fields": {"include": include, "exclude": exclude}}
    assert stac.post("/stac/search", json=body).json()["features"] == [item]
    assert item.keys() == members
    assert properties is None or item["properties"].keys() == properties


def test_an_included_member_is_whole_but_for_what_is_excluded_of_it(stac: TestClient) -> None:
    (whole,) = stac.get("/stac/search", params={"ids": "deep_level-10"}).json()["features"]
    asked = {"ids": "deep_level-10", "fields": "id,properties,-properties.datetime"}
    (item,) = stac.get("/stac/search", params=asked).json()["features"]
    del whole["properties"]["datetime"]
    assert item == {"id": whole["id"], "properties": whole["properties"]}


@pytest.mark.parametrize(
    ("posted", "members"),
    [
        ({"exclude": ["geometry"]}, None),  # everything else: `include` is missing
        ({"include": None, "exclude": ["geometry"]}, {"geometry"}),
        ({"include": [], "exclude": ["geometry"]}, {"geometry"}),
        ({}, set()),
        (None, set()),
        ({"include": None, "exclude": None}, set()),
    ],
)
def test_a_body_without_include_is_not_one_whose_include_is_empty(
    stac: TestClient, posted: dict[str, Any] | None, members: set[str] | None
) -> None:
    (whole,) = stac.post("/stac/search", json={"ids": ["deep_level-10"]}).json()["features"]
    (item,) = stac.post("/stac/search", json={"ids": ["deep_level-10"], "fields": posted}).json()["features"]
    if members is None:
        assert item == {name: member for name, member in whole.items() if name != "geometry"}
    else:
        assert (item.keys(), item["properties"].keys()) == (VALID - members, {"datetime"})


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("nothing=1", "no parameter"),
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=0,10,1,0", "south"),
        ("datetime=../..", "one end"),
        ("datetime=2001-99", "month"),
        ("sortby=colour", "sort by"),
        ("sortby=id,-id", "twice"),
        ("token=abc", "token"),
        ("filter=colour%20=%201", "no such property"),
        ("filter-lang=sql", "cql2-text"),
        ("intersects={}", "intersects"),
        ("intersects=%7B%22type%22:%22Point%22,%22coordinates%22:[200,0]%7D", "CRS84"),
        ("bbox=0,0,1,1&intersects=%7B%22type%22:%22Point%22,%22coordinates%22:[1,1]%7D", "not both"),
        ("ids=%00", "U+0000"),
    ],
)
def test_a_mistake_is_refused_with_its_name(stac: TestClient, query: str, says: str) -> None:
    answer = stac.get(f"/stac/search?{query}")
    assert answer.status_code == 400
    assert says in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{",
        b'{"query": {}}',
        b'{"limit": true}',
        b'{"limit": "5"}',
        b'{"bbox": "0,0,1,1"}',
        b'{"bbox": [0, 0, 1, null]}',
        b'{"collections": "long"}',
        b'{"ids": [1]}',
        b'{"sortby": ["id"]}',
        b'{"sortby": [{"field": "id", "direction": "up"}]}',
        b'{"fields": ["id"]}',
        b'{"filter": {"op": "=", "args": [{"property": "colour"}, 1]}}',
        b'{"filter": "collection = 1", "filter-lang": "cql2-text"}',
        b'{"token": 5}',
        b'{"intersects": {"type": "GeometryCollection", "geometries": []}}',
    ],
)
def test_a_posted_mistake_is_refused(stac: TestClient, body: bytes) -> None:
    answer = stac.post("/stac/search", content=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"]


def test_a_token_of_another_sort_is_refused(stac: TestClient) -> None:
    turning = link(stac.get("/stac/search?limit=2").json(), "next")["href"]
    assert stac.get(turning + "&sortby=id").status_code == 400


def test_queryables_are_what_filters_may_name(stac: TestClient) -> None:
    for path in ("/stac/queryables", "/stac/collections/long/queryables"):
        answer = stac.get(path)
        schema = answer.json()
        assert answer.headers["content-type"] == "application/schema+json"
        assert schema["$id"] == "http://localhost:8080" + path
        for name in schema["properties"]:
            assert stac.get("/stac/search", params={"filter": f'"{name}" IS NULL'}).status_code == 200


def test_an_unknown_item_is_not_found(stac: TestClient) -> None:
    answer = stac.get("/stac/collections/long/items/nothing")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("item-not-found")


def test_pages_stay_where_they_are_when_items_come(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(long_series(store, 6))
    first = client.get("/stac/search?limit=3").json()
    repository.publish(long_series(store, 9))
    assert ids(first) == [DAY[5], DAY[4], DAY[3]]
    assert ids(follow(client, link(first, "next"))) == [DAY[2], DAY[1], DAY[0]]
