"""The life of a job over HTTP: status, results, list, dismissal, failure."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from config.settings import LimitSettings
from tests.support.catalogues import client_of
from tests.support.jobs import echo, runners, start_echo, wait_for

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from config.settings import Settings

EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
RESULTS = "http://www.opengis.net/def/rel/ogc/1.0/results"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def assert_valid(status: dict[str, Any]) -> None:
    """statusInfo.yaml of OGC 18-062r2, strictly."""
    assert status["type"] == "process"
    assert status["status"] in {"accepted", "running", "successful", "failed", "dismissed"}
    assert isinstance(status["jobID"], str)
    assert 0 <= status["progress"] <= 100
    assert None not in status.values()
    for name in {"created", "started", "finished", "updated"} & status.keys():
        assert INSTANT.fullmatch(status[name]), status[name]
    relations = [link["rel"] for link in status["links"]]
    assert relations[:2] == ["self", "monitor"]
    assert (RESULTS in relations) == (status["status"] == "successful")


def test_a_running_job_has_rising_progress_and_no_result(processing: TestClient) -> None:
    path = start_echo(processing, pause=2)
    first = wait_for(processing, path, "running")
    answer = processing.get(path + "/results")
    assert (answer.status_code, answer.json()["type"]) == (404, EXCEPTIONS + "result-not-ready")
    seen = {first["progress"]}
    while (status := processing.get(path).json())["status"] == "running":
        assert_valid(status)
        seen.add(status["progress"])
        time.sleep(0.1)
    assert len(seen) >= 4
    assert max(seen) < 100
    assert_valid(status)
    assert (status["status"], status["progress"]) == ("successful", 100)


def test_a_running_job_is_dismissed_within_a_second(processing: TestClient) -> None:
    others = set(runners())
    path = start_echo(processing, pause=60)
    wait_for(processing, path, "running")
    while set(runners()) <= others:  # the status is written just before the process begins
        time.sleep(0.02)
    begin = time.monotonic()
    assert processing.delete(path).json()["status"] == "dismissed"
    while not set(runners()) <= others:
        time.sleep(0.02)
    assert time.monotonic() - begin < 1
    assert_valid(processing.get(path).json())
    assert processing.get(path).json()["status"] == "dismissed"
    assert processing.get(path + "/results").status_code == 410


def test_dismissing_twice_is_safe(processing: TestClient) -> None:
    path = start_echo(processing, pause=60)
    for _ in range(3):
        answer = processing.delete(path)
        assert (answer.status_code, answer.json()["status"]) == (200, "dismissed")


def test_a_queued_job_is_dismissed_and_never_runs(processing: TestClient) -> None:
    running = [start_echo(processing, pause=60) for _ in range(2)]
    for path in running:
        wait_for(processing, path, "running")
    queued = start_echo(processing)
    assert processing.get(queued).json()["status"] == "accepted"
    for path in (queued, *running):
        processing.delete(path)
    wait_for(processing, start_echo(processing), "successful")
    assert "started" not in processing.get(queued).json()


def test_deleting_a_finished_job_removes_it(processing: TestClient) -> None:
    path = start_echo(processing)
    wait_for(processing, path, "successful")
    assert processing.delete(path).status_code == 200
    for answer in (processing.get(path), processing.get(path + "/results"), processing.delete(path)):
        assert (answer.status_code, answer.json()["type"]) == (404, EXCEPTIONS + "no-such-job")


@pytest.mark.parametrize("job", ["none", "00000000-0000-0000-0000-000000000000", "%00"])
def test_an_unknown_job_is_not_found(processing: TestClient, job: str) -> None:
    for url in (f"/jobs/{job}", f"/jobs/{job}/results"):
        answer = processing.get(url)
        assert (answer.status_code, answer.json()["type"]) == (404, EXCEPTIONS + "no-such-job")


def test_a_synchronous_execution_beyond_its_time_is_stopped(processing: TestClient) -> None:
    settings: Settings = processing.app.state.context.settings  # type: ignore[attr-defined]  # any ASGI app
    with client_of(settings.model_copy(update={"limit": LimitSettings(sync_seconds=1)})) as impatient:
        answer = echo(impatient, pause=30)
    assert answer.status_code == 504
    assert "respond-async" in answer.json()["detail"]
    newest = processing.get("/jobs", params={"limit": 1}).json()["jobs"][0]
    assert newest["status"] == "dismissed"


def test_the_job_list_is_valid_and_paged(processing: TestClient) -> None:
    paths = [start_echo(processing) for _ in range(3)]
    for path in paths:
        wait_for(processing, path, "successful")
    everything = processing.get("/jobs", params={"limit": 1000}).json()
    for status in everything["jobs"]:
        assert_valid(status)
    assert [job["jobID"] for job in everything["jobs"][:3]] == [path.rpartition("/")[2] for path in reversed(paths)]
    page = processing.get("/jobs", params={"limit": 1, "offset": 1}).json()
    assert page["jobs"] == everything["jobs"][1:2]
    assert {link["rel"] for link in page["links"]} == {"self", "alternate", "prev", "next"}
    following = next(link["href"] for link in page["links"] if link["rel"] == "next")
    assert processing.get(following).json()["jobs"] == everything["jobs"][2:3]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=successful", True),
        ("status=failed,dismissed", False),
        ("processID=echo", True),
        ("processID=other", False),
        ("type=process", True),
        ("datetime=2000-02/..", True),
        ("datetime=../2000-02", False),
        ("datetime=%2B123456-01-01/..", False),
        ("minDuration=0", True),
        ("minDuration=3000", False),
        ("maxDuration=3000", True),
    ],
)
def test_the_job_list_is_filtered(processing: TestClient, query: str, *, found: bool) -> None:
    path = start_echo(processing)
    wait_for(processing, path, "successful")
    listed = [f"/jobs/{job['jobID']}" for job in processing.get(f"/jobs?limit=1000&{query}").json()["jobs"]]
    assert (path in listed) == found


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=x",
        "offset=-1",
        "status=done",
        "type=other",
        "datetime=x",
        "minDuration=-1",
        "other=1",
        "offset=99999999999999999999",
    ],
)
def test_a_bad_parameter_of_the_job_list_is_refused(processing: TestClient, query: str) -> None:
    answer = processing.get(f"/jobs?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json"), answer.text
