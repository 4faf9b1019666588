"""Requirements of OGC API Records 1.0 (20-004r1), each restated as a test that is named after it."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from config.settings import DatabaseSettings, Settings
from config.vocabulary import GEOJSON, HTML, REL, SCHEMA_JSON
from records.exports.alternates import alternates
from services.apis.records.catalogue_collection import collection_document
from services.apis.records.part import CONFORMANCE
from services.app import create_app
from tests.support.records import catalogue, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Server

ITEMS = "/collections/records/items"
RECORDS_1 = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/"
LICENCE = {"rel": "license", "href": "https://example.org/terms", "title": {"en": "Terms", "zh": "条款"}}
DOCUMENTS = (
    document(
        "snow",
        "Snow depth of China",
        zh="中国雪深数据集",
        box=(73, 18, 135, 54),
        interval=("1979-01-01", "2020-12-31"),
        description={"en": "Daily snow depth.", "zh": "逐日雪深。"},
        keywords={"en": ["snow"], "zh": ["雪"]},
        externalIds=[{"scheme": "doi", "value": "10.12072/ncdc.1"}],
        license="CC-BY-4.0",
        contacts=[{"name": "Data office", "roles": ["pointOfContact"]}],
    ),
    document(
        "ice", "Sea ice", box=(-180, 60, 180, 90), interval=("2000-01-01", ".."), license="other", links=(LICENCE,)
    ),
    document("model", "A model of snow", type="service"),
    document("foreign", "Foreign", links=({"rel": "collection", "href": "https://example.org/c"},)),
)


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application with the records above."""
    with catalogue(server, *DOCUMENTS) as engine:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        settings = Settings(data_dir=tmp_path_factory.mktemp("records"), database=DatabaseSettings(url=SecretStr(url)))
        with TestClient(create_app(settings), base_url="http://localhost:8080") as made:
            yield made


