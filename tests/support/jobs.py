"""A real Dask cluster for a test run, and calls of processes over HTTP."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx import Response

ASYNC = {"Prefer": "respond-async"}
EXECUTION = "/processes/echo/execution"
_TEMPLATE = "services.compute.children.template"


def echo(
    client: TestClient, *, text: str = "teststring", headers: dict[str, str] | None = None, **inputs: object
) -> Response:
    """The answer to an execution of `echo`."""
    body = json.dumps({"inputs": {"stringInput": text, **inputs}})  # ASCII: carries lone surrogates too
    return client.post(EXECUTION, content=body, headers=headers or {})


def start_echo(client: TestClient, **inputs: object) -> str:
    """Start an asynchronous execution of `echo`; returns the job's path."""
    answer = echo(client, headers=ASYNC, **inputs)
    assert answer.status_code == 201, answer.text
    return f"/jobs/{answer.json()['jobID']}"


def templates() -> list[int]:
    """The ids of the processes of this test run that fork children (`services.compute.children.template`)."""
    pids = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            parent = child.parent()
            if _TEMPLATE in child.cmdline() and (parent is None or _TEMPLATE not in parent.cmdline()):
                pids.append(child.pid)
    return pids


def runners() -> list[int]:
    """The ids of the processes that perform a call for this test run."""
    pids = []
    for template in templates():
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(template).children()
            pids += [child.pid for child in children if child.status() != psutil.STATUS_ZOMBIE]
    return pids


def wait_for(client: TestClient, path: str, *statuses: str, seconds: float = 15.0) -> dict[str, Any]:
    """The statusInfo of a job once it has one of the statuses."""
    end = time.monotonic() + seconds
    while True:
        status: dict[str, Any] = client.get(path).json()
        if status["status"] in statuses:
            return status
        assert time.monotonic() < end, status
        time.sleep(0.05)
