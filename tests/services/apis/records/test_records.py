"""OGC API Records over HTTP: parameters, links, labels, errors and languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from config.settings import DatabaseSettings, Settings
from config.vocabulary import GEOJSON, HTML, JSON, OGC_CATALOG_JSON
from records.datasets.models import Access
from records.exports.alternates import alternates
from services.apis.records.catalogue_collection import collection_document, collection_media_type
from services.app import create_app
from tests.support.rasters import coded, global_grid, publication
from tests.support.records import add, catalogue, document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI
    from sqlalchemy import Engine

    from records.datasets.repository import Repository
    from tests.support.database import Server

ITEMS = "/collections/records/items"
BASE = "http://localhost:8080"
GRID = global_grid(8, 4)


@pytest.fixture(scope="module")
def five(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application with five records, r0 to r4, for tests that only read."""
    made = (document(f"r{i}", f"Title {i}", zh=f"标题{i}", box=(i * 10, 0, i * 10 + 5, 5)) for i in range(5))
    with catalogue(server, *made) as engine:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        settings = Settings(data_dir=tmp_path_factory.mktemp("five"), database=DatabaseSettings(url=SecretStr(url)))
        with TestClient(create_app(settings), base_url=BASE, raise_server_exceptions=False) as client:
            yield client


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def href(document: dict[str, Any], rel: str) -> str | None:
    return next((link["href"] for link in document["links"] if link["rel"] == rel), None)


def test_an_empty_catalogue_answers_an_empty_collection(client: TestClient) -> None:
    answer = client.get(ITEMS)
    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (200, GEOJSON)
    assert (body["type"], body["features"], body["numberMatched"], body["numberReturned"]) == (
        "FeatureCollection",
        [],
        0,
        0,
    )
    assert body["timeStamp"].endswith("Z")


def test_next_links_walk_over_every_record_with_every_parameter(five: TestClient) -> None:
    url: str | None = f"{ITEMS}?limit=2&sortby=-title&bbox=-180,-90,180,90&q=title,%20标题&lang=zh"
    seen: list[str] = []
    while url:
        body = five.get(url).json()
        seen += [feature["id"] for feature in body["features"]]
        assert body["numberMatched"] == 5
        url = href(body, "next")
        if url:
            assert url.startswith(f"{BASE}{ITEMS}?")
            asked = parse_qs(urlsplit(url).query)
            assert asked["q"] == ["title, 标题"]
            assert {"limit", "sortby", "bbox", "lang", "cursor"} <= set(asked)
    assert seen == ["r4", "r3", "r2", "r1", "r0"]


