"""Harvested records through HTTP: found by what they say, in their languages, and silent about what is private."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.settings import DatabaseSettings, Settings
from records.database.engine import driver_url
from records.datasets.models import Access
from records.datasets.repository import Repository
from records.exports.registry import EXPORTS
from records.harvest.fetch.fetching import Limits
from records.harvest.run import harvest
from records.search.labels import FACETS
from records.writing.record_store import RecordStore
from services.app import create_app
from tests.support.harvest import EVAPORATION, LAND_COVER, NCDC, PERMAFROST, SECRETS, harvested, ncdc_entry
from tests.support.rasters import coded, global_grid, publication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.support.database import Server

ITEMS = "/collections/records/items"
BASE = "http://localhost:8080"
real = pytest.mark.skipif(not NCDC.is_dir(), reason="the shared data is not here")


@pytest.fixture(scope="module")
def centre(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over the three real records, for tests that only read."""
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        report = harvest(str(NCDC), store=RecordStore(engine), adapter=None, limits=Limits())
        assert report.counts == {"added": 3}
        engine.dispose()
        settings = Settings(data_dir=tmp_path_factory.mktemp("centre"), database=DatabaseSettings(url=SecretStr(url)))
        with TestClient(create_app(settings), base_url=BASE, raise_server_exceptions=False) as client:
            yield client


def ids(client: TestClient, **asked: str) -> set[str]:
    answer = client.get(ITEMS, params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.json()["numberMatched"] == len(answer.json()["features"])
    return {feature["id"] for feature in answer.json()["features"]}


@real
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"q": "冻土"}, {PERMAFROST}),
        ({"q": "土地覆盖"}, {LAND_COVER}),
        ({"q": "evapotranspiration"}, {EVAPORATION}),
        ({"q": "蒸散发"}, {EVAPORATION}),
        ({"q": "permafrost"}, {PERMAFROST}),
        ({"bbox": "96,34,98,36"}, {EVAPORATION, LAND_COVER}),
        ({"bbox": "125,50,126,51"}, {PERMAFROST, LAND_COVER}),
        ({"datetime": "1995-01-01T00:00:00Z/1995-12-31T23:59:59Z"}, {EVAPORATION}),
        ({"datetime": "2024-01-01T00:00:00Z/2024-12-31T23:59:59Z"}, {PERMAFROST}),
        ({"datetime": "2023-12-31T12:00:00Z"}, {EVAPORATION, PERMAFROST}),
        ({"datetime": "2024-12-31T23:59:59Z"}, {PERMAFROST}),
        ({"datetime": "2025-01-01T00:00:00Z"}, set()),
        ({"datetime": "../.."}, {EVAPORATION, PERMAFROST}),
        ({"externalIds": "cstr:11738.11.NCDC.NIEER.DB7272.2026"}, {PERMAFROST}),
        ({"externalIds": f"uuid:{LAND_COVER}"}, {LAND_COVER}),
        ({"themes": "170.45"}, {PERMAFROST, LAND_COVER}),
        ({"license": "CC-BY-4.0"}, {PERMAFROST, LAND_COVER, EVAPORATION}),
        ({"formats": "NetCDF"}, {EVAPORATION}),
        ({"contacts": "青海大学"}, {EVAPORATION}),
        ({"language": "en"}, {PERMAFROST, LAND_COVER, EVAPORATION}),
    ],
)
def test_each_search_finds_exactly_what_it_means(centre: TestClient, asked: dict[str, str], expected: set[str]) -> None:
    assert ids(centre, **asked) == expected


@real
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_text_of_a_record_is_in_the_language_that_is_asked_for(centre: TestClient, language: str) -> None:
    source = json.loads((NCDC / f"{EVAPORATION}.json").read_text())
    answer = centre.get(f"{ITEMS}/{EVAPORATION}", params={"lang": language})
    found = answer.json()["properties"]
    assert answer.headers["content-language"] == found["language"]["code"] == language
    assert found["title"] == source["title_cn" if language == "zh" else "title_en"]
    assert {entry["code"] for entry in found["languages"]} == {"en", "zh"}
    for name in ("description", "source", "lineage", "quality", "place"):
        assert isinstance(found[name], str), name
        assert bool(re.search(r"[\u4e00-\u9fff]{8}|^青海省$", found[name])) is (language == "zh"), name
    assert found["access"] == {"policy": "apply", "embargoUntil": "2027-08-20"}
    assert answer.json()["time"] == {"interval": ["1990-01-01", "2023-12-31"], "resolution": "P1D"}


@real
def test_a_harvested_record_is_a_page_and_no_collection(centre: TestClient) -> None:
    page = centre.get(f"{ITEMS}/{PERMAFROST}?f=html&lang=zh")
    assert page.headers["content-type"].startswith("text/html")
    assert "东北1km多年冻土温度图（2023-2024年）" in page.text
    assert [c["id"] for c in centre.get("/collections").json()["collections"]] == ["records"]
    for path in (f"/collections/{PERMAFROST}", f"/xyz/{PERMAFROST}/a/0/0/0.png"):
        assert centre.get(path).status_code == 404