def features(client: TestClient, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(ITEMS + query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["features"]
    return found


def ids(client: TestClient, query: str) -> set[str]:
    return {feature["id"] for feature in features(client, query)}


def links(body: dict[str, Any], rel: str) -> list[dict[str, Any]]:
    return [link for link in body["links"] if link["rel"] == rel]


def test_record_core_mandatory_properties(client: TestClient) -> None:
    for record in features(client):
        assert record["type"] == "Feature"
        assert {"id", "geometry", "time", "conformsTo", "links"} <= set(record)
        assert record["conformsTo"][0] == RECORDS_1 + "record-core"
        assert all(isinstance(record["properties"][name], str) for name in ("type", "title"))
    assert [r["geometry"] for r in features(client, "?ids=model")] == [None]


def test_record_core_texts_are_in_one_language(client: TestClient) -> None:
    for tag, title, words in (("en", "Snow depth of China", ["snow"]), ("zh", "中国雪深数据集", ["雪"])):
        properties = client.get(f"{ITEMS}/snow?lang={tag}").json()["properties"]
        assert (properties["title"], properties["keywords"]) == (title, words)
        assert properties["language"]["code"] == tag
        assert [language["code"] for language in properties["languages"]] == ["en", "zh"]


def test_record_core_time_is_an_interval_of_dates(client: TestClient) -> None:
    assert client.get(f"{ITEMS}/snow").json()["time"] == {"interval": ["1979-01-01", "2020-12-31"]}
    assert client.get(f"{ITEMS}/ice").json()["time"]["interval"][1] == ".."
    assert client.get(f"{ITEMS}/model").json()["time"] is None


def test_record_core_created_and_updated_are_rfc_3339(client: TestClient) -> None:
    properties = client.get(f"{ITEMS}/snow").json()["properties"]
    for name in ("created", "updated"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", properties[name])


def test_record_core_licence_is_spdx_or_other_with_a_link(client: TestClient) -> None:
    assert client.get(f"{ITEMS}/snow").json()["properties"]["license"] == "CC-BY-4.0"
    other = client.get(f"{ITEMS}/ice?lang=zh").json()
    assert other["properties"]["license"] == "other"
    assert links(other, "license") == [LICENCE | {"title": "Terms"}]  # the record has no Chinese, so English


def test_record_api_links_of_a_record(client: TestClient) -> None:
    for record in features(client):
        (itself,) = links(record, "self")
        assert (itself["type"], itself["href"]) == (GEOJSON, f"http://localhost:8080{ITEMS}/{record['id']}")
        assert [link["href"] for link in links(record, "collection")] == ["http://localhost:8080/collections/records"]
        assert [link["href"] for link in links(record, "profile")] == [
            "http://www.opengis.net/def/profile/OGC/0/ogc-record"
        ]
        assert HTML in [link["type"] for link in links(record, "alternate")]
        alone = client.get(itself["href"]).json()
        alone["links"] = [link for link in alone["links"] if link not in alternates(itself["href"])]
        assert alone == record  # but for its further formats, which a record alone links to


@pytest.mark.parametrize(
    ("path", "accept", "media_type"),
    [
        ("/collections/records", "*/*", "application/ogc-catalog+json"),
        ("/collections/records", "application/json", "application/json"),
        ("/collections/records?f=json", "*/*", "application/json"),
        (ITEMS, "*/*", GEOJSON),
        (ITEMS, "application/json", "application/json"),
        (f"{ITEMS}/snow", "*/*", GEOJSON),
        (f"{ITEMS}/snow", "application/json", "application/json"),
        ("/collections/records/facets", "*/*", "application/facets+json"),
        ("/collections/records/facets", "application/json", "application/json"),
    ],
)
def test_self_states_the_media_type_of_the_answer(client: TestClient, path: str, accept: str, media_type: str) -> None:
    answer = client.get(path, headers={"Accept": accept})
    (itself,) = links(answer.json(), "self")
    assert (answer.headers["content-type"], itself["type"]) == (media_type, media_type)


@pytest.mark.parametrize(
    ("path", "profile"),
    [("/collections/records", "ogc-catalog"), (ITEMS, "ogc-record"), (f"{ITEMS}/snow", "ogc-record")],
)
def test_json_profiles_are_linked_in_the_document_and_its_header(client: TestClient, path: str, profile: str) -> None:
    answer = client.get(path)
    uri = f"http://www.opengis.net/def/profile/OGC/0/{profile}"
    assert [link["href"] for link in links(answer.json(), "profile")] == [uri]
    assert answer.headers["link"] == f'<{uri}>; rel="profile"'


def test_sorting_the_default_order_is_declared_and_kept(client: TestClient) -> None:
    order = client.get("/collections/records").json()["defaultSortOrder"]
    assert order == [{"field": "rank", "direction": "asc"}, {"field": "id", "direction": "asc"}]
    assert {key["field"] for key in order} <= set(client.get("/collections/records/sortables").json()["properties"])
    unsorted = [record["id"] for record in features(client)]
    assert unsorted == [record["id"] for record in features(client, "?sortby=rank,id")]
    assert unsorted == [record["id"] for record in features(client, "?sortby=-rank,-id")][::-1]


def test_html_every_operation_has_a_page_with_every_link(client: TestClient) -> None:
    assert RECORDS_1 + "html" in client.get("/conformance").json()["conformsTo"]
    paths = [
        "/collections/records", ITEMS, f"{ITEMS}/snow", f"{ITEMS}/ice",
        *(f"/collections/records/{name}" for name in ("queryables", "sortables", "schema", "facets", "suggest?q=s")),
    ]  # fmt: skip
    for path in paths:
        sign = "&" if "?" in path else "?"
        page = client.get(f"{path}{sign}f=html")
        assert page.headers["content-type"].startswith(HTML), path
        targets = set(re.findall(r'<a [^>]*href="([^"]+)"', unescape(page.text)))
        for link in client.get(path).json().get("links", []):
            href = link["href"].removeprefix("http://localhost:8080")
            assert href in targets, (path, link)


def test_html_the_page_of_a_record_holds_all_its_members(client: TestClient) -> None:
    record = client.get(f"{ITEMS}/snow").json()
    text = unescape(client.get(f"{ITEMS}/snow?f=html").text)
    for value in (*record["conformsTo"], *record["time"]["interval"], "135.0", "pointOfContact", "10.12072/ncdc.1"):
        assert str(value) in text, value


def test_openapi_declares_the_parameters_as_the_standard_does(client: TestClient) -> None:
    operation = client.get("/api").json()["paths"][ITEMS]["get"]
    declared = {parameter["name"]: parameter for parameter in operation["parameters"]}
    assert declared["q"]["schema"]["type"] == "array"
    assert declared["q"]["schema"]["items"]["type"] == "string"
    assert declared["type"]["schema"] == {"type": "array", "items": {"type": "string", "maxLength": 64}}
    items = {"type": "string", "pattern": "[+|-]?[A-Za-z_].*"}
    assert declared["sortby"]["schema"] == {"type": "array", "minItems": 1, "items": items}
    assert all(declared[name]["explode"] is False for name in ("q", "type", "sortby", "facets"))
    assert client.get(ITEMS, params={"type": "x" * 65}).status_code == 400
    assert client.get(ITEMS, params={"type": f"dataset,{'x' * 64}"}).status_code == 200


def test_facets_simple_response(client: TestClient) -> None:
    answer = client.get("/collections/records/facets")
    body = answer.json()
    assert answer.headers["content-type"] == "application/facets+json"
    assert (body["id"], body["defaultBucketCount"]) == ("records", 10)
    for facet in body["facets"].values():
        assert facet | {"property": ""} == {"type": "term", "property": "", "sortedBy": "count", "minOccurs": 1}


def test_records_api_links_of_a_page(client: TestClient) -> None:
    body = client.get(ITEMS).json()
    assert [link["type"] for link in links(body, "self")] == [GEOJSON]
    assert all({"rel", "href", "type"} <= set(link) for link in body["links"])
    assert body["numberReturned"] == len(body["features"]) == body["numberMatched"] == len(DOCUMENTS)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=SNOW", {"snow", "model"}),
        ("?q=snow depth", {"snow"}),
        ("?q=depth snow", set()),
        ("?q=sea ice,model", {"ice", "model"}),
        ("?q=雪深", {"snow"}),
        ("?q=逐日", {"snow"}),
        ("?bbox=100,30,110,40", {"snow"}),
        ("?bbox=179,70,-179,80", {"ice"}),
        ("?datetime=1990-01-01T00:00:00Z", {"snow"}),
        ("?datetime=2010-01-01T00:00:00Z/..", {"snow", "ice"}),
        ("?datetime=../1985-01-01T00:00:00Z", {"snow"}),
        ("?type=service,series", {"model"}),
        ("?ids=ice,model,none", {"ice", "model"}),
        ("?externalIds=doi:10.12072/ncdc.1", {"snow"}),
        ("?externalIds=10.12072/ncdc.1", {"snow"}),
        ("?externalIds=doi:", {"snow"}),
        ("?externalIds=cstr:", set()),
        ("?license=CC-BY-4.0", {"snow"}),
        ("?keywords=雪,wind", {"snow"}),
        ("?q=snow&type=dataset&bbox=100,30,110,40&datetime=1990-01-01T00:00:00Z&ids=snow,ice", {"snow"}),
        ("?q=snow&type=dataset&bbox=0,0,1,1", set()),
    ],
)
def test_record_core_query_parameters(client: TestClient, query: str, expected: set[str]) -> None:
    assert ids(client, query) == expected


def test_limit_and_number_matched(client: TestClient) -> None:
    body = client.get(f"{ITEMS}?limit=2").json()
    assert (len(body["features"]), body["numberReturned"], body["numberMatched"]) == (2, 2, len(DOCUMENTS))


def test_sorting(client: TestClient) -> None:
    titles = [record["properties"]["title"] for record in features(client, "?sortby=-title")]
    assert titles == sorted(titles, reverse=True)
    assert [record["id"] for record in features(client, "?sortby=%2Bid")] == sorted(d["id"] for d in DOCUMENTS)


def test_sortables(client: TestClient) -> None:
    answer = client.get("/collections/records/sortables")
    assert answer.headers["content-type"] == SCHEMA_JSON
    schema = answer.json()
    assert (schema["type"], schema["$id"]) == ("object", "http://localhost:8080/collections/records/sortables")
    for name in schema["properties"]:
        assert client.get(f"{ITEMS}?sortby={name},-{name}").status_code == 200


def test_queryables_are_parameters(client: TestClient) -> None:
    answer = client.get("/collections/records/queryables")
    assert answer.headers["content-type"] == SCHEMA_JSON
    properties = answer.json()["properties"]
    assert {"type", "title", "description", "keywords", "externalIds", "created", "updated", "geometry"} <= set(
        properties
    )
    for name, schema in properties.items():
        if name not in ("geometry", "time"):  # bbox and datetime ask for them
            value = "2026-01-01T00:00:00Z" if schema.get("format") == "date-time" else "x"
            assert client.get(f"{ITEMS}?{name}={value}").status_code == 200


def test_record_collection_is_a_catalogue(client: TestClient) -> None:
    body = collection_document(client.app.state.context)  # type: ignore[attr-defined]  # the client's ASGI application
    assert (body["id"], body["type"], body["itemType"]) == ("records", "Collection", "record")
    assert {"title", "description", "extent", "crs", "conformsTo"} <= set(body)
    assert [link["type"] for link in links(body, "items")] == [GEOJSON, HTML]
    for name in ("queryables", "sortables", "schema"):
        assert [link["href"].rsplit("/", 1)[1] for link in links(body, REL + name)] == [name]


def test_conformance_has_both_spellings_and_no_draft_class() -> None:
    assert {RECORDS_1 + "record-api", RECORDS_1 + "records-api"} <= set(CONFORMANCE)
    assert not {RECORDS_1 + "core", RECORDS_1 + "opensearch"} & set(CONFORMANCE)
    assert len(set(CONFORMANCE)) == len(CONFORMANCE)
