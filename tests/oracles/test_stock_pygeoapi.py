"""A stock pygeoapi, configured as documented, serves the records and processes of a Graticule database."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from records.jobs.job_store import Jobs
from tests.support.records import catalogue, document
from tests.support.stock_pygeoapi import configuration, stock_pygeoapi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from config.settings import DaskSettings
    from tests.support.database import Server

RECORDS = "/collections/records"
GRATICULE = "https://data.example.org"


class Stock:
    """A running pygeoapi and the database that it serves."""

    def __init__(self, base_url: str, engine: Engine) -> None:
        self.base_url = base_url
        self.engine = engine

    def send(self, path: str, *, body: Any = None, method: str | None = None, **headers: str) -> tuple[int, Any]:
        """The status and the decoded body of an answer; a body that is not JSON as text."""
        data = None if body is None else json.dumps(body).encode()
        content = {"Content-Type": "application/json"} if data else {}
        request = urllib.request.Request(self.base_url + path, data, content | headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                status, text = error.code, error.read().decode()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def get(self, path: str, **parameters: str) -> Any:
        """The JSON body of a successful answer."""
        status, body = self.send(f"{path}?{urllib.parse.urlencode({'f': 'json', **parameters})}")
        assert status == 200, body
        return body

    def ids(self, **parameters: str) -> list[str]:
        """The ids of the records that a search finds."""
        return [feature["id"] for feature in self.get(f"{RECORDS}/items", **parameters)["features"]]


@pytest.fixture(scope="module")
def stock(server: Server, dask: DaskSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    """A stock pygeoapi over three records and a cluster."""
    folder = tmp_path_factory.mktemp("stock")
    stored = (
        document("snow", "Snow depth", zh="积雪深度", box=(70, 30, 100, 40), interval=("2000-01-01", "2003-12-31")),
        document("ice", "Glacier ice", box=(10, 45, 12, 47), license="CC-BY-4.0"),
        document("rivers", "Rivers & <lakes>", box=(-70, -10, -60, 0)),
    )
    with catalogue(server, *stored) as engine:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with stock_pygeoapi(configuration(url, folder, dask), folder) as base_url:
            yield Stock(base_url, engine)


def test_queryables_are_those_of_the_catalogue(stock: Stock) -> None:
    properties = stock.get(f"{RECORDS}/queryables")["properties"]
    assert {"id", "title", "keywords", "license", "geometry", "updated"} <= set(properties)


def test_records_are_listed_and_paged(stock: Stock) -> None:
    page = stock.get(f"{RECORDS}/items", limit="2", sortby="-title")
    assert [feature["id"] for feature in page["features"]] == ["snow", "rivers"]
    assert (page["numberMatched"], page["numberReturned"]) == (3, 2)
    assert stock.ids(limit="2", sortby="-title", offset="2") == ["ice"]
    assert stock.get(f"{RECORDS}/items", resulttype="hits")["numberMatched"] == 3


@pytest.mark.parametrize(
    ("parameters", "record_ids"),
    [
        ({"q": "积雪"}, ["snow"]),
        ({"q": "glacier"}, ["ice"]),
        ({"bbox": "80,32,81,33"}, ["snow"]),
        ({"bbox": "0,41,90,50"}, ["ice"]),
        ({"datetime": "2002-06-01", "q": "snow"}, ["snow"]),
        ({"datetime": "2010-01-01/..", "bbox": "80,32,81,33"}, []),
        ({"license": "CC-BY-4.0"}, ["ice"]),
        ({"filter": "license = 'CC-BY-4.0' OR title LIKE 'Snow%'", "sortby": "id"}, ["ice", "snow"]),
        ({"filter": "S_INTERSECTS(geometry, POLYGON((9 44, 13 44, 13 48, 9 48, 9 44)))"}, ["ice"]),
    ],
)
def test_a_search_finds_records(stock: Stock, parameters: dict[str, str], record_ids: list[str]) -> None:
    assert stock.ids(**parameters) == record_ids


def test_a_posted_filter_selects_records(stock: Stock) -> None:
    body = {"op": "t_after", "args": [{"property": "time"}, {"date": "1999-01-01"}]}
    status, page = stock.send(f"{RECORDS}/items?f=json", body=body)
    assert status == 200, page
    assert [feature["id"] for feature in page["features"]] == ["snow"]


def test_one_record_links_to_the_server_of_the_data(stock: Stock) -> None:
    record = stock.get(f"{RECORDS}/items/snow")
    assert record["properties"]["title"] == "Snow depth"
    assert [link["href"] for link in record["links"] if link["rel"] == "self"] == [
        f"https://pygeoapi.example.org{RECORDS}/items/snow?f=json"
    ]
    assert f"{GRATICULE}{RECORDS}/items/snow?f=html" in [link["href"] for link in record["links"]]


@pytest.mark.parametrize("path", ["/items", "/items/rivers", "/items?q=积雪", "/queryables", ""])
def test_pages_are_drawn(stock: Stock, path: str) -> None:
    quoted = urllib.parse.quote(path, safe="/?=")
    status, page = stock.send(f"{RECORDS}{quoted}{'&' if '?' in path else '?'}f=html")
    assert status == 200
    assert "<html" in page


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        (f"{RECORDS}/items/absent?f=json", 404, "there is no record 'absent'"),
        (f"{RECORDS}/items?f=json&offset=100001", 400, "at most 100000"),
        (f"{RECORDS}/items?f=json&filter=nonsense%20%3D%201", 400, "nonsense"),
        ("/jobs/absent?f=json", 404, "absent"),
    ],
)
def test_errors_name_the_value_and_the_remedy(stock: Stock, path: str, status: int, message: str) -> None:
    answer_status, body = stock.send(path)
    assert (answer_status, message in body["description"]) == (status, True), body


def test_processes_are_listed_and_described(stock: Stock) -> None:
    assert [process["id"] for process in stock.get("/processes")["processes"]] == ["echo", "zonal-statistics"]
    assert stock.get("/processes/echo")["inputs"]["stringInput"]["title"] == "Text"
    assert stock.get("/processes/echo", lang="zh")["title"] == "回声"


def test_an_execution_is_waited_for_and_is_a_job_of_the_database(stock: Stock) -> None:
    outputs = {"stringInput": {}, "length": {}}
    body = {"inputs": {"stringInput": "teststring"}, "outputs": outputs, "response": "document"}
    status, result = stock.send("/processes/echo/execution", body=body)
    assert (status, result) == (200, {"stringInput": "teststring", "length": 10})
    (job,) = stock.get("/jobs")["jobs"]
    assert (job["processID"], job["status"], job["progress"]) == ("echo", "successful", 100)
    assert Jobs(stock.engine).get(job["jobID"]).status == "successful"
    assert stock.get(f"/jobs/{job['jobID']}/results") == result
    assert stock.send(f"/jobs/{job['jobID']}", method="DELETE")[0] == 200
    assert stock.send(f"/jobs/{job['jobID']}?f=json")[0] == 404


def test_an_execution_in_the_background_can_be_dismissed(stock: Stock) -> None:
    body = {"inputs": {"stringInput": "teststring", "pause": 600}}
    status, job = stock.send("/processes/echo/execution", body=body, Prefer="respond-async")
    assert (status, job["status"]) == (201, "accepted")
    assert stock.get(f"/jobs/{job['jobID']}")["status"] in ("accepted", "running")
    assert stock.send(f"/jobs/{job['jobID']}", method="DELETE")[0] == 200
    assert Jobs(stock.engine).get(job["jobID"]).status == "dismissed"


@pytest.mark.parametrize(
    ("inputs", "message"),
    [({}, "stringInput: this input is missing"), ({"stringInput": 5}, "stringInput=5"), ({"x": 1}, "no such input")],
)
def test_an_execution_that_the_description_forbids_is_refused(
    stock: Stock, inputs: dict[str, Any], message: str
) -> None:
    status, body = stock.send("/processes/echo/execution?f=json", body={"inputs": inputs})
    assert (status, body["code"]) == (400, "InvalidParameterValue")
    assert message in body["description"]
