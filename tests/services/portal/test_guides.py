"""The guides: served in both languages, and true: their addresses answer. Their code runs in tests/clients, too."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
import yaml
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.declarations.datasets import parse_declaration
from config.settings import DatabaseSettings, Settings
from records.database.engine import driver_url
from records.datasets.repository import Repository
from services.app import create_app
from services.ingest.pipeline import ingest
from services.portal.pages.guides import GUIDES, WRITTEN_BASE, as_html
from tests.support.guides import addresses, blocks, code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from services.ingest.workers import Workers
    from tests.support.database import Server

_CAPABILITIES = "SERVICE={}&REQUEST=GetCapabilities"


@pytest.fixture(scope="module")
def reader(demo_catalogue: Settings) -> Iterator[TestClient]:
    """A client of the application over the demo datasets, at an address of its own."""
    with TestClient(create_app(demo_catalogue), base_url="http://data.example.org") as client:
        yield client


def _request(path: str) -> str:
    """What a client sends to an address: templates filled in, services asked for their capabilities."""
    service = re.fullmatch(r"/(wms|wmts|wcs)([?].*)?", path)
    if service:
        return f"/{service[1]}?{_CAPABILITIES.format(service[1].upper())}"
    filled = re.sub(r"[{](z|x|y|level|col|row)[}]", "0", path)
    filled = filled.replace("${lng}", "116.4").replace("${lat}", "39.9")
    return filled.replace("{polygon}", "POLYGON((9 9,9 8,8 8,9 9))")


@pytest.mark.parametrize("path", [path for path in addresses() if "my-sst" not in path])
def test_an_address_of_a_guide_answers(reader: TestClient, path: str) -> None:
    answer = reader.get(_request(path))
    assert answer.status_code == 200, answer.text
    assert answer.content


def test_own_data_become_a_picture_as_the_guide_says(
    server: Server, pool: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(code("data", "python")[0], "guide", "exec"), {})
    declaration = parse_declaration(yaml.safe_load(code("data", "yaml")[0]), name="sst.yaml")
    with server.database() as url:
        settings = Settings(data_dir=tmp_path, database=DatabaseSettings(url=SecretStr(url)))
        engine = create_engine(driver_url(url), poolclass=NullPool)
        report = ingest(
            [tmp_path / "sst.nc"],
            declaration,
            repository=Repository(engine),
            store=settings.store_dir,
            workers=pool,
        )
        engine.dispose()
        assert not report.refused
        with TestClient(create_app(settings), base_url=WRITTEN_BASE) as client:
            for path in (path for path in addresses() if "my-sst" in path):
                assert client.get(_request(path)).status_code == 200, path
            equator = client.get("/collections/my-sst/position?coords=POINT(10.5 0.5)&f=GeoJSON").json()
    assert "28.99" in json.dumps(equator)


@pytest.mark.parametrize("name", GUIDES)
def test_both_languages_have_the_same_code(name: str) -> None:
    assert blocks(name, "en") == blocks(name, "zh")


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_is_a_page_with_the_address_of_the_request(reader: TestClient, name: str) -> None:
    page = reader.get(f"/help/{name}?f=html", headers={"Accept-Language": "zh"})
    assert page.headers["content-language"] == "zh"
    assert '<html lang="zh-CN">' in page.text
    assert '<pre tabindex="0"><code' in page.text
    assert "style=" not in page.text
    assert WRITTEN_BASE not in page.text or name == "operator"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert WRITTEN_BASE not in reader.get(f"/help/{name}").json()["text"]


def test_the_list_names_every_guide_and_pages_link_to_it(reader: TestClient) -> None:
    assert [entry["id"] for entry in reader.get("/help").json()["guides"]] == list(GUIDES)
    page = reader.get("/help?f=html&lang=zh").text
    assert all(f"/help/{name}?f=html&amp;lang=zh" in page for name in GUIDES)
    assert ">帮助</a>" in reader.get("/conformance?f=html&lang=zh").text
    assert any(link["rel"] == "help" for link in reader.get("/").json()["links"])


def test_a_guide_that_is_not_there_is_404_and_names_those_that_are(reader: TestClient) -> None:
    answer = reader.get("/help/nothing")
    assert answer.status_code == 404
    assert "'nothing'; there are gis, web" in answer.json()["detail"]
    assert reader.get("/help/gis?nothing=1").status_code == 400


def test_html_in_a_guide_is_text() -> None:
    assert "&lt;script&gt;" in as_html("<script>alert(1)</script>")
    assert "href" in as_html("[there](https://example.org)")
    assert "href" not in as_html("[there](javascript:alert(1))")
