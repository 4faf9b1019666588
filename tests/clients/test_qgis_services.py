"""QGIS reads WMS, WMTS and WCS, follows times by a `.qlr`, and shows every cell where it is."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rasterio.io import MemoryFile
from rio_tiler.colormap import cmap

from tests.clients.test_qgis import qgis_python

ALTITUDE = "layers=altitude.altitude&styles=default&format=image/png&dpiMode=7"
SST = "sea-surface-temperature.surface_temperature"
BOX = (70.0, 20.0, 110.0, 50.0)
"""40 x 30 degrees, of 12 x 12 cells each."""
_EARTH = 6_378_137.0


def qgis(folder: Path, **task: Any) -> dict[str, Any]:
    """What QGIS answers to a task, with a home of its own."""
    python = qgis_python()
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(folder)}
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        environment.pop(name, None)
    script = Path(__file__).parent / "qgis_services.py"
    command = [python, str(script), json.dumps(task)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=110)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert answer["valid"]
    assert answer.get("errors", []) == []
    return answer


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        content: bytes = answer.read()
    return content


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def expected_altitude(demo: str, longitudes: np.ndarray, latitudes: np.ndarray) -> np.ndarray:
    """The colours that the cells at (row of latitudes, column of longitudes) have on white, from the stored values."""
    style = json.loads(fetched(f"{demo}/collections/altitude/styles/default?f=json"))
    with MemoryFile(fetched(f"{demo}/collections/altitude/coverage?f=geotiff")) as file, file.open() as source:
        stored, scale, offset, nodata = source.read(1), source.scales[0], source.offsets[0], source.nodata
        columns = ((longitudes - source.bounds.left) / source.res[0]).astype(int)
        rows = ((source.bounds.top - latitudes) / source.res[1]).astype(int)
    cells = stored[rows][:, columns]
    low, high = style["range"]
    table = np.array([cmap.get(style["colormap"])[n][:3] for n in range(256)])
    shares = np.clip((cells * scale + offset - low) / (high - low), 0, 1)
    return np.where((cells == nodata)[..., np.newaxis], 255, table[(shares * 255).astype(int)])


def agree(shown: np.ndarray, expected: np.ndarray) -> float:
    """Share of the pixels whose colours are alike."""
    return float((np.abs(shown - expected).max(axis=-1) <= 8).mean())


def test_qgis_draws_a_wms_in_degrees_cell_by_cell(demo: str, tmp_path: Path) -> None:
    out = tmp_path / "map.png"
    qgis(
        tmp_path,
        uri=f"crs=EPSG:4326&{ALTITUDE}&url={demo}/wms",
        crs="EPSG:4326",
        box=BOX,
        size=(480, 360),
        out=str(out),
    )
    longitudes, latitudes = 70 + (np.arange(480) + 0.5) / 12, 50 - (np.arange(360) + 0.5) / 12
    expected = expected_altitude(demo, longitudes, latitudes)
    assert agree(pixels(out), expected) > 0.99
    assert agree(pixels(out), expected[::-1]) < 0.6
    assert agree(pixels(out), expected[:, ::-1]) < 0.6


def test_qgis_draws_a_wmts_in_metres_where_the_cells_are(demo: str, tmp_path: Path) -> None:
    out = tmp_path / "map.png"
    edge = 2 * np.pi * _EARTH / 16  # of a tile of matrix 4: its pixels are about as large as the cells
    left, top = 3 * edge, 3 * edge
    url = f"{demo}/wmts?SERVICE%3DWMTS%26REQUEST%3DGetCapabilities"
    uri = f"crs=EPSG:3857&{ALTITUDE}&tileMatrixSet=GoogleMapsCompatible&url={url}"
    box = (left, top - 2 * edge, left + 2 * edge, top)
    qgis(tmp_path, uri=uri, crs="EPSG:3857", box=box, size=(512, 512), out=str(out))
    steps = (np.arange(512) + 0.5) * edge / 256
    longitudes, latitudes = np.degrees((left + steps) / _EARTH), np.degrees(np.arctan(np.sinh((top - steps) / _EARTH)))
    expected = expected_altitude(demo, longitudes, latitudes)
    assert agree(pixels(out), expected) > 0.9
    assert agree(pixels(out), expected[::-1]) < 0.6


def test_a_layer_definition_follows_the_temporal_controller(demo: str, tmp_path: Path) -> None:
    definition = tmp_path / "sst.qlr"
    definition.write_bytes(fetched(f"{demo}/collections/sea-surface-temperature/open/qgis.qlr"))
    box, size = (-20_000_000, -500_000, 20_000_000, 500_000), (800, 20)
    shown = []
    for number, (start, listed) in enumerate(
        (("2006-12-20", "2006-12-16T12:00:00Z"), ("2010-07-18", "2010-07-16T12:00:00Z"))
    ):
        out = tmp_path / f"{number}.png"
        time = [f"{start}T00:00:00Z", f"{start}T23:00:00Z"]
        answer = qgis(tmp_path, qlr=str(definition), crs="EPSG:3857", box=box, size=size, out=str(out), time=time)
        assert answer["temporal"]
        assert answer["attribution"]
        query = (
            f"layers={SST}&styles=&crs=EPSG:3857&bbox={','.join(map(str, box))}&width=800&height=20&format=image/png"
        )
        request = f"{demo}/wms?service=WMS&version=1.3.0&request=GetMap&{query}&time={listed}"
        (tmp_path / "ours.png").write_bytes(fetched(request))
        assert agree(pixels(out), pixels(tmp_path / "ours.png")) > 0.95
        shown.append(pixels(out))
    assert agree(*shown) < 0.9


def test_qgis_samples_a_wcs_and_identifies_a_wms(demo: str, tmp_path: Path) -> None:
    known = float(
        fetched(f"{demo}/collections/sea-surface-temperature/position?coords=POINT(-120%200)&f=csv").split(b",")[-1]
    )
    answer = qgis(tmp_path, provider="wcs", uri=f"dpiMode=7&identifier={SST}&url={demo}/wcs", sample=(-120.0, 0.0))
    assert abs(answer["sample"] - known) < 1e-3
    uri = f"crs=EPSG:4326&layers={SST}&styles=default&format=image/png&dpiMode=7&url={demo}/wms"
    answer = qgis(tmp_path, uri=uri, identify=(-120.0, 0.0), box=(-130, -5, -110, 5), size=(200, 100))
    assert abs(answer["identify"]["value"] - known) < 0.5
    assert answer["identify"]["unit"] == "K"
