"""The system's GDAL (3.6 or newer) opens the coverage, the tiles and the XYZ layer."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio

from tests.clients.conftest import program

if TYPE_CHECKING:
    from pathlib import Path

DATASETS = (
    "linke-turbidity",
    "altitude",
    "sea-surface-temperature",
    "air-temperature-a1b",
    "toa-brightness-temperature",
)


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


@pytest.mark.parametrize("name", DATASETS)
def test_gdal_draws_the_tiles(demo: str, tmp_path: Path, name: str) -> None:
    """WorldCRS84Quad with the limits of the tileset, which GDAL 3.6 cannot do without (it reads freed memory then)."""
    _driver_present()
    out = tmp_path / "tiles.tif"
    options = ["-oo", "API=TILES", "-oo", "TILEMATRIXSET=WorldCRS84Quad"]
    _run(
        program("gdal_translate"), "-q", "-outsize", "512", "0", *options, f"OGCAPI:{demo}/collections/{name}", str(out)
    )
    with rasterio.open(out) as dataset:
        assert dataset.count == 4
        shown = dataset.read(4) > 0
        assert 0.1 < shown.mean() <= 1
        assert len(np.unique(dataset.read([1, 2, 3])[:, shown], axis=1).T) > 20


def test_gdal_describes_the_netcdf_of_a_coverage(demo: str, tmp_path: Path) -> None:
    out = tmp_path / "sst.nc"
    query = "properties=surface_temperature&datetime=2006-05&bbox=-30,-4,-10,3&f=netcdf"
    with urllib.request.urlopen(f"{demo}/collections/sea-surface-temperature/coverage?{query}") as answer:
        out.write_bytes(answer.read())
    described = _info(f'NETCDF:"{out}":surface_temperature', "-stats")
    (band,) = described["bands"]
    west, north = described["cornerCoordinates"]["upperLeft"]
    assert west == pytest.approx(-30, abs=1)
    assert north == pytest.approx(3, abs=0.6)
    assert band["unit"] == "K"
    assert 290 < band["mean"] < 310


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