def test_a_page_links_to_the_one_before(five: TestClient) -> None:
    body = five.get(f"{ITEMS}?limit=2&offset=2").json()
    assert ids(five.get(href(body, "prev") or "")) == ["r0", "r1"]
    assert href(five.get(f"{ITEMS}?limit=2").json(), "prev") is None
    assert href(five.get(f"{ITEMS}?limit=5").json(), "next") is None


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=-1", "limit=unlimited", "limit=1.5", "limit=", "limit=--5", "limit=１",
        "offset=-1", "offset=x", "offset=99999999999999999999", "offset=100001",
        "bbox=1,2,3", "bbox=1,2,3,4,5", "bbox=a,b,c,d", "bbox=nan,0,1,1", "bbox=0,0,inf,1", "bbox=0,10,1,5", "bbox=",
        "bbox=0,91,1,95", "bbox=0,0,5,1,1,1",
        "datetime=nonsense", "datetime=2006-02-31", "datetime=2002/2001", "datetime=",
        "sortby=color", "sortby=", "sortby=title,title,title,title,title,title",
        "ids=", "ids=,", "type=,,", "created=x",
        "f=xml", "lang=klingon", "limit=1&limit=2", "q=" + "x" * 501,
        "unknown=1", "filter=title%3D1", "Limit=1", "properties=title",
    ],
)  # fmt: skip
def test_a_bad_parameter_is_a_400_that_names_it(five: TestClient, query: str) -> None:
    answer = five.get(f"{ITEMS}?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == JSON
    assert query.split("=", maxsplit=1)[0] in answer.json()["detail"]


def test_an_unknown_parameter_is_answered_with_the_known_ones(five: TestClient) -> None:
    detail = five.get(f"{ITEMS}?unknown=1").json()["detail"]
    assert all(name in detail for name in ("q", "bbox", "datetime", "ids", "externalIds", "type", "sortby", "limit"))
    assert five.get(f"{ITEMS}/r0?bbox=0,0,1,1").status_code == 400


@pytest.mark.parametrize("q", ["%00", "'", "%5C", "%F0%9F%98%80", "%26%7C!%3C-%3E:*", "%E5%86%BB%EF%BC%8C", "%FF"])
def test_hostile_words_are_searched_without_harm(five: TestClient, q: str) -> None:
    assert five.get(f"{ITEMS}?q={q}").status_code == 200


def test_a_limit_above_the_maximum_is_capped(client: TestClient, engine: Engine) -> None:
    add(engine, *(document(f"r{i}") for i in range(12)))
    assert len(ids(client.get(ITEMS))) == 10
    assert len(ids(client.get(f"{ITEMS}?limit=1000000"))) == 12


def test_the_parameters_are_declared_as_the_features_suite_reads_them(app: FastAPI) -> None:
    declared = {p["name"]: p for p in app.openapi()["paths"][ITEMS]["get"]["parameters"]}
    assert all(p["in"] == "query" and p["style"] == "form" and p["explode"] is False for p in declared.values())
    assert declared["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 10}
    bbox = declared["bbox"]["schema"]
    assert (bbox["type"], bbox["minItems"], bbox["maxItems"], bbox["items"]) == ("array", 4, 6, {"type": "number"})
    assert declared["datetime"]["schema"] == {"type": "string"}
    assert len(app.openapi()["paths"][ITEMS]["get"]["parameters"]) == len(declared)


@pytest.fixture
def app(five: TestClient) -> FastAPI:
    """The application behind the five."""
    return five.app  # type: ignore[return-value]  # the client calls it an ASGI application


@pytest.mark.parametrize(
    ("accept", "label"),
    [
        (None, GEOJSON),
        ("*/*", GEOJSON),
        (GEOJSON, GEOJSON),
        ("application/geo+json, application/json", GEOJSON),
        ("application/json", JSON),
        ("application/json, application/javascript, text/javascript, text/json", JSON),
    ],
)
def test_items_are_labelled_as_the_client_can_take_them(five: TestClient, accept: str | None, label: str) -> None:
    headers = {"accept": accept or ""}
    for path in (ITEMS, f"{ITEMS}/r0"):
        answer = five.get(path, headers=headers)
        assert answer.headers["content-type"] == label
        assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("query", "header", "title", "language"),
    [
        ("", None, "Title 0", "en"),
        ("?lang=zh", None, "标题0", "zh"),
        ("?lang=zh-CN", "en", "标题0", "zh"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "标题0", "zh"),
        ("", "fr, zh;q=0.5", "标题0", "zh"),
        ("?lang=en", "zh", "Title 0", "en"),
    ],
)
def test_the_language_is_negotiated(
    five: TestClient, *, query: str, header: str | None, title: str, language: str
) -> None:
    headers = {"accept-language": header} if header else {}
    for path in (f"{ITEMS}/r0", ITEMS):
        answer = five.get(path + query, headers=headers)
        body = answer.json()
        feature = body if path != ITEMS else body["features"][0]
        assert feature["properties"]["title"] == title
        assert feature["properties"]["language"]["code"] == answer.headers["content-language"] == language
        assert "Accept-Language" in answer.headers["vary"]


def test_a_record_without_the_language_says_which_it_has(client: TestClient, engine: Engine) -> None:
    add(engine, document("only", "English alone"))
    answer = client.get(f"{ITEMS}/only?lang=zh")
    assert (answer.json()["properties"]["title"], answer.headers["content-language"]) == ("English alone", "en")


def test_angle_brackets_arrive_as_they_were_written(client: TestClient, engine: Engine) -> None:
    add(engine, document("lt", "pH < 8 & T > 3 &lt;b&gt;"))
    assert client.get(f"{ITEMS}/lt").json()["properties"]["title"] == "pH < 8 & T > 3 &lt;b&gt;"
    assert client.get(ITEMS).json()["features"][0]["properties"]["title"] == "pH < 8 & T > 3 &lt;b&gt;"


@pytest.mark.parametrize("record_id", ["none", "%00", "..%2f..", "'"])
def test_an_unknown_record_is_a_404(five: TestClient, record_id: str) -> None:
    answer = five.get(f"{ITEMS}/{record_id}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == JSON


def test_an_id_with_colons_has_a_self_link_that_leads_to_it(client: TestClient, engine: Engine) -> None:
    add(engine, document("urn:wmo:md:x+y"))
    body = client.get(f"{ITEMS}/urn:wmo:md:x+y").json()
    assert client.get(href(body, "self") or "").json()["id"] == "urn:wmo:md:x+y"


def test_a_published_dataset_links_to_its_services(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(publication(store, "sst", {"2006-05-16T12:00:00Z": coded(GRID)}, GRID))
    body = client.get(f"{ITEMS}/sst").json()
    hrefs = {link["href"] for link in body["links"]}
    assert {
        f"{BASE}/collections/sst",
        f"{BASE}/collections/sst/coverage",
        f"{BASE}/collections/sst/map/tiles",
        f"{BASE}/xyz/sst/v/tilejson.json",
    } <= hrefs
    template = body["linkTemplates"][0]
    assert template["uriTemplate"] == f"{BASE}/xyz/sst/v/{{z}}/{{x}}/{{y}}.png"
    assert template["type"] == "image/png"
    kept = [link for link in body["links"] if link not in alternates(f"{BASE}{ITEMS}/sst")]
    assert client.get(ITEMS).json()["features"][0]["links"] == kept


def test_a_restricted_dataset_is_found_but_its_data_is_not_linked(
    client: TestClient, repository: Repository, store: Path
) -> None:
    repository.publish(publication(store, "sst", {None: coded(GRID)}, GRID, access=Access(policy="login")))
    body = client.get(f"{ITEMS}/sst").json()
    assert href(body, "data") == f"{BASE}/collections/sst"
    assert not any("coverage" in link["href"] or "xyz" in link["href"] for link in body["links"])
    assert body["linkTemplates"] == []


def test_a_removed_dataset_leaves_no_record(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(publication(store, "sst", {None: coded(GRID)}, GRID))
    repository.remove("sst")
    assert client.get(f"{ITEMS}/sst").status_code == 404


def test_the_catalogue_is_a_collection_that_owslib_and_gdal_read(five: TestClient, app: FastAPI) -> None:
    catalogue = collection_document(app.state.context, language="zh")
    assert catalogue["itemType"].lower() == "record"  # OWSLib calls lower() on it
    assert catalogue["title"] == "元数据目录"
    items = next(link for link in catalogue["links"] if link["rel"] == "items")
    assert (items["href"], items["type"]) == (BASE + ITEMS, GEOJSON)
    assert catalogue["extent"]["spatial"]["bbox"] == [[0.0, 0.0, 45.0, 5.0]]
    ours = [link for link in catalogue["links"] if link["rel"] != "profile"]
    assert all(link["rel"] and link["type"] and link["href"].startswith(BASE) for link in ours)
    for link in catalogue["links"]:
        if link["rel"].startswith("http://www.opengis.net/def/rel/"):
            assert five.get(link["href"]).headers["content-type"] == link["type"]


@pytest.mark.parametrize(
    ("accept", "f", "label"),
    [
        ("", None, OGC_CATALOG_JSON),
        ("*/*", None, OGC_CATALOG_JSON),
        (OGC_CATALOG_JSON, None, OGC_CATALOG_JSON),
        ("application/json", None, JSON),
        ("application/json, */*;q=0.1", None, JSON),
        ("*/*", "json", JSON),
        ("application/json", OGC_CATALOG_JSON, OGC_CATALOG_JSON),
    ],
)
def test_the_catalogue_has_its_own_media_type_unless_plain_json_is_asked_for(
    accept: str, f: str | None, label: str
) -> None:
    assert collection_media_type(accept, [f] if f else []) == label


def test_a_get_that_prefers_asynchronous_answers_is_harmless(five: TestClient) -> None:
    assert len(ids(five.get(ITEMS, headers={"Prefer": "respond-async"}))) == 5


def test_a_body_of_a_get_is_not_read_as_a_filter(five: TestClient) -> None:
    answer = five.request("GET", ITEMS, content=b'{"op": "nonsense"}')
    assert len(ids(answer)) == 5


def test_the_page_for_people_is_the_alternate(five: TestClient) -> None:
    for path in (ITEMS, f"{ITEMS}/r0"):
        link = next(link for link in five.get(path).json()["links"] if link["rel"] == "alternate")
        assert link["type"] == HTML
        assert five.get(link["href"]).status_code == 200
