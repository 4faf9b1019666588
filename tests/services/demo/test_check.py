"""What the demo's check accepts, and what it does not."""

from __future__ import annotations

import threading
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from services.demo.check import check
from services.demo.links import Link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.demo.links import Kind


def png(*, painted: bool) -> bytes:
    pixels = np.zeros((4, 64, 64), "uint8")
    if painted:
        pixels[0] = np.arange(64)
        pixels[3] = 255
    with MemoryFile() as memory:
        with memory.open(driver="PNG", width=64, height=64, count=4, dtype="uint8") as image:
            image.write(pixels)
        return bytes(memory.read())


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """A web server that answers some good and some bad things; yields its base URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        answers = {
            "/good/0/0/0.png": ("image/png", png(painted=True)),
            "/blank/0/0/0.png": ("image/png", png(painted=False)),
            "/mislabelled/0/0/0.png": ("text/plain", png(painted=True)),
            "/document": ("application/json", b'{"links": [1]}'),
            "/empty": ("application/json", b'{"links": []}'),
            "/cut": ("image/tiff; application=geotiff", b"II*\0"),
        }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            type_, body = answers.get(self.path, ("text/plain", b"?"))
            self.send_response(200 if self.path in answers else 500)
            self.send_header("Content-Type", type_)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "kind", "ok"),
    [
        ("/good/{z}/{x}/{y}.png", "tile", True),
        ("/blank/{z}/{x}/{y}.png", "tile", False),
        ("/mislabelled/{z}/{x}/{y}.png", "tile", False),
        ("/missing", "json", False),
        ("/document", "json", True),
        ("/empty", "json", False),
        ("/cut", "geotiff", False),
    ],
)
def test_a_link_is_right_only_with_the_right_content(site: str, path: str, kind: Kind, *, ok: bool) -> None:
    expected = ("links",) if kind == "json" else ()
    finding = check(Link(title="It", url=site + path, kind=kind, expected=expected))
    assert finding.ok == ok, finding.line
