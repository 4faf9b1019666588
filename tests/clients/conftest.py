"""A running demo, and how a missing client is reported."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import gridded
from tests.support.catalogues import catalogue_of
from tests.support.listening import listening
from tests.support.serving import reserved_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Server

START_S = 300


def program(name: str) -> str:
    """The path of a client's program, or skip, saying that the client was not run."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"not run: {name} is not installed")
    return path


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url + "/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session", autouse=True)
def _gdal_caches_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """GDAL keeps tiles in the current folder, also for QGIS, unless it is told where."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("GDAL_DEFAULT_WMS_CACHE_PATH", str(tmp_path_factory.mktemp("tiles")))
        yield


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a running demo."""
    running = os.environ.get("GRATICULE_TEST_CLIENTS_URL")
    if running:
        yield running.rstrip("/")
        return
    folder = tmp_path_factory.mktemp("demo")
    with reserved_port() as port, (folder / "log").open("wb") as log:
        url = f"http://localhost:{port}"
        command = [str(Path(sys.executable).parent / "graticule"), "demo", "--port", str(port)]
        server = subprocess.Popen(
            command, env={**os.environ, "GRATICULE_DATA_DIR": str(folder / "var")}, stdout=log, stderr=log
        )
        try:
            deadline = time.monotonic() + START_S
            while not _is_ready(url):
                assert server.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.5)
            yield url
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=60) == 0


@pytest.fixture(scope="session")
def arrays(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of an application over the datasets of `tests.support.gridded`."""
    made = (gridded.daily, gridded.ocean, gridded.polar, gridded.year360, gridded.long)
    with catalogue_of(server, tmp_path_factory.mktemp("arrays"), *made) as settings, listening(settings) as base:
        yield base


def output(*command: str, folder: Path | None = None) -> str:
    """What a program prints; it must succeed. Skips, saying so, if the machine does not have it."""
    done = subprocess.run(
        [program(command[0]), *command[1:]],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
        cwd=folder,
        env={**os.environ, "no_proxy": "127.0.0.1,localhost"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
