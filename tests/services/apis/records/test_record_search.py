"""Facets, cursors, estimates and suggestions over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from config.settings import DatabaseSettings, Settings
from services.app import create_app
from tests.support.records import catalogue, document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.database import Server

ITEMS = "/collections/records/items"
SUGGEST = "/collections/records/suggest"


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application with records of snow and of glaciers."""
    folder: Path = tmp_path_factory.mktemp("search")
    made = [
        document(
            f"s{i}",
            f"Snow depth {i}",
            zh=f"冰川物质平衡{i}",
            box=(i, 0, i + 5, 5),
            interval=("2000-01-01", f"200{i}-12-31"),
            keywords={"en": ["Snow cover", f"only{i}"], "zh": ["冰川物质平衡"]},
            license="CC-BY-4.0",
            formats=[{"name": "NetCDF"}],
            contacts=[{"name": "Li", "organization": "NCDC"}],
            access={"policy": "login" if i else "open"},
            themes=[{"scheme": "x", "concepts": [{"id": "170.45"}]}],
        )
        for i in range(4)
    ]
    with catalogue(server, *made, document("other", "Rivers & <lakes>")) as engine:
        url = engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
        settings = Settings(data_dir=folder, store=str(folder), database=DatabaseSettings(url=SecretStr(url)))
        with TestClient(create_app(settings), base_url="http://localhost:8080") as opened:
            yield opened


def test_facets_are_counted_among_all_matches_whatever_the_page(client: TestClient) -> None:
    names = "keywords:2,theme,type,year:9:value_desc,licence,format,access,contributor"
    body = client.get(ITEMS, params={"q": "snow", "limit": 1, "facets": names}).json()
    assert list(body["facets"]) == [part.partition(":")[0] for part in names.split(",")]
    assert body["facets"]["keywords"] == {
        "type": "term",
        "property": "keywords",
        "buckets": [{"value": "Snow cover", "count": 4}, {"value": "冰川物质平衡", "count": 4}],
        "more": True,
    }
    assert [b["value"] for b in body["facets"]["year"]["buckets"]] == ["2003", "2002", "2001", "2000"]
    assert body["facets"]["contributor"]["buckets"] == [{"value": "NCDC", "count": 4}]
    assert (body["numberMatched"], body["numberReturned"]) == (4, 1)


def test_a_bucket_counts_what_its_property_selects(client: TestClient) -> None:
    body = client.get(ITEMS, params={"facets": "keywords,themes,type,year,license,formats,access,contacts"}).json()
    buckets = [(f["property"], b["value"], b["count"]) for f in body["facets"].values() for b in f["buckets"]]
    assert len(buckets) > 10
    for name, value, count in buckets:
        assert client.get(ITEMS, params={name: value}).json()["numberMatched"] == count, (name, value)
        found = client.get(ITEMS, params={"filter": f"{name} = '{value}'"}).json()
        assert found["numberMatched"] == count, (name, value)


@pytest.mark.parametrize(
    "facets",
    [
        "title", "keywords:0", "keywords:101", "keywords:x", "keywords:5:up", "type:1:count_desc:2", "type,type",
        "keywords:-1", "keywords:١",
    ],
)  # fmt: skip
def test_a_facet_that_cannot_be_counted_is_refused(client: TestClient, facets: str) -> None:
    answer = client.get(ITEMS, params={"facets": facets})
    assert answer.status_code == 400
    assert "facets=" in answer.json()["detail"]


def test_the_number_and_the_order_of_a_facet_may_be_left_out_or_empty(client: TestClient) -> None:
    def counted(facets: str) -> dict[str, Any]:
        return client.get(ITEMS, params={"facets": facets}).json().get("facets", {})

    assert counted("keywords:") == counted("keywords::") == counted("keywords:10:count_desc") == counted("keywords")
    assert counted("keywords::value_asc,") == counted("keywords:10:value_asc")
    assert counted("") == {}


def test_queryables_tell_what_is_counted(client: TestClient) -> None:
    properties = client.get("/collections/records/queryables").json()["properties"]
    counted = {name for name, schema in properties.items() if schema.get("facet") is True}
    assert counted == {"keywords", "themes", "type", "year", "license", "formats", "access", "contacts"}


def test_facets_are_listed_and_each_can_be_asked_for(client: TestClient) -> None:
    listed = client.get("/collections/records/facets").json()["facets"]
    assert {member["property"] for member in listed.values()} >= {"keywords", "themes", "contacts"}
    told = client.get(ITEMS, params={"facets": ",".join(listed)}).json()["facets"]
    assert {name: facet["property"] for name, facet in told.items()} == {n: m["property"] for n, m in listed.items()}


def _next(body: dict[str, Any]) -> dict[str, str]:
    href = next(link["href"] for link in body["links"] if link["rel"] == "next")
    return {name: values[0] for name, values in parse_qs(urlsplit(href).query).items()}


def test_a_cursor_is_good_for_its_own_search_alone(client: TestClient) -> None:
    asked = _next(client.get(ITEMS, params={"q": "snow", "limit": 2}).json())
    assert client.get(ITEMS, params=asked).json()["numberReturned"] == 2
    cursor = asked["cursor"]
    for wrong in (
        {**asked, "q": "rivers"},
        {**asked, "sortby": "title"},
        {**asked, "offset": "1"},
        {**asked, "cursor": cursor[:-3]},
        {**asked, "cursor": "W10"},
        {**asked, "cursor": "x" * 5000},
        {**asked, "cursor": "é"},
        {**asked, "cursor": ""},
    ):
        answer = client.get(ITEMS, params=wrong)
        assert answer.status_code == 400, wrong
        assert "cursor" in answer.json()["detail"]


def test_an_offset_has_a_limit_that_is_named(client: TestClient) -> None:
    answer = client.get(ITEMS, params={"offset": 100_001})
    assert answer.status_code == 400
    assert "100000" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("冰川", "冰川物质平衡"),
        ("物质", "冰川物质平衡"),
        ("平衡", "冰川物质平衡"),
        ("sno", "Snow cover"),
        ("SNOW c", "Snow cover"),
        ("cov", "Snow cover"),
        ("riv", "Rivers & <lakes>"),
        ("snow dep", "Snow depth 0"),
        ("depth", "Snow depth 0"),
    ],
)
def test_what_begins_a_word_suggests_keywords_and_titles(client: TestClient, q: str, expected: str) -> None:
    body = client.get(SUGGEST, params={"q": q}).json()
    assert expected in [suggestion["value"] for suggestion in body["suggestions"]]


@pytest.mark.parametrize("q", ["质川", "now", "now cover", "' & | ! :*", "\\", "the", "  "])
def test_what_begins_no_word_suggests_nothing(client: TestClient, q: str) -> None:
    assert client.get(SUGGEST, params={"q": q}).json() == {"suggestions": []}


@pytest.mark.parametrize("query", ["", "q=snow&limit=0", "q=snow&limit=21", "q=snow&x=1", "q=" + "a" * 101, "q=%00"])
def test_suggestions_are_bounded(client: TestClient, query: str) -> None:
    assert client.get(f"{SUGGEST}?{query}").status_code == 400
    assert len(client.get(SUGGEST, params={"q": "冰", "limit": 2}).json()["suggestions"]) == 2
