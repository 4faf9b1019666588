"""MapLibre GL in headless Chromium draws the TileJSON, from a page of another origin."""

from __future__ import annotations

import http.server
import shutil
import subprocess
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.clients.conftest import program

if TYPE_CHECKING:
    from collections.abc import Iterator

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--hide-scrollbars",
    "--window-size=600,600",
    "--virtual-time-budget=20000",
)

LIBRARY = Path(__file__).parents[2] / "services" / "portal" / "static" / "vendor" / "maplibre-gl"
PAGE = """<!doctype html><meta charset="utf-8"><title>map</title>
<link rel="stylesheet" href="maplibre-gl.css">
<style>html,body,#map{{margin:0;width:600px;height:600px;background:#fff}}</style><div id="map"></div>
<script type="module">
import {{ Map, setWorkerUrl }} from "./maplibre-gl.mjs";
setWorkerUrl(new URL("./maplibre-gl-worker.mjs", import.meta.url).href);
const map = new Map({{container: "map", center: [0, 20], zoom: 0.5, attributionControl: false,
  style: {{version: 8, layers: [{{id: "data", type: "raster", source: "data"}}],
           sources: {{data: {{type: "raster", url: "{tilejson}", tileSize: 256}}}}}}}});
map.on("error", (event) => {{ document.body.dataset.error = event.error.message; }});
map.once("idle", () => {{ document.body.dataset.state = "drawn"; }});
</script>"""


@pytest.fixture
def page(demo: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a page on an origin of its own, so that CORS is used."""
    tilejson = demo + "/xyz/linke-turbidity/linke_turbidity/tilejson.json"
    for file in LIBRARY.iterdir():
        shutil.copy(file, tmp_path)
    (tmp_path / "map.html").write_text(PAGE.format(tilejson=tilejson))
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/map.html"
        server.shutdown()


def test_maplibre_draws_the_tilejson(page: str, tmp_path: Path) -> None:
    chromium = program("chromium")
    shot = tmp_path / "map.png"
    common = [chromium, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}"]
    dom = subprocess.run([*common, "--dump-dom", page], capture_output=True, text=True, check=True, timeout=110).stdout
    assert 'data-state="drawn"' in dom
    assert "data-error" not in dom
    subprocess.run([*common, f"--screenshot={shot}", page], capture_output=True, check=True, timeout=110)
    with Image.open(shot) as image:
        assert len(image.convert("RGB").getcolors(maxcolors=1 << 20) or []) > 100
