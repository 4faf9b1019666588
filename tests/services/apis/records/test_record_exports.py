"""Records in other formats over HTTP, the sitemap, and the dump of the catalogue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson
import pytest
from fastapi.testclient import TestClient
from lxml import etree, html
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from config.settings import DatabaseSettings, Settings
from records.database.engine import driver_url
from records.database.orm import DatasetRow, RecordRow
from records.datasets.repository import Repository
from records.exports.registry import EXPORTS
from records.harvest.fetch.content import Content
from records.harvest.reading import records
from records.harvest.registry import recognised
from records.search import search
from records.writing.dump import lines, walk
from services.app import create_app
from tests.support.exports import rich
from tests.support.rasters import coded, global_grid, publication
from tests.support.records import add, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Server

ITEMS = "/collections/records/items"
BASE = "http://localhost:8080"
GRID = global_grid(8, 4)
COUNT = 230
"""Records behind `snow`: more than two batches."""


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application with a rich record, many bare ones, and one of a hidden dataset."""
    with server.database() as url:
        folder = tmp_path_factory.mktemp("exports")
        engine = create_engine(driver_url(url), poolclass=NullPool)
        settings = Settings(data_dir=folder, database=DatabaseSettings(url=SecretStr(url)))
        add(engine, rich(), *(document(f"r{number:04d}", f"Record {number} & <co>") for number in range(COUNT)))
        repository = Repository(engine)
        repository.publish(publication(settings.store_dir, "hidden", {"2006-05-16T12:00:00Z": coded(GRID)}, GRID))
        repository.publish(publication(settings.store_dir, "sst", {"2006-05-16T12:00:00Z": coded(GRID)}, GRID))
        with Session(engine) as session, session.begin():
            row = session.get(DatasetRow, "hidden")
            assert row is not None
            row.hidden = True
            assert session.get(RecordRow, "hidden") is not None
        engine.dispose()
        with TestClient(create_app(settings), base_url=BASE) as made:
            yield made


@pytest.mark.parametrize("name", EXPORTS)
def test_f_names_a_format(client: TestClient, name: str) -> None:
    answer = client.get(f"{ITEMS}/snow?f={name}&lang=zh")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(EXPORTS[name].media_type)
    assert answer.headers["content-language"] == "zh"
    assert f'filename="snow{EXPORTS[name].suffix}"' in answer.headers["content-disposition"]
    assert {"Accept", "Accept-Language"} <= set(answer.headers["vary"].replace(" ", "").split(","))
    assert "中国雪深数据集" in answer.text


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/gmd+xml", "iso19139"),
        ("application/vnd.iso.19139+xml, application/json;q=0.5", "iso19139"),
        ("application/ld+json", "dcat"),
        ('application/ld+json;profile="https://schema.org/"', "schemaorg"),
        ('application/ld+json; q=0.9; profile="http://data.europa.eu/r5r/"', "dcat"),
        ("application/x-bibtex", "bibtex"),
        ("application/vnd.citationstyles.csl+json", "csl"),
        ("application/vnd.datacite.datacite+xml", "datacite"),
        ("application/xml", "dc"),
        ("text/plain", "gbt7714"),
    ],
)
def test_accept_names_a_format(client: TestClient, accept: str, expected: str) -> None:
    answer = client.get(f"{ITEMS}/snow", headers={"Accept": accept})
    assert answer.content == client.get(f"{ITEMS}/snow?f={expected}").content


def test_a_range_of_types_asks_for_no_export(client: TestClient) -> None:
    answer = client.get(f"{ITEMS}/snow", headers={"Accept": "text/*;q=0.1"})
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/geo+json, application/xml"])
def test_json_answers_everybody_else(client: TestClient, accept: str) -> None:
    assert client.get(f"{ITEMS}/snow", headers={"Accept": accept}).json()["id"] == "snow"


def test_a_browser_that_also_takes_xml_gets_the_page(client: TestClient) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert client.get(f"{ITEMS}/snow", headers={"Accept": accept}).headers["content-type"].startswith("text/html")


def test_an_unknown_format_is_refused_with_the_known_ones(client: TestClient) -> None:
    answer = client.get(f"{ITEMS}/snow?f=marc")
    assert answer.status_code == 400
    assert "iso19139" in answer.json()["detail"]
    assert client.get(f"{ITEMS}?f=iso19139").status_code == 400  # of one record alone


def test_neither_a_hidden_nor_an_unknown_record_is_exported(client: TestClient) -> None:
    for record_id in ("hidden", "nothing", "a%00b"):
        assert client.get(f"{ITEMS}/{record_id}?f=iso19139").status_code == 404


def test_a_record_links_to_its_formats_with_types_and_profiles(client: TestClient) -> None:
    links = client.get(f"{ITEMS}/snow").json()["links"]
    found = {link["href"]: link for link in links if link["rel"] == "alternate" and "f=html" not in link["href"]}
    assert len(found) == len(EXPORTS)
    for href, link in found.items():
        answer = client.get(href)
        assert answer.headers["content-type"].startswith(link["type"])


