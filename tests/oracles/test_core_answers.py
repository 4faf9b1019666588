"""The core of pygeoapi over the application's plugins gives the answers of the application's own routes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import anyio
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from pygeoapi.api import itemtypes, processes

from config.errors import InvalidParameter, JobNotFound, RecordNotFound
from config.settings import DatabaseSettings, Settings
from services.app import create_app
from services.pygeoapi.configuration import RECORDS
from services.pygeoapi.core_request import CoreCall
from tests.support.jobs import echo, start_echo, wait_for
from tests.support.records import catalogue, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from services.pygeoapi.bridge import Bridge
    from tests.support.database import Server

ITEMS = "/collections/records/items"


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application with records in two languages and with awkward characters."""
    folder = tmp_path_factory.mktemp("core")
    snow = [
        document(
            f"s{i}",
            f"Snow depth {i}",
            zh=f"冰川物质平衡{i}",
            box=(i, 0, i + 5, 5),
            interval=("2000-01-01", f"200{i}-12-31"),
            keywords={"en": ["Snow cover", f"only{i}"], "zh": ["冰川物质平衡"]},
            license="CC-BY-4.0",
        )
        for i in range(4)
    ]
    with catalogue(server, *snow, document("other", "Rivers & <lakes>", description={"en": "a < b > c"})) as engine:
        url = engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
        settings = Settings(data_dir=folder, store=str(folder), database=DatabaseSettings(url=SecretStr(url)))
        with TestClient(create_app(settings), base_url="http://localhost:8080") as client:
            yield client


def _call(client: TestClient, function: Any, *args: object, **parameters: str) -> Any:
    """The JSON that a function of the core answers to query parameters, its escaping of `<` and `>` undone."""
    bridge: Bridge = cast("FastAPI", client.app).state.bridge

    async def call() -> Any:
        return (await bridge.call(function, CoreCall(parameters=parameters), *args)).body

    text = json.dumps(anyio.run(call))
    return json.loads(text.replace("&lt;", "<").replace("&gt;", ">"))


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"q": "snow", "limit": "3"},
        {"q": "冰川", "lang": "zh", "sortby": "-title"},
        {"bbox": "2,0,3,5", "datetime": "2000-01-01T00:00:00Z/2000-12-31T23:59:59Z"},
        {"ids": "s1,other", "type": "dataset"},
        {"filter": "license = 'CC-BY-4.0' AND title LIKE '%1'"},
        {"filter": "title NOT LIKE 'Snow%' OR id IN ('s1')"},
        {"filter": "CASEI(title) LIKE CASEI('SNOW%') AND license IS NOT NULL"},
        {"filter": "S_INTERSECTS(geometry, POLYGON((7 1, 8 1, 8 2, 7 2, 7 1)))"},
        {"filter": "updated BETWEEN DATE('2010-01-01') AND DATE('2100-01-01')"},
        {"keywords": "only2,only3", "offset": "1"},
    ],
)
def test_a_search_finds_the_same_records(client: TestClient, parameters: dict[str, str]) -> None:
    own = client.get(ITEMS, params=parameters).json()
    core = _call(client, itemtypes.get_collection_items, RECORDS, **parameters)
    assert core["features"] == own["features"]
    assert (core["numberMatched"], core["numberReturned"]) == (own["numberMatched"], own["numberReturned"])


def test_hits_are_counted_and_not_answered(client: TestClient) -> None:
    core = _call(client, itemtypes.get_collection_items, RECORDS, q="snow", resulttype="hits")
    assert (core["numberMatched"], core["features"]) == (4, [])


def test_properties_are_selected_and_geometries_left_out(client: TestClient) -> None:
    parameters = {"ids": "s1", "properties": "title", "skipGeometry": "true"}
    (feature,) = _call(client, itemtypes.get_collection_items, RECORDS, **parameters)["features"]
    assert (feature["properties"], feature["geometry"]) == ({"title": "Snow depth 1"}, None)


@pytest.mark.parametrize("record_id", ["s1", "other"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_record_is_the_same(client: TestClient, record_id: str, language: str) -> None:
    own = client.get(f"{ITEMS}/{record_id}", params={"lang": language}).json()
    core = _call(client, itemtypes.get_collection_item, RECORDS, record_id, lang=language)
    own_links, core_links = own.pop("links"), core.pop("links")
    assert core == own
    assert all(link in core_links for link in own_links if link["rel"] not in ("self", "collection"))
    assert [link["rel"] for link in core_links].count("self") == 1


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"filter": "INCLUDE"}, InvalidParameter),
        ({"nonsense": "1"}, InvalidParameter),
        ({"offset": "100001"}, InvalidParameter),
        ({"datetime": "2000-01-01/1999-01-01", "bbox": "0,0,1,1", "year": "x\0"}, Exception),
    ],
)
def test_errors_of_plugins_are_raised_as_they_were(
    client: TestClient, parameters: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        _call(client, itemtypes.get_collection_items, RECORDS, **parameters)


def test_a_record_or_job_that_does_not_exist_is_an_error_of_ours(client: TestClient) -> None:
    with pytest.raises(RecordNotFound):
        _call(client, itemtypes.get_collection_item, RECORDS, "absent")
    with pytest.raises(JobNotFound):
        _call(client, processes.get_jobs, "absent")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_processes_are_listed_and_described_the_same(client: TestClient, language: str) -> None:
    own = client.get("/processes", params={"lang": language}).json()["processes"]
    core = _call(client, processes.describe_processes, lang=language, limit="100")["processes"]
    assert [_without_links(process) for process in core] == [_without_links(process) for process in own]
    for process in own:
        description = client.get(f"/processes/{process['id']}", params={"lang": language}).json()
        of_core = _call(client, processes.describe_processes, process["id"], lang=language)
        assert _without_links(of_core) == _without_links(description)


def _without_links(document: dict[str, Any]) -> dict[str, Any]:
    return {name: member for name, member in document.items() if name != "links"}


def test_a_job_and_its_result_are_the_same(processing: TestClient) -> None:
    path = start_echo(processing)
    job_id = path.rpartition("/")[2]
    own = wait_for(processing, path, "successful", seconds=60)
    core = _call(processing, processes.get_jobs, job_id)
    names = ("type", "processID", "jobID", "status", "message", "progress", "created", "started", "finished", "updated")
    assert {name: core[name] for name in names} == {name: own[name] for name in names}
    assert core["links"][0]["href"] in [link["href"] for link in own["links"] if link["rel"].endswith("/results")]
    assert _call(processing, processes.get_job_result, job_id) == processing.get(f"{path}/results").json()
    assert job_id in [job["jobID"] for job in _call(processing, processes.get_jobs)["jobs"]]


def test_a_result_is_sent_as_it_stands_in_the_jobs_table(processing: TestClient) -> None:
    answer = echo(processing, text="a < b > c &lt;", headers={})
    assert answer.json()["stringInput"] == "a < b > c &lt;"
