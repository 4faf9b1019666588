"""A new standard is one object: the shared documents learn of it from that alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from config.vocabulary import CSV
from services.app import create_app
from services.front.parts import PARTS
from services.web.links import link
from services.web.part import CatalogueCollection, Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings

CLASS = "http://example.org/spec/almanac/1.0/conf/core"
router = APIRouter(tags=["Almanac"])


@router.get("/collections/{collectionId}/almanac", operation_id="getAlmanac")
def get_almanac(collectionId: str) -> dict[str, str]:
    return {"almanac": collectionId}


ALMANAC = Part(
    name="Almanac",
    routers=lambda: [router],
    conformance=(CLASS,),
    landing_links=lambda base_url: [link("almanac", f"{base_url}/almanac", CSV)],
    catalogue_links=lambda base_url: [link("almanac-catalogue", f"{base_url}/almanac/records", CSV)],
    collection_links=lambda dataset, base_url: [link("almanac", f"{base_url}/collections/{dataset.id}/almanac")],
    data_links=lambda dataset, base_url: [link("almanac-data", f"{base_url}/collections/{dataset.id}/almanac?f=csv")],
    record_links=lambda dataset, base_url, _: [link("almanac", f"{base_url}/collections/{dataset.id}/almanac")],
    record_data_links=lambda dataset, base_url, _: [link("almanac-data", f"{base_url}/{dataset.id}.csv", CSV)],
    data_members=lambda dataset, _: {"almanac": dataset.id},
    catalogue=CatalogueCollection(
        id="almanacs",
        titles={"en": "Almanacs"},
        document=lambda _context, links, language: {"id": "almanacs", "links": links, "language": language},
    ),
    describe=lambda document, _: document.update({"x-almanac": True}),
    uncrawled=("/almanac/",),
)


@pytest.fixture
def extended(secret_settings: Settings) -> Iterator[TestClient]:
    """A client of an application with one more part, over the open dataset `sst` and the restricted `secret`."""
    application = create_app(secret_settings, parts=(*PARTS, ALMANAC))
    with TestClient(application, base_url=secret_settings.base_url) as client:
        yield client


def relations(document: dict[str, list[dict[str, str]]]) -> set[str]:
    return {entry["rel"] for entry in document["links"]}


def test_a_part_is_served_and_described(extended: TestClient) -> None:
    assert extended.get("/collections/sst/almanac").json() == {"almanac": "sst"}
    document = extended.get("/api").json()
    assert "get" in document["paths"]["/collections/{collectionId}/almanac"]
    assert {"name": "Almanac"} in document["tags"]
    assert document["x-almanac"] is True


def test_a_part_stands_in_the_shared_documents(extended: TestClient) -> None:
    assert {"almanac", "almanac-catalogue"} <= relations(extended.get("/").json())
    assert CLASS in extended.get("/conformance").json()["conformsTo"]
    assert "almanac-catalogue" in relations(extended.get("/collections/records").json())
    assert "Disallow: /almanac/" in extended.get("/robots.txt").text


def test_links_and_members_of_a_part_stand_in_collections(extended: TestClient) -> None:
    collection = extended.get("/collections/sst").json()
    assert {"almanac", "almanac-data"} <= relations(collection)
    assert collection["almanac"] == "sst"
    closed = extended.get("/collections/secret").json()
    assert "almanac" in relations(closed)
    assert "almanac-data" not in relations(closed)
    assert "almanac" not in closed


def test_links_of_a_part_stand_in_records(extended: TestClient) -> None:
    records = extended.get("/collections/records/items").json()["features"]
    single = [extended.get(f"/collections/records/items/{record['id']}").json() for record in records]
    for found in (records, single):
        links = {record["id"]: relations(record) for record in found}
        assert {"almanac", "almanac-data"} <= links["sst"]
        assert "almanac" in links["secret"]
        assert "almanac-data" not in links["secret"]


def test_a_catalogue_of_a_part_is_listed_before_the_datasets(extended: TestClient) -> None:
    document = extended.get("/collections").json()
    assert [entry["id"] for entry in document["collections"]] == ["records", "almanacs", "secret", "sst"]
    assert document["numberMatched"] == 4
    second = extended.get("/collections?limit=1&offset=1").json()
    assert [entry["id"] for entry in second["collections"]] == ["almanacs"]
    assert [entry["id"] for entry in extended.get("/collections?q=ALMANAC").json()["collections"]] == ["almanacs"]


def test_without_a_part_nothing_names_it(secret_settings: Settings) -> None:
    others = tuple(part for part in PARTS if part.name != "STAC")
    with TestClient(create_app(secret_settings, parts=others), base_url=secret_settings.base_url) as client:
        for path in ("/", "/collections/sst", "/collections/records/items/sst", "/conformance", "/api"):
            assert "/stac" not in client.get(path).text
        assert client.get("/stac").status_code == 404
