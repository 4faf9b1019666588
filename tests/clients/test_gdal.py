"""The system's GDAL (3.6 or newer) opens the coverage, the tiles and the XYZ layer."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio

from tests.clients.conftest import program

if TYPE_CHECKING:
    from pathlib import Path

TILES = ["--config", "GDAL_OGCAPI_TILEMATRIXSET_LIMITS", "NO"]


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _info(source: str, *options: str) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(_run(program("gdalinfo"), "-json", *options, source))
    return described


def _driver_present() -> None:
    if "OGCAPI" not in _run(program("gdalinfo"), "--formats"):
        pytest.skip("not run: this GDAL has no OGCAPI driver")


def test_gdal_opens_the_coverage_with_its_values(demo: str, tmp_path: Path) -> None:
    _driver_present()
    out = tmp_path / "coverage.tif"
    source = f"OGCAPI:{demo}/collections/altitude"
    _run(program("gdal_translate"), "-q", "-oo", "API=COVERAGE", "-projwin", "80", "35", "90", "27", source, str(out))
    with rasterio.open(out) as dataset:
        values = dataset.read(1)
    metres = values.astype("float64") * 28 - 450
    assert 4000 < np.median(metres) < 6000  # the Tibetan plateau


def test_gdal_opens_the_tiles(demo: str) -> None:
    _driver_present()
    source = f"OGCAPI:{demo}/collections/altitude"
    described = _info(source, "-oo", "API=TILES", "-oo", "TILEMATRIXSET=WorldCRS84Quad", *TILES)
    assert described["size"][0] > 1000
    assert len(described["bands"]) in (1, 3, 4)


def test_gdal_reads_the_xyz_layer(demo: str, tmp_path: Path) -> None:
    service = tmp_path / "xyz.xml"
    service.write_text(
        f"""<GDAL_WMS><Service name="TMS"><ServerUrl>{demo}/xyz/altitude/altitude/${{z}}/${{x}}/${{y}}.png</ServerUrl>
        </Service><DataWindow><UpperLeftX>-20037508.34</UpperLeftX><UpperLeftY>20037508.34</UpperLeftY>
        <LowerRightX>20037508.34</LowerRightX><LowerRightY>-20037508.34</LowerRightY><TileLevel>4</TileLevel>
        <TileCountX>1</TileCountX><TileCountY>1</TileCountY><YOrigin>top</YOrigin></DataWindow>
        <Projection>EPSG:3857</Projection><BlockSizeX>256</BlockSizeX><BlockSizeY>256</BlockSizeY>
        <BandsCount>4</BandsCount></GDAL_WMS>"""
    )
    out = tmp_path / "xyz.tif"
    _run(program("gdal_translate"), "-q", "-outsize", "512", "512", str(service), str(out))
    with rasterio.open(out) as dataset:
        assert len(np.unique(dataset.read(1))) > 20
