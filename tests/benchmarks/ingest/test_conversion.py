"""`graticule ingest` and `rio cogeo create` on the same files in the same run.

rio-cogeo packs once as it does unless told otherwise (DEFLATE, blocks of 512, nearest overviews), and once as Graticule
does: with its blocks, level, predictor and overviews. Run with `make bench ARGS="-k ingest"`. Prints wall times, CPU
times and the largest resident memory of each, and their ratios; asserts that all kept the same cells. Graticule's times
include statistics, reading every cell of the COG again and the checksum, which the other does not do.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import psutil
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.windows import Window

STRIP = 1000
"""Rows of a GeoTIFF that are written at a time."""
STEPS, ROWS, COLUMNS = 27, 2160, 4320
"""A NetCDF of 1 GB."""
TIMEOUT_S = 600
"""After which a contender is given up."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a contender took.

    Attributes:
        wall: Seconds of conversion.
        cpu: CPU seconds of conversion, in all its processes.
        largest: Largest resident memory of one of its processes, in MB.
        together: Largest resident memory of all its processes at one time, in MB.
        bands: How many bands it converted.
        size: Bytes of the files that it made.
    """

    wall: float
    cpu: float
    largest: float
    together: float
    bands: int
    size: float

    def of_all(self, bands: int) -> Figures:
        """The same for so many bands."""
        factor = bands / self.bands
        return replace(self, wall=self.wall * factor, cpu=self.cpu * factor, size=self.size * factor)


def field(rows: int, columns: int) -> NDArray[np.float32]:
    """Cells that are alike when they are near, as measured ones are, with a little noise."""
    random = np.random.default_rng(1)
    found = np.zeros((rows, columns), dtype="float32")
    for scale in (16, 64, 256):
        coarse = random.standard_normal((rows // scale + 2, columns // scale + 2)).astype("float32")
        row, column = np.arange(rows) / scale, np.arange(columns) / scale
        down, right = (row % 1).astype("float32")[:, None], (column % 1).astype("float32")
        i, j = row.astype(int), column.astype(int)
        tall = coarse[i] * (1 - down) + coarse[i + 1] * down
        found += (tall[:, j] * (1 - right) + tall[:, j + 1] * right) * (scale / 64)
    return found + random.standard_normal((rows, columns)).astype("float32") * np.float32(0.01)


def run(contender: str, work: dict[str, Any]) -> Figures:
    """Run a contender in a process of its own, and watch its memory."""
    words = [sys.executable, "-m", "tests.benchmarks.ingest.contender", contender]
    peaks = [0.0, 0.0]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        watching = threading.Thread(target=_watch, args=(process, peaks), daemon=True)
        watching.start()
        try:
            output, _ = process.communicate(json.dumps(work), timeout=TIMEOUT_S)
        finally:
            process.kill()
        watching.join()
    assert process.returncode == 0
    found = json.loads(output.splitlines()[-1])
    return Figures(**({"size": 0} | found), largest=peaks[0], together=peaks[1])


def _watch(process: subprocess.Popen[str], peaks: list[float]) -> None:
    while process.poll() is None:
        resident = []
        try:
            main = psutil.Process(process.pid)
            resident = [p.memory_info().rss / 1e6 for p in (main, *main.children(recursive=True))]
        except psutil.Error:
            continue
        peaks[0], peaks[1] = max(peaks[0], *resident), max(peaks[1], sum(resident))
        time.sleep(0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for sources and COGs of gigabytes, which are gone afterwards whatever happens."""
    place = tmp_path / "large"
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place)


def performed(contender: str, work: dict[str, Any], name: str) -> Figures:
    """Let a contender fill a folder of its own."""
    store = Path(work["folder"]) / name
    store.mkdir()
    return run(contender, work | {"store": str(store)})


