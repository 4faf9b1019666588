"""OpenLayers reads OGC API tilesets (its source OGCMapTile) from a page of another origin."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.clients.browser import REPORT, picture
from tests.clients.packages import installed

VERSION = "10"
PAGE = """<!doctype html><meta charset="utf-8"><title>map</title>
<link rel="stylesheet" href="ol.css">
<style>html,body,#map{margin:0;width:600px;height:600px}</style><div id="map"></div>
<script src="ol.js"></script>
<script type="module">
%(report)s
const source = new ol.source.OGCMapTile({url: "%(tileset)s", crossOrigin: "anonymous"});
source.on("tileloaderror", (event) => report({error: "tile " + event.tile.src_}));
source.on("change", () => { if (source.getState() === "error") report({error: "the tileset cannot be read"}); });
const map = new ol.Map({target: "map", controls: [], layers: [new ol.layer.Tile({source})],
  view: new ol.View({projection: "%(projection)s", center: [0, 0], resolution: %(resolution)s})});
map.on("rendercomplete", () => {
  if (source.getState() === "ready") report({png: map.getViewport().querySelector("canvas").toDataURL()});
});
</script>"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of OpenLayers' build, installed by npm for this run alone."""
    return installed(tmp_path_factory.mktemp("openlayers"), f"ol@{VERSION}") / "ol"


@pytest.mark.parametrize(
    "view",
    [
        {"set": "WebMercatorQuad", "projection": "EPSG:3857", "resolution": "66000"},
        {"set": "WorldCRS84Quad", "projection": "EPSG:4326", "resolution": "0.6"},
    ],
)
def test_openlayers_draws_the_tileset(demo: str, library: Path, tmp_path: Path, view: dict[str, str]) -> None:
    shutil.copy(library / "dist" / "ol.js", tmp_path)
    shutil.copy(library / "ol.css", tmp_path)
    tileset = f"{demo}/collections/linke-turbidity/map/tiles/{view['set']}"
    image = picture(tmp_path, PAGE % {"report": REPORT, "tileset": tileset, **view})
    assert len(image.getcolors(maxcolors=1 << 20) or []) > 100
