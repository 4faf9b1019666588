"""One client that starts jobs without end, and another that starts one."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.serving import serving
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.database import Server

JOBS: Final = 200
_MINE, _THEIRS = "192.0.2.1", "192.0.2.2"


def _start(base: str, address: str, pause: float) -> tuple[int, dict[str, Any]]:
    """Start a job as a client behind the proxy on this machine; returns the status and the body."""
    body = json.dumps({"inputs": {"stringInput": "a", "pause": pause}}).encode()
    headers = {"Prefer": "respond-async", "X-Forwarded-For": address}
    request = urllib.request.Request(f"{base}/processes/echo/execution", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error) | {"retry": error.headers["Retry-After"]}


def _job(base: str, job_id: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{base}/jobs/{job_id}", timeout=60) as answer:
        return dict(json.load(answer))


@pytest.mark.timeout(300)
def test_client_with_many_jobs_does_not_keep_others_waiting(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with server.database() as url, serving(url, tmp_path, workers=2) as served:
        answers = [_start(served.base, _MINE, 3) for _ in range(JOBS)]
        status, job = _start(served.base, _THEIRS, 0)
        assert status == 201
        ended = eventually(
            lambda: _job(served.base, job["jobID"]), lambda job: job["status"] not in ("accepted", "running")
        )
        assert ended["status"] == "successful", (ended, served.log)
        mine = Counter(_job(served.base, body["jobID"])["status"] for status, body in answers if status == 201)
    with capsys.disabled():
        print(f"\n{JOBS} jobs of one client: {dict(Counter(status for status, _ in answers))}; theirs when the other's")
        print(f"  was done: {dict(mine)}")
    assert {body["retry"] for status, body in answers if status == 429} == {"30"}
    assert Counter(status for status, _ in answers) == {201: 20, 429: JOBS - 20}
    assert mine["accepted"] >= 10
