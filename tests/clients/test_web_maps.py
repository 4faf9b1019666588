"""Leaflet with a time plugin, OpenLayers and Cesium draw WMS, WMTS and TMS: each picture beside the array's colours."""

from __future__ import annotations

import json
import shutil
import urllib.request
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from rio_tiler.colormap import cmap

from tests.clients.browser import REPORT, picture
from tests.clients.packages import installed
from tests.support.datasets import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LAYER = "sst.v"
MAY, JUNE = STEPS[1:]
_EDGE = 512
_EARTH = 6_378_137.0
_HALF = np.pi * _EARTH
WORLD = """<!doctype html><meta charset="utf-8"><title>map</title>%(head)s
<style>html,body,#map{margin:0;width:512px;height:512px;background:#fff}</style><div id="map"></div>
<script>%(report)s</script><script type="module">%(script)s</script>"""

LEAFLET = """
const map = L.map("map", {center: [0, 0], zoom: 1, zoomSnap: 0, timeDimension: true, zoomAnimation: false,
  fadeAnimation: false, zoomControl: false, attributionControl: false});
const wms = L.tileLayer.wms("%(base)s/wms", {layers: "sst.v", format: "image/png", transparent: true,
  crossOrigin: "anonymous", bounds: [[-85.06, -180], [85.06, 180]], noWrap: true});
const layer = L.timeDimension.layer.wms(wms, {updateTimeDimension: true, requestTimeFromCapabilities: true});
layer.addTo(map);
const wanted = Date.parse("%(time)s");
setTimeout(function step() {
  const times = map.timeDimension.getAvailableTimes();
  if (times.length === 3 && map.timeDimension.getCurrentTime() !== wanted) map.timeDimension.setCurrentTime(wanted);
  const stamp = encodeURIComponent(new Date(wanted).toISOString());
  const tiles = [...document.querySelectorAll("img.leaflet-tile")].filter((tile) => tile.src.includes(stamp));
  if (tiles.length < 4 || !tiles.every((tile) => tile.complete && tile.naturalWidth)) return setTimeout(step, 200);
  const canvas = Object.assign(document.createElement("canvas"), {width: 512, height: 512});
  for (const tile of tiles) {
    const place = tile.getBoundingClientRect();
    canvas.getContext("2d").drawImage(tile, place.x, place.y);
  }
  report({png: canvas.toDataURL()});
}, 200);
"""
OPENLAYERS = """
const source = await (async () => { %(source)s })();
source.on("tileloaderror", (event) => report({error: "tile " + event.tile.src_}));
const map = new ol.Map({target: "map", controls: [], layers: [new ol.layer.Tile({source})],
  view: new ol.View({projection: "%(projection)s", center: [0, 0], resolution: %(resolution)s})});
map.on("rendercomplete", () => report({png: map.getViewport().querySelector("canvas").toDataURL()}));
"""
OL_WMTS = """
const text = await (await fetch("%(base)s/wmts/1.0.0/WMTSCapabilities.xml")).text();
const options = ol.source.WMTS.optionsFromCapabilities(new ol.format.WMTSCapabilities().read(text), {
  layer: "sst.v", matrixSet: "WebMercatorQuad"});
return new ol.source.WMTS({...options, crossOrigin: "anonymous", dimensions: {Time: "%(time)s"}});
"""
OL_WMS = """
return new ol.source.TileWMS({url: "%(base)s/wms", crossOrigin: "anonymous",
  params: {LAYERS: "sst.v", TIME: "%(time)s", TRANSPARENT: "TRUE"}});
"""
CESIUM = """
const {WebMapServiceImageryProvider, WebMapTileServiceImageryProvider, TileMapServiceImageryProvider} = Cesium;
const provider = %(provider)s;
const canvas = Object.assign(document.createElement("canvas"), {width: 512, height: 512});
for (const [x, y] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
  const image = await provider.requestImage(x, y, 1, new Cesium.Request());
  const context = canvas.getContext("2d");
  context.save();
  if (image instanceof ImageBitmap) { context.translate(0, y * 256 + 256); context.scale(1, -1);
    context.drawImage(image, x * 256, 0); }
  else context.drawImage(image, x * 256, y * 256);
  context.restore();
}
report({png: canvas.toDataURL()});
"""
CESIUM_WMS = """new WebMapServiceImageryProvider({url: "%(base)s/wms", layers: "sst.v",
  tilingScheme: new Cesium.WebMercatorTilingScheme(),
  parameters: {format: "image/png", transparent: true, time: "%(time)s"}})"""
CESIUM_WMTS = """new WebMapTileServiceImageryProvider({
  url: "%(base)s/wmts/1.0.0/sst.v/{Style}/{Time}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.png",
  layer: "sst.v", style: "default", format: "image/png", tileMatrixSetID: "WebMercatorQuad",
  dimensions: {Time: "%(time)s"}, maximumLevel: 5})"""
CESIUM_TMS = """await TileMapServiceImageryProvider.fromUrl("%(base)s/tms/1.0.0/sst.v@WebMercatorQuad@default")"""

Colors = np.ndarray