def public_answers(client: TestClient, record_ids: list[str]) -> Iterator[tuple[str, str]]:
    """Every representation that tells of these records, each in both languages."""
    below = [f"/{i}" for i in record_ids]
    paths = [ITEMS, *(ITEMS + path for path in below), *("/collections" + path for path in below), "/collections", "/"]
    paths += [f"/collections/records{path}" for path in ("", "/queryables", "/sortables", "/schema")]
    paths += [f"/stac{path}" for path in ("", "/collections", "/search", *("/collections" + path for path in below))]
    searches = [f"{ITEMS}?q={secret.replace('@', '%40')}" for secret in SECRETS]
    for path in [*paths, *searches, f"{ITEMS}?contacts=contact1%40example.org", "/collections/records/items/nothing"]:
        for options in ("f=json", "f=html&lang=zh", "f=html&lang=en", "lang=zh"):
            url = f"{path}{'&' if '?' in path else '?'}{options}"
            yield url, client.get(url).text
    for url in other_forms(record_ids):
        yield url, client.get(url).text


def other_forms(record_ids: list[str]) -> Iterator[str]:
    """What tells of these records beside JSON and HTML, each of which is there."""
    for record_id, form in product(record_ids, (*EXPORTS, "stored")):
        yield f"{ITEMS}/{record_id}?f={form}"
    facets = ",".join(f"{name}:100" for name in FACETS)
    yield from (f"{ITEMS}?facets={facets}", f"{ITEMS}?facets={facets}&f=html")
    typed = [text[:n] for text in SECRETS for n in (1, 3, len(text))]
    yield from (f"/collections/records/suggest?{urlencode({'q': text})}" for text in typed)
    yield from ("/collections/records/dump", "/sitemap.xml", "/sitemap-records.xml")
    csw = "/csw?service=CSW&version=2.0.2&elementSetName=full"
    for schema in ("csw:Record", "csw:IsoRecord"):
        yield f"{csw}&request=GetRecords&typeNames=csw:Record&resultType=results&outputSchema={schema}"
        yield f"{csw}&request=GetRecordById&id={','.join(record_ids)}&outputSchema={schema}"
    for prefix in ("oai_dc", "iso19139", "datacite"):
        yield f"/oai?verb=ListRecords&metadataPrefix={prefix}"


def assert_silent(client: TestClient, record_ids: list[str], secrets: set[str]) -> None:
    found = list(public_answers(client, record_ids))
    assert len(found) > 40
    assert all(client.get(url).status_code == 200 for url in other_forms(record_ids))
    for url, text in found:
        told = [secret for secret in secrets if secret in text and secret.replace("@", "%40") not in url]
        assert not told, url


@real
def test_no_private_mail_or_phone_is_in_any_representation(centre: TestClient) -> None:
    sources = "".join(path.read_text() for path in NCDC.glob("*.json"))
    secrets = set(re.findall(r"[\w.]+@[\w.]+", sources)) | {"000-0000000"}
    assert len(secrets) >= 5
    assert_silent(centre, [PERMAFROST, LAND_COVER, EVAPORATION], secrets)
    for secret in secrets:
        assert ids(centre, q=secret) == set()
        assert ids(centre, contacts=secret) == set()


def test_data_that_comes_later_is_as_silent_and_linked(
    client: TestClient, engine: Engine, repository: Repository, store: Path
) -> None:
    RecordStore(engine).put(harvested(ncdc_entry(id="snow")), source="s", item="i")
    grid = global_grid(8, 4)
    stored = RecordStore(engine).document("snow")
    made = publication(store, "snow", {None: coded(grid)}, grid)
    repository.publish(replace(made, record=stored, access=Access(policy="login")))
    record = client.get(f"{ITEMS}/snow").json()
    assert f"{BASE}/collections/snow" in [k["href"] for k in record["links"]]
    assert record["properties"]["access"] == {"policy": "login"}  # that of the data, which is what holds
    assert_silent(client, ["snow"], set(SECRETS))


def test_a_foreign_language_is_shown_where_no_other_is(client: TestClient, engine: Engine) -> None:
    entry: dict[str, Any] = {
        "id": "a",
        "type": "Feature",
        "geometry": None,
        "time": None,
        "properties": {"type": "dataset", "title": {"fr": "Neige"}, "language": "fr"},
        "linkTemplates": [{"rel": "item", "uriTemplate": "https://example.org/{x}"}],
        "links": [],
    }
    RecordStore(engine).put(harvested(entry), source="s", item="i")
    found = client.get(f"{ITEMS}/a?lang=zh").json()
    assert (found["properties"]["title"], found["properties"]["language"]["code"]) == ("Neige", "fr")
    assert found["linkTemplates"] == entry["linkTemplates"]
