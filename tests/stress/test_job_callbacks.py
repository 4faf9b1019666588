"""Addresses that hear of jobs, and outputs that expire, on a server with its cluster: what clients see of them."""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.services.serving.test_callbacks import listening
from tests.support.serving import serving
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.serving.test_callbacks import Listener

pytestmark = pytest.mark.timeout(400)
_DAYS: Final = 0.0003
"""Jobs are kept for 26 seconds."""


def start(base: str, process: str, document: dict[str, Any]) -> str:
    request = urllib.request.Request(
        f"{base}/processes/{process}/execution", json.dumps(document).encode(), {"Prefer": "respond-async"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(json.load(answer)["jobID"])


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def heard(listener: Listener, path: str, *, times: int = 1) -> list[tuple[str, bytes]]:
    """Media type and body of the calls of a path, once there are so many."""
    calls = eventually(
        lambda: [(kind, body) for where, kind, body in listener.calls if where == path],
        lambda calls: len(calls) >= times,
        within_s=90,
    )
    assert len(calls) == times
    return calls


def test_addresses_hear_of_the_beginning_the_result_and_the_failure(database_url: str, tmp_path: Path) -> None:
    with listening() as listener, serving(database_url, tmp_path, workers=1, jobs_callbacks_private="true") as served:
        here = {
            name: f"{listener.url}/{path}"
            for name, path in (("successUri", "ok"), ("inProgressUri", "begun"), ("failedUri", "failed"))
        }
        job = start(served.base, "echo", {"inputs": {"stringInput": "a", "pause": 6}, "subscriber": here})
        [(_, begun)] = heard(listener, "/begun")
        assert (json.loads(begun)["jobID"], json.loads(begun)["status"]) == (job, "running")
        listener.statuses = [500]
        calls = heard(listener, "/ok", times=2)  # the second, five seconds later, is taken
        with urllib.request.urlopen(f"{served.base}/jobs/{job}/results") as answer:
            assert {body for _, body in calls} == {answer.read()}

        nowhere = {"href": f"{served.base}/jobs/01234567-89ab-cdef-0123-456789abcdef/results"}
        inputs = {"left": nowhere, "right": {"collection": "records"}}
        with pytest.raises(urllib.error.HTTPError, match="400"):
            start(served.base, "spatial-join", {"inputs": inputs, "subscriber": here})
        bad = start(served.base, "echo", {"inputs": {"stringInput": "a", "pause": 60}, "subscriber": here})
        eventually(lambda: len(listener.calls), lambda count: count == 4, within_s=60)
        request = urllib.request.Request(f"{served.base}/jobs/{bad}", method="DELETE")
        urllib.request.urlopen(request, timeout=30).close()
        [(_, failed)] = heard(listener, "/failed")
        assert (json.loads(failed)["jobID"], json.loads(failed)["status"]) == (bad, "dismissed")


def test_an_address_inside_is_refused_and_outputs_by_reference_expire(database_url: str, tmp_path: Path) -> None:
    with (
        listening() as listener,
        serving(database_url, tmp_path, workers=1, limit_job_days=str(_DAYS)) as served,
    ):
        inside = {"inputs": {"stringInput": "a"}, "subscriber": {"successUri": listener.url}}
        with pytest.raises(urllib.error.HTTPError, match="400") as refused:
            start(served.base, "echo", inside)
        assert "GRATICULE_JOBS_CALLBACKS_PRIVATE" in json.load(refused.value)["detail"]
        assert listener.calls == []

        wish = {"length": {"transmissionMode": "reference"}}
        job = start(served.base, "echo", {"inputs": {"stringInput": "hello"}, "outputs": wish, "response": "document"})
        eventually(lambda: status_of(f"{served.base}/jobs/{job}/results"), lambda status: status == 200, within_s=60)
        with urllib.request.urlopen(f"{served.base}/jobs/{job}/results") as answer:
            link = json.load(answer)["length"]
        left = datetime.fromisoformat(link["expires"]) - datetime.now(UTC)
        assert -60 < left.total_seconds() <= _DAYS * 86_400 + 1
        place = link["href"].replace("http://localhost:8080", served.base)
        with urllib.request.urlopen(urllib.request.Request(place, headers={"Range": "bytes=0-"})) as file:
            body = file.read()
            assert file.status == 206
        assert (len(body), hashlib.sha256(body).hexdigest()) == (link["length"], link["sha256"])
        eventually(lambda: status_of(place), lambda status: status == 404, within_s=150)
        assert status_of(f"{served.base}/jobs/{job}") == 404
        assert not [path for path in (tmp_path / "store" / ".staging").rglob("*") if path.is_file()]