def colors(base: str, month: str, longitudes: np.ndarray, latitudes: np.ndarray) -> Colors:
    """The colours (latitude, longitude, 3) of `warm_water` in its default style, by its own arithmetic."""
    with urllib.request.urlopen(f"{base}/collections/sst/styles/default?f=json", timeout=60) as answer:
        style: dict[str, Any] = json.load(answer)
    rows = np.clip(np.floor(90 - latitudes), 0, 179)[:, np.newaxis]
    columns = np.clip(np.floor(longitudes + 180), 0, 359)
    values = np.cos(np.radians(rows - 120 + 60 * STEPS.index(month))) * 14 + 14 + np.sin(np.radians(columns * 3))
    low, high = style["range"]
    table = np.array([cmap.get(style["colormap"])[n][:3] for n in range(256)])
    return table[(np.clip((values - low) / (high - low), 0, 1) * 255).astype(int)]


def mercator(base: str, month: str) -> Colors:
    """The world in Web Mercator, 512 x 512 pixels."""
    steps = (np.arange(_EDGE) + 0.5) / _EDGE * 2 * _HALF - _HALF
    return colors(base, month, np.degrees(steps / _EARTH), np.degrees(np.arctan(np.sinh(-steps / _EARTH))))


def degrees(base: str, month: str) -> Colors:
    """180 degrees of the world, 512 x 512 pixels: OpenLayers shows no more than the heights of the world."""
    steps = (np.arange(_EDGE) + 0.5) / _EDGE * 180 - 90
    return colors(base, month, steps, -steps)


def agree(shown: np.ndarray, expected: Colors) -> float:
    """Share of the pixels whose colours are alike."""
    return float((np.abs(shown[:_EDGE, :_EDGE].astype(int) - expected).max(axis=-1) <= 10).mean())


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the packages."""
    wanted = ("ol@10", "leaflet@1.9.4", "leaflet-timedimension@1.1.1", "cesium@1")
    return installed(tmp_path_factory.mktemp("npm"), *wanted)


@pytest.fixture
def draw(modules: Path, tmp_path: Path) -> Callable[[list[str], str], np.ndarray]:
    """Draws a page: files of the packages (paths below their folder), and its script."""

    def drawn(files: list[str], script: str) -> np.ndarray:
        head = []
        for file in files:
            name = file.rpartition("/")[2]
            shutil.copy(modules / file, tmp_path / name)
            is_style = name.endswith(".css")
            head.append(f'<link rel="stylesheet" href="{name}">' if is_style else f'<script src="{name}"></script>')
        image = picture(tmp_path, WORLD % {"head": "".join(head), "report": REPORT, "script": script})
        return np.asarray(image)

    return drawn


LEAFLET_FILES = [
    "leaflet/dist/leaflet.css",
    "leaflet/dist/leaflet.js",
    "iso8601-js-period/iso8601.js",
    "leaflet-timedimension/dist/leaflet.timedimension.src.js",
]
OPENLAYERS_FILES = ["ol/ol.css", "ol/dist/ol.js"]
CESIUM_FILES = ["cesium/Build/Cesium/Cesium.js"]


def test_leaflet_with_a_time_plugin_draws_the_month_that_is_chosen(
    seas: str, draw: Callable[[list[str], str], np.ndarray]
) -> None:
    shown = draw(LEAFLET_FILES, LEAFLET % {"base": seas, "time": MAY})
    assert agree(shown, mercator(seas, MAY)) > 0.97
    assert agree(shown, mercator(seas, JUNE)) < 0.5


@pytest.mark.parametrize("source", [OL_WMTS, OL_WMS], ids=["WMTS", "WMS"])
def test_openlayers_draws_the_month_that_is_chosen(
    seas: str, draw: Callable[[list[str], str], np.ndarray], source: str
) -> None:
    view = {"projection": "EPSG:3857", "resolution": repr(2 * _HALF / _EDGE)}
    shown = draw(OPENLAYERS_FILES, OPENLAYERS % {"source": source % {"base": seas, "time": MAY}, **view})
    assert agree(shown, mercator(seas, MAY)) > 0.97
    assert agree(shown, mercator(seas, MAY)[::-1]) < 0.6


def test_openlayers_draws_a_wms_in_degrees(seas: str, draw: Callable[[list[str], str], np.ndarray]) -> None:
    view = {"projection": "EPSG:4326", "resolution": "180 / 512"}
    shown = draw(OPENLAYERS_FILES, OPENLAYERS % {"source": OL_WMS % {"base": seas, "time": MAY}, **view})
    assert agree(shown, degrees(seas, MAY)) > 0.97


@pytest.mark.parametrize(
    ("provider", "month"),
    [(CESIUM_WMS, MAY), (CESIUM_WMTS, MAY), (CESIUM_TMS, JUNE)],
    ids=["WMS", "WMTS", "TMS"],
)
def test_the_imagery_providers_of_cesium_give_the_tiles(
    seas: str, draw: Callable[[list[str], str], np.ndarray], provider: str, month: str
) -> None:
    shown = draw(CESIUM_FILES, CESIUM % {"provider": provider % {"base": seas, "time": month}})
    assert agree(shown, mercator(seas, month)) > 0.97
