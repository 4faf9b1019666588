"""MapLibre GL in headless Chromium draws the TileJSON, from a page of another origin."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.clients.browser import REPORT, picture
from tests.support.paths import ROOT

LIBRARY = ROOT / "services" / "portal" / "static" / "vendor" / "maplibre-gl"
PAGE = """<!doctype html><meta charset="utf-8"><title>map</title>
<link rel="stylesheet" href="maplibre-gl.css">
<style>html,body,#map{margin:0;width:600px;height:600px}</style><div id="map"></div>
<script type="module">
import { Map, setWorkerUrl } from "./maplibre-gl.mjs";
%(report)s
setWorkerUrl(new URL("./maplibre-gl-worker.mjs", import.meta.url).href);
const map = new Map({container: "map", center: [0, 20], zoom: 0.5, attributionControl: false,
  canvasContextAttributes: {preserveDrawingBuffer: true},
  style: {version: 8,
    layers: [{id: "ground", type: "background", paint: {"background-color": "#0000ff"}},
             {id: "data", type: "raster", source: "data"}],
    sources: {data: {type: "raster", url: "%(tilejson)s", tileSize: 256}}}});
map.on("error", (event) => report({error: event.error.message}));
map.once("idle", () => report({png: map.getCanvas().toDataURL()}));
</script>"""


@pytest.mark.parametrize("layer", ["linke-turbidity/linke_turbidity", "sea-surface-temperature/surface_temperature"])
def test_maplibre_draws_the_tilejson_on_a_page_of_another_origin(demo: str, tmp_path: Path, layer: str) -> None:
    for file in LIBRARY.iterdir():
        shutil.copy(file, tmp_path)
    image = picture(tmp_path, PAGE % {"report": REPORT, "tilejson": f"{demo}/xyz/{layer}/tilejson.json"})
    assert len(image.getcolors(maxcolors=1 << 20) or []) > 100
