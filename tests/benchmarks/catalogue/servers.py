"""The server that is measured, the database under it, and what both cost."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
import psycopg

from config.settings import Settings
from records.database.engine import libpq_url
from services.serving.database import database
from tests.support.serving import reserved_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_START_S = 120
_SETTLED = 0.05
"""Share of one core that a server without requests may use."""
_LOOK_S = 3


@dataclass(frozen=True, kw_only=True)
class Database:
    """The private cluster of a data directory."""

    url: str
    postmaster: psutil.Process

    def cpu_s(self) -> float:
        """Seconds of CPU of all its processes, ended ones too."""
        return tree_cpu_s(self.postmaster)


@contextmanager
def running(data_dir: Path) -> Iterator[Database]:
    """The cluster of a data directory, which every command and server on that directory shares."""
    with database(Settings(data_dir=data_dir)) as url, psycopg.connect(libpq_url(url), autocommit=True) as connection:
        backend = psutil.Process(connection.info.backend_pid)
        postmaster = backend.parent()
        assert postmaster is not None
        yield Database(url=url, postmaster=postmaster)


def environment(data_dir: Path) -> dict[str, str]:
    """The environment of a command on a data directory."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRATICULE_")}
    return kept | {"GRATICULE_DATA_DIR": str(data_dir)}


@dataclass(frozen=True, kw_only=True)
class Server:
    """`graticule serve` on that directory."""

    base: str
    process: psutil.Process

    def cpu_s(self) -> float:
        """Seconds of CPU of the supervisor and of everything it started."""
        return tree_cpu_s(self.process)

    def settle(self) -> float:
        """Wait until what starts behind the web workers has started; the share of one core that is used then."""
        end = time.monotonic() + _START_S
        while True:
            before = self.cpu_s()
            time.sleep(_LOOK_S)
            share = (self.cpu_s() - before) / _LOOK_S
            if share < _SETTLED or time.monotonic() > end:
                return share

    def workers_mb(self) -> list[float]:
        """Resident memory of each web worker."""
        family = self.process.children(recursive=True)
        workers = [child for child in family if "services.serving.worker" in child.cmdline()]
        return [worker.memory_info().rss / 2**20 for worker in workers]


@contextmanager
def serving(data_dir: Path, workers: int) -> Iterator[Server]:
    """A server, which answers when the block begins."""
    with reserved_port() as port:
        words = [sys.executable, "-m", "services.cli", "serve", "--port", str(port), "--workers", str(workers)]
        with (data_dir / "serve.log").open("wb") as log:
            process = subprocess.Popen(words, env=environment(data_dir), stdout=log, stderr=log)
        try:
            base = f"http://127.0.0.1:{port}"
            _wait(base, process)
            yield Server(base=base, process=psutil.Process(process.pid))
        finally:
            process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def tree_cpu_s(root: psutil.Process) -> float:
    """Seconds of CPU of a process, its living descendants, and those of them that ended and were waited for."""
    total = 0.0
    for process in [root, *root.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])
    return total


def _wait(base: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_S
    while True:
        try:
            with urllib.request.urlopen(base + "/healthz", timeout=5):
                return
        except OSError:
            if time.monotonic() > end or process.poll() is not None:
                raise
            time.sleep(0.2)
