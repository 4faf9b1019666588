from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


BASE = "http://localhost:8080"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"


@pytest.mark.parametrize(
    ("rel", "href", "media_type"),
    [
        ("self", "/", "application/json"),
        ("alternate", "/?f=html", "text/html"),
        ("service-desc", "/api", "application/vnd.oai.openapi+json;version=3.0"),
        ("service-doc", "/api?f=html", "text/html"),
        ("conformance", "/conformance", "application/json"),
        (REL + "conformance", "/conformance", "application/json"),
        ("data", "/collections", "application/json"),
        (REL + "processes", "/processes", "application/json"),
        (REL + "job-list", "/jobs", "application/json"),
        (REL + "tiling-schemes", "/tileMatrixSets", "application/json"),
        (REL + "ogc-catalog", "/collections/records/items", "application/geo+json"),
        ("service-desc", "/csw?service=CSW&version=2.0.2&request=GetCapabilities", "application/xml"),
        ("service-desc", "/oai?verb=Identify", "text/xml"),
    ],
)
def test_the_landing_page_links_to_everything(client: TestClient, rel: str, href: str, media_type: str) -> None:
    links = {(link["rel"], link["type"]): link for link in client.get("/").json()["links"]}
    assert links[rel, media_type]["href"] == BASE + href


def test_the_landing_page_links_to_tilesets_of_the_collections_together(sst_client: TestClient) -> None:
    links = [link for link in sst_client.get("/").json()["links"] if link["rel"].startswith(REL + "tilesets-")]
    assert [link["rel"] for link in links] == [REL + "tilesets-map"]
    for entry in sst_client.get(links[0]["href"]).json()["tilesets"]:  # what a suite looks for in the list already
        assert {"tileMatrixSetId", "tileMatrixSetLimits", "links"} <= set(entry)


def test_links_never_follow_x_forwarded_host(client: TestClient) -> None:
    answer = client.get("/", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in answer.text


@pytest.mark.parametrize("path", ["/", "/conformance", "/collections", "/collections/sst", "/collections/records"])
def test_json_links_of_the_front_door_resolve(sst_client: TestClient, path: str) -> None:
    document = sst_client.get(path).json()
    links = [link for link in document["links"] if not link.get("templated") and link["rel"] != "profile"]
    assert links
    for link in links:
        answer = sst_client.get(link["href"], headers={"Accept": link["type"]})
        assert answer.status_code == 200, link
        assert answer.headers["content-type"].split("; charset")[0] == link["type"]


@pytest.mark.parametrize(
    "path",
    [
        "/", "/conformance", "/collections", "/collections/sst", "/collections/records", "/processes",
        "/processes/echo", "/jobs", "/jobs?limit=2", "/tileMatrixSets", "/tileMatrixSets/WebMercatorQuad",
        "/collections/sst/map/tiles", "/collections/sst/map/tiles/WorldCRS84Quad",
        "/collections/sst/styles/default/map/tiles", "/collections/sst/styles/default/map/tiles/WorldCRS84Quad",
        "/collections/sst/styles",
    ],
)  # fmt: skip
def test_each_document_links_to_itself_and_to_its_page(sst_client: TestClient, path: str) -> None:
    document = sst_client.get(path).json()
    by_type = {link["type"]: link["href"] for link in document["links"] if link["rel"] in ("self", "alternate")}
    assert sst_client.get(by_type["text/html"]).headers["content-type"].startswith("text/html")
    assert "f=html" in by_type["text/html"]
    assert by_type["text/html"].split("?")[0] == BASE + path.split("?", maxsplit=1)[0]


def test_the_self_link_answers_the_same_document(sst_client: TestClient) -> None:
    for path in ("/", "/conformance", "/collections", "/collections/sst"):
        document = sst_client.get(path).json()
        here = next(link["href"] for link in document["links"] if link["rel"] == "self")
        assert sst_client.get(here).json() == document


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "text/plain", "application/json, text/html"])
def test_json_is_the_default(client: TestClient, accept: str) -> None:
    answer = client.get("/", headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/json"
    assert "Accept" in answer.headers["vary"]


def test_f_wins_over_accept(client: TestClient) -> None:
    page = client.get("/?f=html", headers={"Accept": "application/json"})
    assert page.headers["content-type"].startswith("text/html")
    assert client.get("/?f=json", headers={"Accept": "text/html"}).headers["content-type"] == "application/json"
    assert client.get("/?f=json&f=html").headers["content-type"] == "application/json"


def test_the_language_is_stated(client: TestClient) -> None:
    assert client.get("/").headers["content-language"] == "en"
    assert client.get("/", headers={"Accept-Language": "zh-CN"}).headers["content-language"] == "zh"
    page = client.get("/?f=html&lang=zh")
    assert '<html lang="zh-CN">' in page.text
    assert "数据集" in page.text


def test_only_classes_that_are_kept_are_declared(client: TestClient) -> None:
    classes = client.get("/conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core" in classes
    assert "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections" in classes
    assert [uri for uri in classes if uri.endswith("/html")] == [
        "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/html"
    ]
    assert len(set(classes)) == len(classes)
