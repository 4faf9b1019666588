"""Requests as TerriaJS, ArcGIS, Cesium and Leaflet send them, which cannot all be run here: each gets a picture."""

from __future__ import annotations

import io
import urllib.error
import urllib.request

import pytest
from PIL import Image

SST = "sst.v"
MERCATOR = "-20037508.342789244,0,0,20037508.342789244"
PATTERNS = {
    "TerriaJS, WMS 1.3.0 in Web Mercator": (
        f"/wms?service=WMS&version=1.3.0&request=GetMap&layers={SST}&styles=&format=image%2Fpng&transparent=true"
        f"&tiled=true&crs=EPSG%3A3857&bbox={MERCATOR}&width=256&height=256&time=2006-05-16T12%3A00%3A00Z"
        "&colorscalerange=0,30"
    ),
    "Leaflet, WMS 1.1.1 with milliseconds": (
        f"/wms?service=WMS&request=GetMap&layers={SST}&styles=&format=image%2Fpng&transparent=true&version=1.1.1"
        f"&time=2006-05-16T12:00:00.000Z&width=256&height=256&srs=EPSG%3A3857&bbox={MERCATOR}"
    ),
    "Cesium, WMS 1.1.1 as JPEG": (
        f"/wms?service=WMS&version=1.1.1&request=GetMap&styles=&format=image/jpeg&srs=EPSG:4326&layers={SST}"
        "&bbox=-180,-90,0,90&width=256&height=256&TIME=2006-05-16T12:00:00Z"
    ),
    "Cesium, WMTS by path with a time": f"/wmts/1.0.0/{SST}/default/2006-05-16T12:00:00Z/WebMercatorQuad/1/0/0.png",
    "ArcGIS, WMTS of its own matrix set": (
        f"/wmts?SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetTile&LAYER={SST}&STYLE=default&FORMAT=image/png"
        "&TILEMATRIXSET=WholeWorld_WebMercator&TILEMATRIX=1&TILEROW=0&TILECOL=0"
    ),
    "ArcGIS, XYZ by level, column and row": "/xyz/sst/v/1/0/0.png",
    "ArcGIS, WMS with its own name of Web Mercator": (
        f"/wms?REQUEST=GetMap&SERVICE=WMS&VERSION=1.3.0&LAYERS={SST}&STYLES=default&CRS=EPSG:102100&BBOX={MERCATOR}"
        "&WIDTH=256&HEIGHT=256&FORMAT=image/png&TRANSPARENT=TRUE&DPI=96&MAP_RESOLUTION=96&FORMAT_OPTIONS=dpi:96"
    ),
    "QGIS, WMTS with an unfilled template": f"/wmts/1.0.0/{SST}/default/%7BTime%7D/GoogleMapsCompatible/1/0/0.png",
    "a program for Tianditu, set c": (
        f"/wmts?service=wmts&request=GetTile&version=1.0.0&LAYER={SST}&tileMatrixSet=c&TileMatrix=2&TileRow=0&TileCol=1"
        "&style=default&format=image/png"
    ),
    "MapLibre, WMS as a raster source": (
        f"/wms?bbox={MERCATOR}&format=image/png&service=WMS&version=1.1.1&request=GetMap&srs=EPSG:3857"
        f"&transparent=true&width=256&height=256&layers={SST}&styles="
    ),
}


def asked(url: str) -> urllib.request.Request:
    """A request of a page of another origin."""
    return urllib.request.Request(url, headers={"Origin": "https://maps.example"})


@pytest.mark.parametrize("name", PATTERNS)
def test_the_request_of_a_client_gets_a_picture(seas: str, name: str) -> None:
    with urllib.request.urlopen(asked(seas + PATTERNS[name]), timeout=60) as answer:
        content = answer.read()
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    image = Image.open(io.BytesIO(content))
    assert image.size == (256, 256)
    assert len(image.convert("RGB").getcolors(maxcolors=1 << 20) or []) > 20


def test_terria_charts_a_click(seas: str) -> None:
    """`GetTimeseries` is what makes TerriaJS draw a chart."""
    url = (
        f"{seas}/wms?service=WMS&version=1.1.1&request=GetTimeseries&layers={SST}&query_layers={SST}&styles="
        "&srs=EPSG:4326&bbox=-40,0,-20,20&width=100&height=100&x=50&y=50&info_format=text/csv"
        "&time=2006-01-01T00:00:00Z/2006-12-31T00:00:00Z"
    )
    with urllib.request.urlopen(url, timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    assert len(lines) > 3
    assert lines[0].lower().startswith("time")


def test_an_error_can_be_read_by_a_page_of_another_origin(seas: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(asked(f"{seas}/wmts/1.0.0/absent/default/WebMercatorQuad/0/0/0.png"), timeout=60)
    assert refusal.value.headers["Access-Control-Allow-Origin"] == "*"
    refusal.value.close()
