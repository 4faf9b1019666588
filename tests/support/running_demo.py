"""A demo that runs as a user starts it, or one that runs already."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.support.serving import reserved_port

if TYPE_CHECKING:
    from collections.abc import Iterator

START_S: Final = 300


@contextmanager
def running_demo(folder: Path) -> Iterator[str]:
    """The base URL of a demo with its data in a folder; GRATICULE_TEST_CLIENTS_URL names one that runs already."""
    running = os.environ.get("GRATICULE_TEST_CLIENTS_URL")
    if running:
        yield running.rstrip("/")
        return
    with reserved_port() as port, (folder / "log").open("wb") as log:
        url = f"http://localhost:{port}"
        command = [str(Path(sys.executable).parent / "graticule"), "demo", "--port", str(port)]
        environment = {**os.environ, "GRATICULE_DATA_DIR": str(folder / "var")}
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
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


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url + "/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