def compared(work: dict[str, Any], *, title: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Run the contenders and print what they took; compare the first step's cells."""
    folder, bands = Path(work["folder"]), work["bands"]
    ours = performed("graticule", work, "graticule")
    made = sorted((folder / "graticule").rglob("*.tif"))
    ours = replace(ours, size=sum(path.stat().st_size for path in made))
    rivals = {name: performed("rio-cogeo", work | options, name) for name, options in _packings(made[0]).items()}
    for name in rivals:
        with rasterio.open(made[0]) as mine, rasterio.open(folder / name / "1.tif") as other:
            same = mine.read(1, window=((0, 512), (0, 512))) == other.read(1, window=((0, 512), (0, 512)))
            assert mine.overviews(1) == other.overviews(1) or other.block_shapes != mine.block_shapes
        assert same.all() or work.get("rolled")
    with capsys.disabled():
        loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
        print(f"\n{title} (load of the machine over 1, 5 and 15 minutes: {loads}; {os.cpu_count()} processors)")
        for name, found in ({"graticule": ours} | rivals).items():
            figures = found.of_all(bands)
            print(
                f"  {name}: wall {figures.wall:.2f} s, cpu {figures.cpu:.2f} s, resident {figures.largest:.0f} MB "
                f"in one process, {figures.together:.0f} MB in all, files {figures.size / 1e6:.1f} MB; "
                f"in times of graticule's: wall {figures.wall / ours.wall:.2f}, cpu {figures.cpu / ours.cpu:.2f}"
            )
            if found.bands < bands:
                print(f"    it made {found.bands} of {bands} steps in time; its figures are reckoned up")


def _packings(made: Path) -> dict[str, dict[str, Any]]:
    """How rio-cogeo packs: as it does unless told otherwise, and as Graticule did."""
    with rasterio.open(made) as file:
        predictor = int(file.tags(ns="IMAGE_STRUCTURE").get("PREDICTOR", 1))
    same = {"blockxsize": 256, "blockysize": 256, "zstd_level": 3, "predictor": predictor}
    return {
        "rio-cogeo as it comes": {"profile": "deflate", "options": {}, "resampling": "nearest"},
        "rio-cogeo, same packing": {"profile": "zstd", "options": same, "resampling": _overviews(made)},
    }


def _overviews(made: Path) -> str:
    """How the overviews of a COG were made."""
    with rasterio.open(made) as file:
        return str(file.tags()["OVERVIEW_RESAMPLING"]).lower()


def write_large(path: Path, dtype: str, edge: int) -> Path:
    """A GeoTIFF of nine equal fields side by side."""
    cells, place = field(edge // 3, edge // 3), Affine(30, 0, 400_000, 0, -30, 4_000_000)
    scaled = {"float32": cells * 8 + 280, "int16": np.round(cells * 500), "uint8": np.clip(cells * 8 + 128, 0, 255)}
    third = np.tile(scaled[dtype].astype(dtype), (1, 3))
    options = {"driver": "GTiff", "count": 1, "width": edge, "height": edge, "crs": "EPSG:32650", "transform": place}
    with rasterio.open(path, "w", dtype=dtype, tiled=True, compress="DEFLATE", predictor=2, **options) as file:
        for first in range(0, edge, STRIP):
            rows = np.arange(first, first + STRIP) % len(third)
            file.write(third[rows], 1, window=Window(0, first, edge, STRIP))
    return path


@pytest.mark.timeout(1500)
@pytest.mark.parametrize(("dtype", "edge"), [("uint8", 6000), ("int16", 6000), ("float32", 12_000)])
def test_a_large_geotiff(
    dtype: str, edge: int, database_url: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_large(folder / "large.tif", dtype, edge)
    unit = {} if dtype == "uint8" else {"unit": "K"}
    work = {
        "url": database_url,
        "folder": str(folder),
        "source": str(path),
        "name": str(path),
        "bands": 1,
        "declaration": {"id": "large", "variables": [{"id": "large", **unit}]},
    }
    compared(work, title=f"{edge} x {edge} {dtype}", capsys=capsys)


@pytest.mark.timeout(300)
def test_54_small_steps(database_url: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    iris_sample_data = pytest.importorskip("iris_sample_data", reason="the demo extra is not installed")
    path = Path(iris_sample_data.path) / "ostia_monthly.nc"
    work = {
        "url": database_url,
        "folder": str(folder),
        "source": str(path),
        "name": f"NETCDF:{path}:surface_temperature",
        "bands": 54,
        "declaration": {"id": "steps"},
        "rolled": True,
    }
    compared(work, title="54 steps of 18 x 432", capsys=capsys)


@pytest.mark.timeout(1500)
def test_a_netcdf_of_1_gb(database_url: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "gigabyte.nc"
    cells = field(ROWS, COLUMNS) * 8 + 280
    with netCDF4.Dataset(str(path), "w") as file:
        lat, lon = 90 - (np.arange(ROWS) + 0.5) * 180 / ROWS, (np.arange(COLUMNS) + 0.5) * 360 / COLUMNS - 180
        axes = {"lat": lat, "lon": lon}
        for name, unit in (("lat", "degrees_north"), ("lon", "degrees_east"), ("time", "days since 2000-01-01")):
            values = axes.get(name, np.arange(STEPS))
            file.createDimension(name, len(values))
            axis = file.createVariable(name, "f8", (name,))
            axis.units = unit
            axis[:] = values
        variable = file.createVariable("v", "f4", ("time", "lat", "lon"))
        variable.units = "K"
        for step in range(STEPS):
            variable[step] = cells + step
    work = {
        "url": database_url,
        "folder": str(folder),
        "source": str(path),
        "name": f"NETCDF:{path}:v",
        "bands": STEPS,
        "declaration": {"id": "gigabyte"},
    }
    compared(work, title=f"{STEPS} steps of {ROWS} x {COLUMNS} float32, 1 GB", capsys=capsys)
