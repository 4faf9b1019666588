"""Describing and executing processes over HTTP, on a real cluster."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from records.jobs.job_store import JobFilter
from tests.support.jobs import ASYNC, EXECUTION, echo, start_echo, wait_for

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

BASE = "http://localhost:8080"
NO_SUCH_PROCESS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/no-such-process"
BAD_REQUESTS = {
    "no JSON": b"{",
    "no object": b"[]",
    "nested too deeply": b"[" * 200_000,
    "not a number": b'{"inputs": {"stringInput": "a", "mixedInput": NaN}}',
    "beyond a double": b'{"inputs": {"stringInput": "a", "mixedInput": 1e999}}',
    "unknown member": b'{"invalid-execute-request": "true"}',
    "missing input": b'{"inputs": {}}',
    "inputs no object": b'{"inputs": []}',
    "unknown input": b'{"inputs": {"stringInput": "a", "other": 1}}',
    "wrong type": b'{"inputs": {"stringInput": 1}}',
    "wrong item type": b'{"inputs": {"stringInput": "a", "arrayInput": ["b"]}}',
    "wrong binary": b'{"inputs": {"stringInput": "a", "imageInput": {"type": "wrong/type"}}}',
    "no base64": b'{"inputs": {"stringInput": "a", "imageInput": "%%"}}',
    "reference to a file": b'{"inputs": {"stringInput": "a", "imageInput": {"href": "file:///etc/passwd"}}}',
    "box of three numbers": b'{"inputs": {"stringInput": "a", "bboxInput": {"bbox": [1, 2, 3]}}}',
    "negative pause": b'{"inputs": {"stringInput": "a", "pause": -1}}',
    "unknown output": b'{"inputs": {"stringInput": "a"}, "outputs": {"other": {}}}',
    "output in another way": (
        b'{"inputs": {"stringInput": "a"}, "outputs": {"length": {"transmissionMode": "pigeon"}}}'
    ),
    "unknown response": b'{"inputs": {"stringInput": "a"}, "response": "other"}',
    "subscriber": b'{"inputs": {"stringInput": "a"}, "subscriber": {"successUri": "http://localhost/"}}',
}


def test_a_synchronous_execution_answers_every_output_as_given(processing: TestClient) -> None:
    answer = echo(processing, text="größer <b> \ud800", mixedInput=2.5)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"stringInput": "größer <b> \ud800", "length": 12, "mixedOutput": 2.5}


def test_a_synchronous_answer_has_no_link_and_no_location(processing: TestClient) -> None:
    assert not {"link", "location"} & set(echo(processing).headers)


def test_an_output_by_reference_is_a_file_of_the_job(processing: TestClient) -> None:
    by_reference = {"length": {"transmissionMode": "reference"}, "stringInput": {}}
    asked = {"inputs": {"stringInput": "abc"}, "outputs": by_reference, "response": "document"}
    answer = processing.post(EXECUTION, json=asked).json()
    link = answer["length"]
    assert (answer["stringInput"], link["type"], link["length"]) == ("abc", "application/json", 1)
    path = link["href"].removeprefix("http://localhost:8080")
    stored = processing.get(path)
    assert (stored.text, hashlib.sha256(stored.content).hexdigest()) == ("3", link["sha256"])
    days = datetime.fromisoformat(link["expires"]) - datetime.now(UTC)
    assert timedelta(days=6.9) < days <= timedelta(days=7)
    processing.delete("/".join(path.split("/")[:3]))
    assert processing.get(path).status_code == 404


def test_raw_outputs_by_reference_are_headers_of_an_empty_answer(processing: TestClient) -> None:
    asked = {"inputs": {"stringInput": "abc"}, "outputs": {"length": {"transmissionMode": "reference"}}}
    answer = processing.post(EXECUTION, json=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    href = answer.headers["link"].partition(">")[0].removeprefix("<http://localhost:8080")
    assert processing.get(href).json() == 3
    job = processing.get("/".join(href.split("/")[:3]) + "/results")
    assert (job.status_code, job.headers["link"]) == (204, answer.headers["link"])


def test_one_raw_output_is_its_value_alone(processing: TestClient) -> None:
    asked = {"inputs": {"stringInput": "abc"}, "outputs": {"length": {"transmissionMode": "value"}}}
    assert processing.post(EXECUTION, json=asked).json() == 3
    assert processing.post(EXECUTION, json={**asked, "response": "document"}).json() == {"length": 3}


def test_an_asynchronous_execution_becomes_a_job_with_a_result(processing: TestClient) -> None:
    answer = echo(processing, headers=ASYNC)
    assert answer.status_code == 201
    path = f"/jobs/{answer.json()['jobID']}"
    assert answer.headers["location"] == BASE + path
    assert answer.headers["preference-applied"] == "respond-async"
    assert wait_for(processing, path, "successful")["progress"] == 100
    assert processing.get(path + "/results").json()["stringInput"] == "teststring"


@pytest.mark.parametrize("prefer", ["respond-async; wait=3", "respond-async ", "wait=3, Respond-Async"])
def test_every_spelling_of_respond_async_makes_a_job(processing: TestClient, prefer: str) -> None:
    assert echo(processing, headers={"Prefer": prefer}).status_code == 201


def test_a_prefer_header_on_a_get_request_is_harmless(processing: TestClient) -> None:
    path = start_echo(processing)
    wait_for(processing, path, "successful")
    for url in ("/processes", "/processes/echo", "/jobs", path, path + "/results"):
        assert processing.get(url, headers=ASYNC).status_code == 200, url


@pytest.mark.parametrize("body", BAD_REQUESTS.values(), ids=BAD_REQUESTS.keys())
@pytest.mark.parametrize("headers", [{}, ASYNC], ids=["sync", "async"])
def test_a_bad_request_is_refused_as_json(processing: TestClient, body: bytes, headers: dict[str, str]) -> None:
    before = processing.get("/jobs").json()["numberMatched"]
    answer = processing.post(EXECUTION, content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert {"type", "title", "status", "detail"} == set(answer.json())
    assert processing.get("/jobs").json()["numberMatched"] == before


def test_a_body_above_the_limit_is_refused(processing: TestClient) -> None:
    answer = processing.post(EXECUTION, content=b" " * (4 * 1024 * 1024 + 1))
    assert answer.status_code == 413


def test_without_a_cluster_an_execution_is_refused_and_its_job_failed(own_client: TestClient) -> None:
    assert echo(own_client, headers=ASYNC).status_code == 503
    jobs, _ = cast("FastAPI", own_client.app).state.bridge.executions.jobs.page(JobFilter(), limit=10)
    assert [job.status for job in jobs] == ["failed"]


@pytest.mark.parametrize("path", ["/processes/none", "/processes/none/execution"])
def test_an_unknown_process_is_not_found(processing: TestClient, path: str) -> None:
    answer = processing.post(path, json={}) if path.endswith("execution") else processing.get(path)
    assert (answer.status_code, answer.json()["type"]) == (404, NO_SUCH_PROCESS)


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=-1", "other=1", "f=xml"])
def test_a_bad_parameter_of_the_process_list_is_refused(processing: TestClient, query: str) -> None:
    assert processing.get(f"/processes?{query}").status_code == 400


def test_descriptions_do_not_grow_with_each_request(processing: TestClient) -> None:
    first = processing.get("/processes/echo").json()
    assert processing.get("/processes/echo").json() == first
    assert first["jobControlOptions"] == ["sync-execute", "async-execute", "dismiss"]
    assert {link["rel"] for link in first["links"]} >= {"self", "http://www.opengis.net/def/rel/ogc/1.0/execute"}
