"""`graticule serve`: one socket, two workers, one cluster, and nothing that outlives them."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
import urllib.request
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from records.database import postgis
from records.database.engine import driver_url
from records.datasets.repository import Repository
from records.harvest.ledger import Ledger, Source
from records.jobs.job_store import Jobs
from services.processes import registry
from services.processes.requests import validation as processes_validation
from tests.support.harvest import ncdc_entry
from tests.support.rasters import coded, global_grid, publication
from tests.support.serving import START_S, gone, reserved_port, serving, start
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.database import Server
    from tests.support.serving import Serving

pytestmark = pytest.mark.served

CONNECTIONS = 40
REQUESTS = 200


def _post(base: str, *, pause: float) -> dict[str, Any]:
    body = json.dumps({"inputs": {"stringInput": "a", "pause": pause}}).encode()
    request = urllib.request.Request(f"{base}/processes/echo/execution", data=body, headers={"Prefer": "respond-async"})
    with urllib.request.urlopen(request, timeout=START_S) as answer:
        return dict(json.load(answer))


def _job(base: str, job_id: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{base}/jobs/{job_id}", timeout=START_S) as answer:
        return dict(json.load(answer))


def _ended(base: str, job_id: str) -> dict[str, Any]:
    end = time.monotonic() + START_S
    while (status := _job(base, job_id))["status"] in ("accepted", "running"):
        assert time.monotonic() < end, status
        time.sleep(0.1)
    return status


def test_both_workers_get_connections(running: tuple[Serving, str]) -> None:
    served, _ = running
    shares = _shares(served)
    for _ in range(20):  # on a busy machine one may be quicker than the other
        if min(shares) == 0:
            time.sleep(0.5)
            shares = _shares(served)
    assert len(shares) == 2
    assert sum(shares) == CONNECTIONS
    assert min(shares) > 0


def _shares(served: Serving) -> list[int]:
    """How many of some connections that are opened at once each worker has."""
    held = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(CONNECTIONS)]
    for link in held:
        link.sendall(b"GET /processes HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert all(b" 200 " in link.recv(64) for link in held)
    shares = [
        sum(c.status == "ESTABLISHED" and c.laddr.port == served.port for c in worker.net_connections("tcp"))
        for worker in served.workers()
    ]
    for link in held:
        link.close()
    return shares


def test_every_worker_sees_a_publication_and_a_removal_within_a_second(
    running: tuple[Serving, str], tmp_path: Path
) -> None:
    served, url = running
    engine = create_engine(driver_url(url), poolclass=NullPool)
    repository = Repository(engine)
    given = publication(tmp_path, "sst", {None: coded(global_grid(8, 4))}, global_grid(8, 4))
    assert {served.status("/collections/sst") for _ in range(20)} == {404}
    repository.publish(given)
    time.sleep(1)
    assert {served.status("/collections/sst") for _ in range(REQUESTS)} == {200}
    repository.remove("sst")
    time.sleep(1)
    assert {served.status("/collections/sst") for _ in range(REQUESTS)} == {404}
    engine.dispose()


def test_workers_begin_without_libraries_that_only_processes_need(running: tuple[Serving, str]) -> None:
    served, _ = running
    assert len(served.libraries) == 2
    for libraries in served.libraries:
        assert "/rasterio/" in libraries
        assert not [name for name in ("pandas", "pyarrow", "scipy") if f"/{name}/" in libraries]


@pytest.mark.parametrize("path", ["/collections/records/items", "/stac/search", "/csw", "/processes/echo/execution"])
@pytest.mark.parametrize(
    "rest", [b"Content-Length: 100\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\nno length\r\n"]
)
def test_client_that_breaks_off_in_a_body_leaves_no_traceback(
    running: tuple[Serving, str], path: str, rest: bytes
) -> None:
    served, _ = running
    before = len(served.log)
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as link:
        link.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode() + rest)
        time.sleep(0.1)
    time.sleep(0.3)
    assert served.status("/healthz") == 200
    assert not [line for line in served.log[before:] if "Traceback" in line or " ERROR " in line]


def test_a_taken_port_is_refused_naming_its_holder(running: tuple[Serving, str], tmp_path: Path) -> None:
    served, url = running
    second = start(url, tmp_path, port=served.port)
    _, log = second.communicate(timeout=60)
    assert second.returncode == 3
    assert f"port {served.port} is taken by process {served.process.pid} (" in log


def test_a_job_survives_the_web_workers_that_are_killed_and_restarted(running: tuple[Serving, str]) -> None:
    served, _ = running
    before = served.workers()
    job = _post(served.base, pause=1)
    for worker in before:
        worker.kill()
    gone(before, within_s=5)
    assert (status := _ended(served.base, job["jobID"]))["status"] == "successful", status
    assert not {w.pid for w in served.workers()} & {w.pid for w in before}
    assert len(served.workers()) == 2


def test_an_accepted_job_that_was_never_handed_to_the_cluster_runs(running: tuple[Serving, str]) -> None:
    served, url = running
    assert _ended(served.base, _accepted(url))["status"] == "successful"


def test_a_killed_cluster_is_started_again_and_runs_what_waited(running: tuple[Serving, str]) -> None:
    served, url = running
    (cluster,) = (child for child in served.family() if "services.serving.cluster" in child.cmdline())
    cluster.kill()
    job = _accepted(url)
    assert _ended(served.base, job)["status"] == "successful"
    assert _ended(served.base, _post(served.base, pause=0)["jobID"])["status"] == "successful"


def test_what_is_due_is_harvested_also_after_the_process_that_does_is_killed(
    running: tuple[Serving, str], tmp_path: Path
) -> None:
    served, url = running
    (harvests,) = (child for child in served.family() if "services.serving.background.harvests" in child.cmdline())
    harvests.kill()
    path = tmp_path / "snow.json"
    path.write_text(json.dumps(ncdc_entry(id="snow")))
    engine = create_engine(driver_url(url), poolclass=NullPool)
    Ledger(engine).enter(Source(source=str(path), format="ncdc", every=timedelta(days=1)))
    engine.dispose()
    end = time.monotonic() + START_S
    while served.status("/collections/records/items/snow") != 200:
        assert time.monotonic() < end, "".join(served.log)
        time.sleep(0.1)


def _accepted(url: str) -> str:
    """Accept a job as a web worker does that dies before it tells the cluster; returns its id."""
    engine = create_engine(driver_url(url), poolclass=NullPool)
    request = processes_validation.check({"inputs": {"stringInput": "kept"}}, registry.process("echo").description)
    job_id = Jobs(engine).create("echo", request.encode(), most_alive=100)
    engine.dispose()
    return job_id


def test_sigterm_stops_everything_with_exit_code_0_and_fails_what_ran(server: Server, tmp_path: Path) -> None:
    with server.database() as url, serving(url, tmp_path, workers=1) as served:
        job = _post(served.base, pause=60)["jobID"]
        family = served.family()
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(timeout=30) == 0, "".join(served.log)
        assert gone(family, within_s=2)
        engine = create_engine(driver_url(url), poolclass=NullPool)
        with engine.connect() as connection:
            status = connection.exec_driver_sql("select status from jobs where id = %s", (job,)).scalar()
        engine.dispose()
        assert status == "failed"


def test_a_killed_supervisor_leaves_no_orphan(server: Server, tmp_path: Path) -> None:
    with server.database() as url, serving(url, tmp_path, workers=1) as served:
        _post(served.base, pause=60)
        family = served.family()
        assert len(family) >= 3  # cluster, web worker and Dask worker at least
        served.process.kill()
        assert gone(family, within_s=5)


def test_an_old_schema_is_refused_saying_what_to_run(server: Server, tmp_path: Path) -> None:
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("update schema_version set version_num = '0000'")
        engine.dispose()
        with reserved_port() as port:
            process = start(url, tmp_path, port=port)
            _, log = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "graticule db migrate" in log


def test_a_killed_private_database_is_started_again(tmp_path: Path) -> None:
    with serving("", tmp_path, workers=1) as served:
        assert served.status("/readyz") == 200
        pid = postgis.server_pid(tmp_path)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        served.wait_for_log("the private database has ended")
        served.wait_for_log("the private database runs again")
        eventually(lambda: served.status("/readyz"), lambda status: status == 200)
        assert served.status("/collections/records/items") == 200
        assert postgis.server_pid(tmp_path) not in (None, pid)
