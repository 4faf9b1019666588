"""A page on an origin of its own in headless Chromium, which reports its picture back."""

from __future__ import annotations

import base64
import http.server
import io
import json
import queue
import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.clients.conftest import program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAIT_S = 90
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--window-size=600,600",
    "--remote-debugging-port=0",
)

REPORT = """
const report = (found) => fetch("/report", {method: "POST", body: JSON.stringify(found)});
addEventListener("error", (event) => report({error: event.message}));
addEventListener("unhandledrejection", (event) => report({error: String(event.reason)}));
"""
"""The script's beginning: `report({png: dataURL})` or `report({error: text})` ends the test."""


class _Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *arguments: Any, reports: queue.Queue[dict[str, str]], **options: Any) -> None:
        self._reports = reports
        super().__init__(*arguments, **options)

    def do_POST(self) -> None:
        self._reports.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base class's
        """Say nothing."""


@contextmanager
def _serving(folder: Path, reports: queue.Queue[dict[str, str]]) -> Iterator[str]:
    handler = partial(_Handler, directory=str(folder), reports=reports)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def picture(folder: Path, page: str) -> Image.Image:
    """What `page`, an HTML text beside the files of `folder`, reports; fails on an error that it reports."""
    chromium = program("chromium")
    (folder / "map.html").write_text(page)
    reports: queue.Queue[dict[str, str]] = queue.Queue()
    with _serving(folder, reports) as origin:
        command = [chromium, *_FLAGS, f"--user-data-dir={folder / 'profile'}", origin + "/map.html"]
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            found = reports.get(timeout=WAIT_S)
        except queue.Empty:
            pytest.fail(f"the page reported nothing for {WAIT_S} s")
        finally:
            browser.terminate()
            browser.wait(timeout=30)
    assert "error" not in found, found
    return Image.open(io.BytesIO(base64.b64decode(found["png"].partition(",")[2]))).convert("RGB")
