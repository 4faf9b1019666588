"""A server as an operator starts it: `graticule serve` in a process of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START_S = 60


@dataclass
class Serving:
    """A running server.

    Attributes:
        log: Lines of its standard error so far.
        libraries: What each of its web workers had mapped into memory before the first request.
    """

    process: subprocess.Popen[str]
    port: int
    log: list[str] = field(default_factory=list)
    libraries: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}"

    def status(self, path: str) -> int:
        """The status of a GET request on a connection of its own."""
        try:
            with urllib.request.urlopen(self.base + path, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def workers(self) -> list[psutil.Process]:
        """Its web workers."""
        return [child for child in self.family() if "services.serving.worker" in _command(child)]

    def family(self) -> list[psutil.Process]:
        """Every process that descends from it."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return list(psutil.Process(self.process.pid).children(recursive=True))
        return []

    def wait_for_log(self, text: str, *, times: int = 1) -> None:
        """Wait until a text stands in its log so many times."""
        end = time.monotonic() + START_S
        while sum(text in line for line in self.log) < times:
            assert self.process.poll() is None, "".join(self.log)
            assert time.monotonic() < end, "".join(self.log)
            time.sleep(0.05)


@contextmanager
def serving(database_url: str, folder: Path, *, workers: int = 2, **settings: str) -> Iterator[Serving]:
    """A server on a port of its own, which serves when the block begins and is killed at its end if it still runs.

    Settings are named as fields: `serve_restricted="true"`.
    """
    with reserved_port() as port:
        process = start(database_url, folder, port=port, workers=workers, **settings)
        server = Serving(process=process, port=port)
        with _ended(server):
            server.wait_for_log("serving ")
            server.libraries = [" ".join(file.path for file in worker.memory_maps()) for worker in server.workers()]
            yield server


@contextmanager
def _ended(server: Serving) -> Iterator[None]:
    """Collect the log of a server, and kill it with all that descends from it at the end."""
    process = server.process
    reader = threading.Thread(target=_read, args=(process, server.log), daemon=True)
    reader.start()
    try:
        yield
    finally:
        family = server.family()
        process.kill()
        process.wait()
        reader.join(timeout=5)
        assert process.stderr is not None
        process.stderr.close()
        psutil.wait_procs(family, timeout=10)


def start(database_url: str, folder: Path, *, port: int, workers: int = 2, **settings: str) -> subprocess.Popen[str]:
    """Start `graticule serve`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GRATICULE_")}
    environment |= {"GRATICULE_DATABASE_URL": database_url, "GRATICULE_DATA_DIR": str(folder)}
    environment |= {f"GRATICULE_{name.upper()}": value for name, value in settings.items()}
    words = [sys.executable, "-m", "services.cli", "serve", "--port", str(port), "--workers", str(workers)]
    return subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True)


@contextmanager
def reserved_port() -> Iterator[int]:
    """A port of 127.0.0.1 that the system gives to nobody else while the block runs.

    It stays bound, but nobody listens: a server that sets SO_REUSEADDR, as ours and nginx do, may bind it too.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])


def gone(processes: list[psutil.Process], *, within_s: float) -> bool:
    """Whether all of the processes have ended in time."""
    _, alive = psutil.wait_procs(processes, timeout=within_s)
    return not [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _read(process: subprocess.Popen[str], log: list[str]) -> None:
    assert process.stderr is not None
    with contextlib.suppress(ValueError):  # the pipe is closed
        log.extend(iter(process.stderr.readline, ""))
