"""What the demo's check accepts, and what it does not."""

from __future__ import annotations

import json
import threading
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import morecantile
import numpy as np
import pytest
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from services.demo.check import check, tile_at
from services.demo.links import DemoLink, middle

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


def tilejson(template: str) -> bytes:
    document = {"tilejson": "3.0.0", "tiles": [template], "maxzoom": 3, "center": [10.0, 10.0, 1]}
    return json.dumps(document).encode()


def styles(legend: str) -> bytes:
    link = {"rel": "http://www.opengis.net/def/rel/ogc/1.0/legend", "href": legend, "type": "application/json"}
    return json.dumps({"default": "a", "styles": [{"id": "a", "links": [link]}]}).encode()


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
            **{f"/blank/{place}.png": ("image/png", png(painted=False)) for place in ("1/1/0", "2/2/1", "3/4/3")},
            "/two/3/4/3.png": ("image/png", png(painted=False)),
            "/two/2/2/1.png": ("image/png", png(painted=True)),
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
        base = f"http://127.0.0.1:{server.server_port}"
        answers |= {
            "/tilejson": ("application/json", tilejson(base + "/two/{z}/{x}/{y}.png")),
            "/tilejson-blank": ("application/json", tilejson(base + "/blank/{z}/{x}/{y}.png")),
            "/styles": ("application/json", styles(base + "/document")),
            "/styles-broken": ("application/json", styles(base + "/missing")),
        }
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield base
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
        ("/tilejson", "tilejson", True),
        ("/tilejson-blank", "tilejson", False),
        ("/styles", "styles", True),
        ("/styles-broken", "styles", False),
    ],
)
def test_a_link_is_right_only_with_the_right_content(site: str, path: str, kind: Kind, *, ok: bool) -> None:
    expected = ("links",) if kind == "json" else ()
    finding = check(DemoLink(title="It", url=site + path, kind=kind, expected=expected))
    assert finding.ok == ok, finding.line


@pytest.mark.parametrize(
    ("bbox", "expected"),
    [
        ((-180.0, -90.0, 180.0, 90.0), (0.0, 0.0, 0)),
        ((-70.25, 12.25, -69.75, 12.75), (-70.0, 12.5, 9)),
        ((170.0, -20.0, -170.0, 0.0), (-180.0, -10.0, 4)),
        ((5.0, 5.0, 5.0, 5.0), (5.0, 5.0, 22)),
    ],
)
def test_a_dataset_is_looked_at_where_and_how_large_it_is(
    bbox: tuple[float, float, float, float], expected: tuple[float, float, int]
) -> None:
    assert middle(bbox) == expected


@pytest.mark.parametrize(
    ("place", "zoom"), [((0.0, 0.0), 0), ((-27.7, 49.0), 5), ((179.9, -85.0), 7), ((180.0, 89.9), 3)]
)
def test_a_place_lies_in_the_tile_that_morecantile_finds(place: tuple[float, float], zoom: int) -> None:
    expected = morecantile.tms.get("WebMercatorQuad").tile(*place, zoom, truncate=True)
    assert tile_at(*place, zoom) == (expected.x, expected.y)
