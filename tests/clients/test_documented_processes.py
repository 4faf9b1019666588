"""Every execution that the documentation shows, by curl as it is written there, and by OWSLib: both get one answer."""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from tests.clients.conftest import program
from tests.support.paths import DOCS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(600)  # the first of them starts the demo
processes = pytest.importorskip("owslib.ogcapi.processes", reason="not run: OWSLib is not installed")

BASE = "http://localhost:8080"
PAGES = ("processes.md", "ocean-processes.md", "plots.md", "spatial-join.md")
TEXTS = {page: (DOCS / page).read_text("utf-8") for page in PAGES}
COMMAND = re.compile(r"^curl (?:(?!^curl ).)*?/execution$", re.MULTILINE | re.DOTALL)
REQUEST = re.compile(r"-d '(\{.*?\})'\s*\\?\s*" + BASE + r"/processes/([a-z0-9-]+)/execution", re.DOTALL)
COMMANDS = [command for text in TEXTS.values() for command in COMMAND.findall(text)]
REQUESTS = [request for text in TEXTS.values() for request in REQUEST.findall(text)]


def test_every_documented_request_is_known() -> None:
    assert len(COMMANDS) == len(REQUESTS) == sum(text.count("/execution\n") for text in TEXTS.values())


NO_TABLE = f"{BASE}/jobs/01234567-89ab-cdef-0123-456789abcdef/files/combine/rayleigh.nc"
"""Stands for a table of the reader's own in a request that is shown."""


@pytest.fixture(scope="module")
def table(demo: str) -> str:
    """The address of the table that the documented request makes."""
    [body] = [body for body, process_id in REQUESTS if process_id == "rayleigh-table"]
    address = f"{demo}/processes/rayleigh-table/execution"
    headers = {"Prefer": "respond-async", "Content-Type": "application/json"}
    document = json.dumps(json.loads(body) | {"response": "document"}).encode()
    with urllib.request.urlopen(urllib.request.Request(address, document, headers), timeout=60) as answer:
        job = f"{demo}/jobs/{json.load(answer)['jobID']}"
    assert ended(job)["status"] == "successful"
    [href] = set(re.findall(r'"href": *"([^"]+/files/[^"]+)"', json.dumps(fetched(f"{job}/results"))))
    return str(href)


@pytest.mark.parametrize("command", COMMANDS, ids=range(len(COMMANDS)))
def test_curl_executes_what_is_documented(demo: str, table: str, tmp_path: Path, command: str) -> None:
    program("curl")
    (tmp_path / ".curlrc").write_text("silent\nshow-error\nfail-with-body\n")
    done = subprocess.run(
        ["bash", "-c", command.replace(NO_TABLE, table).replace(BASE, demo)],
        env={"CURL_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
        check=False,
        capture_output=True,
        timeout=120,
    )
    if "example.org" in command:  # cannot be resolved where there is no network, and then is refused by name
        assert done.returncode == 0 or b"subscriber.successUri" in done.stdout
        return
    assert done.returncode == 0, (done.stdout, done.stderr)
    files = [path for path in tmp_path.iterdir() if path.name != ".curlrc"]
    assert done.stdout or (files and all(path.stat().st_size > 1000 for path in files))


@pytest.mark.parametrize(("body", "process_id"), REQUESTS, ids=[f"{id_}-{n}" for n, (_, id_) in enumerate(REQUESTS)])
def test_owslib_executes_what_is_documented(demo: str, table: str, body: str, process_id: str) -> None:
    document = json.loads(body.replace(NO_TABLE, table))
    client = processes.Processes(demo + "/")
    assert client.process(process_id)["id"] == process_id
    try:
        answer = client.execute(process_id, document["inputs"], document.get("outputs", {}), async_=True)
        status = ended(f"{demo}/jobs/{answer['jobID']}")
    finally:
        client.headers.pop("Prefer", None)
    assert status["status"] == "successful", status
    result = fetched(f"{demo}/jobs/{answer['jobID']}/results")
    described = client.process(process_id)["outputs"]
    assert set(result) <= set(described)
    if "outputs" in document:
        assert set(result) == set(document["outputs"])
    assert result
    assert all(value not in (None, "", [], {}) for value in result.values())


def test_the_documents_show_a_request_of_every_process(demo: str) -> None:
    assert {process_id for _, process_id in REQUESTS} == {
        each["id"] for each in fetched(f"{demo}/processes")["processes"]
    }


def ended(url: str) -> dict[str, Any]:
    """The status of a job that has ended."""
    end = time.monotonic() + 120
    while (status := fetched(url))["status"] in ("accepted", "running"):
        assert time.monotonic() < end, status
        time.sleep(0.2)
    return status


def fetched(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return dict(json.load(answer))
