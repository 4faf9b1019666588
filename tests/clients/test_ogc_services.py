"""GDAL and OWSLib read WMS, WMTS and WCS of a running demo."""

from __future__ import annotations

import io
import subprocess
import urllib.request
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.io import MemoryFile

from tests.clients.conftest import program

if TYPE_CHECKING:
    from pathlib import Path

wcs = pytest.importorskip("owslib.wcs", reason="not run: OWSLib is not installed")
wms = pytest.importorskip("owslib.wms", reason="not run: OWSLib is not installed")
wmts = pytest.importorskip("owslib.wmts", reason="not run: OWSLib is not installed")

SST = "sea-surface-temperature.surface_temperature"
MAY = "2006-05-16T12:00:00Z"


def gdal(name: str, *arguments: str) -> str:
    """What a program of GDAL prints."""
    done = subprocess.run([program(name), *arguments], capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout


def native(demo: str) -> np.ndarray:
    """The stored cells of the latest month."""
    with urllib.request.urlopen(f"{demo}/collections/sea-surface-temperature/coverage?f=geotiff", timeout=60) as answer:
        content = answer.read()
    with MemoryFile(content) as file, file.open() as source:
        values: np.ndarray = source.read(1)
    return values


@pytest.mark.parametrize("version", ["2.0.1", "1.0.0"])
def test_gdal_reads_every_cell_of_a_wcs(demo: str, tmp_path: Path, version: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # GDAL keeps descriptions there
    out = tmp_path / "out.tif"
    gdal("gdal_translate", "-q", f"WCS:{demo}/wcs?version={version}&coverage={SST}", str(out))
    with rasterio.open(out) as source:
        assert np.array_equal(source.read(1), native(demo))
        assert source.bounds.left == pytest.approx(-180.4166667)
        assert source.bounds.top == pytest.approx(4.7222222)


@pytest.mark.parametrize(
    "address",
    [
        f"WMS:{{demo}}/wms?SERVICE=WMS&VERSION=1.1.1&REQUEST=GetMap&LAYERS={SST}&SRS=EPSG:4326&BBOX=-180,-5,180,4.5",
        f"WMTS:{{demo}}/wmts?service=WMTS&request=GetCapabilities,layer={SST},tilematrixset=WebMercatorQuad",
    ],
)
def test_gdal_draws_wms_and_wmts(demo: str, tmp_path: Path, address: str) -> None:
    out = tmp_path / "out.tif"
    gdal("gdal_translate", "-q", "-outsize", "720", "0", address.format(demo=demo), str(out))
    with rasterio.open(out) as source:
        colors = np.unique(source.read([1, 2, 3]).reshape(3, -1).T, axis=0)
    assert len(colors) > 100


def test_owslib_reads_wcs(demo: str) -> None:
    new = wcs.WebCoverageService(f"{demo}/wcs", version="2.0.1")
    content = new.getCoverage(identifier=SST, format="image/tiff", subsets=[("Lat", -4, 4), ("Long", -30, -10)]).read()
    with MemoryFile(content) as file, file.open() as source:
        assert source.shape == (15, 25)
    old = wcs.WebCoverageService(f"{demo}/wcs", version="1.0.0")
    coverage = old.contents[SST]
    assert MAY in coverage.timepositions
    box = {"bbox": (-30, -4, -10, 4), "crs": "EPSG:4326", "width": 20, "height": 8}
    content = old.getCoverage(identifier=SST, format="GeoTIFF", time=[MAY], **box).read()
    with MemoryFile(content) as file, file.open() as source:
        assert source.shape == (8, 20)


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
def test_owslib_reads_wms(demo: str, version: str) -> None:
    service = wms.WebMapService(f"{demo}/wms", version=version)
    layer = service[SST]
    assert MAY in layer.timepositions
    assert layer.defaulttimeposition == layer.timepositions[-1]
    request = {"layers": [SST], "styles": ["default"], "srs": "EPSG:4326", "bbox": (-180, -10, 180, 10)}
    answer = service.getmap(**request, size=(360, 20), format="image/png", transparent=True, time=MAY)
    with Image.open(io.BytesIO(answer.read())) as image:
        assert image.size == (360, 20)


def test_owslib_reads_wmts(demo: str) -> None:
    service = wmts.WebMapTileService(f"{demo}/wmts")
    layer = service[SST]
    assert MAY in layer.dimensions["Time"]["values"]
    tile = {"layer": SST, "tilematrixset": "WebMercatorQuad", "tilematrix": "1", "row": 0, "column": 0}
    url = f"{demo}/xyz/sea-surface-temperature/surface_temperature/default/200605/1/0/0.png"
    with urllib.request.urlopen(url, timeout=60) as xyz:
        assert service.gettile(**tile, format="image/png", Time=MAY).read() == xyz.read()