def test_an_export_of_published_data_links_to_its_services(client: TestClient) -> None:
    text = client.get(f"{ITEMS}/sst?f=iso19139").text
    for service in ("/collections/sst/coverage", "/collections/sst/map/tiles", "/xyz/sst/v/tilejson.json"):
        assert f"<gmd:URL>{BASE}{service}</gmd:URL>" in text
    assert f"{BASE}/xyz/sst/v/%7Bz%7D/%7Bx%7D/%7By%7D.png" in text
    assert "OGC API - Coverages" in text


@pytest.mark.parametrize(("language", "title"), [("zh", "中国雪深数据集"), ("en", "Snow depth of China")])
def test_the_page_has_json_ld_citations_and_links(client: TestClient, language: str, title: str) -> None:
    page = client.get(f"{ITEMS}/snow?f=html&lang={language}").text
    content = Content(page.encode(), "page")
    assert recognised(content).name == "schemaorg"
    (found,) = records(content, recognised(content))
    assert getattr(found, "document", {})["properties"]["title"] == {language: title}
    root = html.fromstring(page)
    copyable = re.findall(r"<code[^>]* data-copyable>([^<]*)</code>", page)
    assert any("[DS/OL]" in text for text in copyable)
    assert any("@misc{snow" in text for text in copyable)
    heads = {(e.get("type"), e.get("rel")) for e in root.iter("link")}
    assert {(export.media_type, "alternate") for export in EXPORTS.values()} <= heads


def test_openapi_declares_the_formats(client: TestClient) -> None:
    paths = client.get("/api").json()["paths"]
    operation = paths[f"{ITEMS}/{{recordId}}"]["get"]
    assert {export.media_type for export in EXPORTS.values()} <= set(operation["responses"]["200"]["content"])
    (f,) = [parameter for parameter in operation["parameters"] if parameter["name"] == "f"]
    assert "iso19139" in f["description"]
    assert "/collections/records/dump" in paths


def _locations(text: str) -> list[str]:
    return [
        e.text or "" for e in etree.fromstring(text.encode()).iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    ]


def test_the_sitemap_leads_to_every_public_record_once(client: TestClient) -> None:
    assert f"Sitemap: {BASE}/sitemap.xml" in client.get("/robots.txt").text
    maps = _locations(client.get("/sitemap.xml").text)
    assert maps == [f"{BASE}/sitemap-records.xml"]
    pages = [page for url in maps for page in _locations(client.get(url).text)]
    expected = {"snow", "sst", *(f"r{number:04d}" for number in range(COUNT))}
    assert sorted(pages) == sorted(f"{BASE}{ITEMS}/{record_id}?f=html" for record_id in expected)
    assert "<lastmod>20" in client.get(maps[0]).text
    assert client.get(pages[0]).status_code == 200


def test_pages_of_a_sitemap_begin_where_the_one_before_ends(client: TestClient) -> None:
    engine = client.app.state.context.catalogue.repository.engine  # type: ignore[attr-defined]
    ends = search.page_ends(engine, size=100)
    assert len(ends) == 3
    ids = [[found.document["id"] for found in walk(engine, after=end, most=100)] for end in ends]
    assert [len(page) for page in ids] == [100, 100, COUNT + 2 - 200]
    assert len({record_id for page in ids for record_id in page}) == COUNT + 2


def test_the_dump_holds_every_public_record_in_all_languages(client: TestClient) -> None:
    answer = client.get("/collections/records/dump")
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    found = {record["id"]: record for record in map(orjson.loads, answer.content.splitlines())}
    assert len(found) == COUNT + 2
    assert "hidden" not in found
    assert found["snow"]["properties"]["title"] == rich()["properties"]["title"]
    assert found["snow"]["properties"]["updated"].endswith("Z")
    hrefs = {link["href"] for link in found["sst"]["links"]}
    assert {f"{BASE}{ITEMS}/sst", f"{BASE}/collections/sst/coverage"} <= hrefs


def test_the_dump_is_made_a_batch_at_a_time(client: TestClient) -> None:
    engine = client.app.state.context.catalogue.repository.engine  # type: ignore[attr-defined]
    made = lines(engine, base_url=BASE, is_readable=lambda _: True)
    assert orjson.loads(next(made))["id"] == "r0000"
    made.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/collections/records/dump", "/sitemap-records.xml"])
def test_head_of_a_long_answer_makes_none_of_it(client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = client.get(path).headers["content-type"]
    monkeypatch.setattr(search, "following", None)
    monkeypatch.setattr(search, "changes", None)
    answer = client.head(path)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, expected, b"")


@pytest.mark.parametrize("form", EXPORTS)
def test_an_export_has_a_tag_of_the_state_and_of_its_own(client: TestClient, form: str) -> None:
    path = f"{ITEMS}/snow?f={form}"
    tag = client.get(path).headers["etag"]
    other = client.get(f"{ITEMS}/snow").headers["etag"]
    assert tag != other
    assert tag.partition(".")[0] == other.partition(".")[0]
    known = client.get(path, headers={"If-None-Match": tag})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": other}).status_code == 200
