"""Jobs on a cluster of three hosts with an address each: one of them dies in the middle, and the answer is right."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pytest
from distributed import Client

from tests.stress.test_split_jobs import DAYS, WORLD, asked, ended, publish, waited
from tests.support.hosts import hosts, why_no_hosts
from tests.support.network import BRIDGE_ADDRESS
from tests.support.serving import reserved_port, serving
from tests.support.zones import EXECUTION, body

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.hosts import Host

pytestmark = [
    pytest.mark.skipif(bool(why_no_hosts()), reason=why_no_hosts() or "root"),
    pytest.mark.timeout(900),
]
REQUEST = body("large", WORLD, datetime="2020-01-01/2020-01-31", statistics=["count", "mean"])
CELLS = 4096 * 8192


class Workers:
    """Dask workers on hosts, of one thread each, and the scheduler that they know."""

    def __init__(self, scheduler: str) -> None:
        self.scheduler = scheduler
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, host: Host) -> subprocess.Popen[bytes]:
        """Start a worker on a host, with room for one job in the background beside its parts."""
        words = (
            *(sys.executable, "-m", "dask", "worker", self.scheduler, "--host", host.address, "--no-dashboard"),
            *("--nthreads", "1", "--memory-limit", "2GiB", "--resources", "background=1", "--name", host.name),
        )
        process = host.start(words)
        self.running.append(process)
        return process

    def wait(self, count: int) -> None:
        """Wait until the scheduler knows so many."""
        with Client(self.scheduler, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=120)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a host's worker with its nanny and its children, as a power cut does."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def cluster() -> Iterator[Workers]:
    """A scheduler on the bridge, and no workers."""
    with ExitStack() as undo:
        port = undo.enter_context(reserved_port())
        address = f"tcp://{BRIDGE_ADDRESS}:{port}"
        words = [sys.executable, "-m", "dask", "scheduler", "--host", BRIDGE_ADDRESS, "--port", str(port)]
        words.append("--no-dashboard")
        scheduler = subprocess.Popen(words, stderr=subprocess.DEVNULL, start_new_session=True)
        workers = Workers(address)

        def end() -> None:
            for process in [*workers.running, scheduler]:
                if process.poll() is None:
                    workers.kill(process)

        undo.callback(end)
        yield workers


def test_a_host_dies_in_the_middle_and_the_answer_is_right(database_url: str, tmp_path: Path) -> None:
    with hosts(3) as made, cluster() as workers:
        victims = [workers.start(host) for host in made]
        workers.wait(3)
        with serving(database_url, tmp_path, dask_scheduler=workers.scheduler) as served:
            publish(database_url, tmp_path / "store")
            here = f"{served.base}/jobs/{asked(served.base + EXECUTION, REQUEST)['jobID']}"
            waited(here, lambda status: "parts are done" in status["message"] and status["progress"] > 20)
            with Client(workers.scheduler, set_as_default=False) as client:
                processing = client.processing()
                addresses = {each["host"] for each in client.scheduler_info()["workers"].values()}
                jobs_own = next((who for who, keys in processing.items() if any("job-" in str(k) for k in keys)), "")
            assert addresses == {host.address for host in made}
            spare = next(number for number, host in enumerate(made) if host.address not in jobs_own)
            workers.kill(victims[spare])
            status = waited(here, ended)
            assert status["status"] == "successful", (status, "".join(served.log))
            rows = asked(f"{here}/results")["rows"]
    assert len(rows) == DAYS
    assert {(row["statistics"]["count"], row["statistics"]["mean"]) for row in rows} == {(CELLS, np.float64(1.0))}


def test_more_workers_finish_a_job_sooner(database_url: str, tmp_path: Path) -> None:
    """Wall seconds of one job on 1, 2 and 4 workers; of no use beyond the cores of the machine."""
    request = body("large", WORLD, datetime="2020-01-01/2020-01-12", statistics=["count", "mean"])
    cores = os.process_cpu_count() or 1
    seconds: dict[int, float] = {}
    with hosts(4) as made, cluster() as workers:
        workers.start(made[0])
        workers.wait(1)
        with serving(database_url, tmp_path, dask_scheduler=workers.scheduler) as served:
            publish(database_url, tmp_path / "store")
            for count in (1, 2, 4):
                while len(workers.running) < count:
                    workers.start(made[len(workers.running)])
                workers.wait(count)
                for _ in range(2):  # the first time each worker imports what it needs
                    began = time.monotonic()
                    here = f"{served.base}/jobs/{asked(served.base + EXECUTION, request)['jobID']}"
                    status = waited(here, ended)
                    seconds[count] = time.monotonic() - began
                    assert status["status"] == "successful", status
    for count, taken in seconds.items():
        print(f"{count} workers: {taken:.1f} s, {seconds[1] / taken:.2f} times one, on {cores} cores")
    if cores > 1:
        assert seconds[2] < seconds[1]
