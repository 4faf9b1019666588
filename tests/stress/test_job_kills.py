"""Every kind of job, when the processes of the server are killed in the middle of it.

A job that says it succeeded has the answer of an undisturbed run and whole files; one that failed says why, and neither
leaves anything half-published or in the staging area. Run with `make stress ARGS="-k job_kills -s"`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import psutil
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.errors import CollectionNotFound
from records.access.tokens import PUBLISH, TokenStore
from records.database.engine import driver_url
from records.datasets.repository import Repository
from tests.stress.job_kinds import KINDS, publish_waters, write_features
from tests.support.serving import gone, serving
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.stress.job_kinds import JobKind
    from tests.support.database import Server
    from tests.support.serving import Serving

PATIENCE_S: Final = 400
VICTIMS: Final = ("web workers", "scheduler", "workers")
_OWN: Final = ("expires", "seconds", "href", "bytes", "sha256", "estimated_bytes")
"""Members of an answer that differ from run to run; the files are compared with them for themselves."""
_LEAST: Final = 7
"""Kinds that must be in the middle when the processes are killed; how long a job takes depends on the machine."""
pytestmark = pytest.mark.timeout(3 * PATIENCE_S)


@dataclass(frozen=True)
class Site:
    """A running server, its store and what undisturbed jobs answered."""

    served: Serving
    store: Path
    url: str
    token: str
    answers: dict[str, Any]

    def start(self, kind: JobKind) -> str:
        """Start a job; returns its id."""
        if kind.publishes:
            self.withdraw(kind.publishes)
        headers = {"Prefer": "respond-async", "Authorization": f"Bearer {self.token}"}
        body = json.dumps(kind.body).encode()
        address = f"{self.served.base}/processes/{kind.process}/execution"

        def accepted() -> str:
            try:
                with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=60) as answer:
                    return str(json.load(answer)["jobID"])
            except urllib.error.HTTPError as error:  # the cluster may be on its way back
                if error.code not in (500, 503):
                    raise
            except OSError:
                pass
            return ""

        return eventually(accepted, bool, within_s=60)

    def status(self, job: str) -> dict[str, Any]:
        """The status of a job, of a server that may be on its way back."""

        def status() -> dict[str, Any]:
            try:
                return dict(self.json(f"/jobs/{job}"))
            except OSError:
                return {}

        return eventually(status, bool, within_s=60)

    def json(self, path: str) -> Any:
        """A JSON document of the server."""
        with urllib.request.urlopen(self.served.base + path, timeout=60) as answer:
            return json.load(answer)

    def end(self, job: str) -> dict[str, Any]:
        """The status of a job that has ended."""
        end = time.monotonic() + PATIENCE_S
        while (status := self.status(job))["status"] in ("accepted", "running"):
            assert time.monotonic() < end, (status, "".join(self.served.log[-50:]))
            time.sleep(0.1)
        return status

    def withdraw(self, dataset: str) -> None:
        """Remove a collection, if it is there, and tell the web workers."""
        engine = create_engine(driver_url(self.url), poolclass=NullPool)
        with contextlib.suppress(CollectionNotFound):
            Repository(engine).remove(dataset)
        engine.dispose()

    def staged(self, job: str) -> list[Path]:
        """The files of a job in the staging area."""
        return [path for path in (self.store / ".staging" / job).rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    vectors = folder / "vectors"
    write_features(vectors)
    settings = {"dask_threads": "12", "dask_memory_limit": "3GiB", "vector_folder": str(vectors)}
    with server.database() as url, serving(url, folder, workers=1, **settings) as served:
        publish_waters(url, folder / "store")
        engine = create_engine(driver_url(url), poolclass=NullPool)
        token = TokenStore(engine).create("publisher", [PUBLISH])[1]
        engine.dispose()
        site = Site(served, folder / "store", url, token, {})
        jobs = {name: site.start(kind) for name, kind in KINDS.items()}
        for name, job in jobs.items():
            assert site.end(job)["status"] == "successful", (name, site.status(job))
            site.answers[name] = answer(site, job)
        yield site


@pytest.mark.parametrize("victim", VICTIMS)
def test_states_end_true_and_nothing_is_left_half_done(site: Site, victim: str) -> None:
    jobs = {name: site.start(kind) for name, kind in KINDS.items()}
    for name, job in jobs.items():
        wait_for_the_middle(site, name, job)
    killed = victims(site.served, victim)
    was = {name: site.status(job) for name, job in jobs.items()}
    for process in killed:
        process.kill()
    assert killed
    assert gone(killed, within_s=10)
    ends = {name: site.end(job) for name, job in jobs.items()}
    for name, status in ends.items():
        print(f"{victim}, {name}: {was[name]['status']} at {was[name]['progress']} % -> {status['status']}")
    for name, status in ends.items():
        check(site, name, KINDS[name], status, victim)
    assert sum(status["status"] == "running" for status in was.values()) >= _LEAST, was


def wait_for_the_middle(site: Site, name: str, job: str) -> None:
    """Wait until a job runs and has begun to compute or write."""
    end = time.monotonic() + PATIENCE_S
    while True:
        status = site.status(job)
        has_begun = status["status"] == "running" and (status["progress"] >= 1 or site.staged(job))
        if has_begun or status["status"] == "successful":
            return
        assert time.monotonic() < end, (name, status)
        time.sleep(0.05)


def victims(served: Serving, victim: str) -> list[psutil.Process]:
    """The processes that are killed."""
    if victim == "web workers":
        return served.workers()
    [cluster] = [child for child in served.family() if "services.serving.cluster" in child.cmdline()]
    return [cluster] if victim == "scheduler" else dask_workers(cluster)


def dask_workers(cluster: psutil.Process) -> list[psutil.Process]:
    """The processes of the workers of a cluster, without the children that compute for them."""
    return [child for child in cluster.children() if any("spawn_main" in word for word in child.cmdline())]


def check(site: Site, name: str, kind: JobKind, status: dict[str, Any], victim: str) -> None:
    """What a job says is so."""
    job = status["jobID"]
    if victim != "scheduler":
        assert status["status"] == "successful", (name, status)
    if status["status"] == "successful":
        assert answer(site, job) == site.answers[name], name
        hidden = [path for path in site.staged(job) if re.search(r"/\.(attempt|scratch)-", str(path))]
        assert hidden == [], name
    else:
        assert status["status"] == "failed", (name, status)
        assert "lost; execute the process again" in status["message"], (name, status)
        eventually(lambda: site.staged(job), lambda files: not files, within_s=90)
    if kind.publishes:
        expected = 200 if status["status"] == "successful" else 404
        assert site.served.status(f"/collections/{kind.publishes}") == expected, (name, status)


def answer(site: Site, job: str) -> Any:
    """The result of a job without what differs from run to run; its files are whole."""
    document = site.json(f"/jobs/{job}/results")
    for link in links(document):
        with urllib.request.urlopen(link["href"].replace("http://localhost:8080", site.served.base)) as file:
            body = file.read()
        assert (len(body), hashlib.sha256(body).hexdigest()) == (link["bytes"], link["sha256"]), link
    return stable(document)


def links(document: Any) -> Iterator[dict[str, Any]]:
    """The links to files in a document."""
    if isinstance(document, dict):
        if "href" in document and "sha256" in document:
            yield document
        for member in document.values():
            yield from links(member)
    elif isinstance(document, list):
        for member in document:
            yield from links(member)


def stable(document: Any) -> Any:
    """A document without the members that differ from run to run."""
    if isinstance(document, dict):
        return {name: stable(member) for name, member in document.items() if name not in _OWN}
    return [stable(member) for member in document] if isinstance(document, list) else document
