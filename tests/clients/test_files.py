"""GDAL and rioxarray read the files of a running demo in place, by ranges."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.clients.conftest import program

if TYPE_CHECKING:
    from pathlib import Path

_READ = """
import json, sys, warnings
warnings.simplefilter("ignore")
import rioxarray
data = rioxarray.open_rasterio(sys.argv[1], mask_and_scale=True)
print(json.dumps({"crs": data.rio.crs.to_epsg(), "mean": float(data.sel(x=slice(80, 90), y=slice(35, 30)).mean())}))
"""


def _file(demo: str, dataset: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{demo}/collections/{dataset}/granules?limit=1") as answer:
        (granule,) = json.load(answer)["granules"]
    found: dict[str, Any] = granule["assets"]["data"]
    return found


def test_gdal_reads_a_corner_of_a_file_in_place(demo: str, tmp_path: Path) -> None:
    href = _file(demo, "altitude")["href"]
    out = tmp_path / "corner.tif"
    command = [program("gdal_translate"), "-q", "-srcwin", "3100", "650", "64", "64", f"/vsicurl/{href}", str(out)]
    environment = {**os.environ, "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "no_proxy": "localhost"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110, env=environment)
    assert done.returncode == 0, done.stderr
    import rasterio

    with rasterio.open(out) as dataset:
        metres = dataset.read(1).astype("float64") * 28 - 450
    assert 3000 < np.median(metres) < 6000  # the Tibetan plateau


def test_rioxarray_reads_a_file_in_place(demo: str) -> None:
    pytest.importorskip("rioxarray")
    href = _file(demo, "altitude")["href"]
    command = [sys.executable, "-c", _READ, href]
    environment = {**os.environ, "no_proxy": "localhost"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["crs"] == 4326
    assert 3000 < found["mean"] < 6000


def test_a_file_is_as_large_as_its_link_says(demo: str) -> None:
    described = _file(demo, "linke-turbidity")
    request = urllib.request.Request(described["href"], headers={"Range": "bytes=0-3"})
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 206
        assert answer.headers["Content-Range"] == f"bytes 0-3/{described['file:size']}"
        assert answer.read() == b"II*\0"
