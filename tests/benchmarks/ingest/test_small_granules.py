"""`graticule ingest` of very many small granules: how many a second, CPU, and memory.

Run with `make bench ARGS="-k small_granules"`. Everything is validated and published in one commit, as always.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.support.sources import write_netcdf

DECLARATION = "id: small\nvariables: [{source: v, id: v, unit: K}]\n"
TIMEOUT_S = 1200


def ingested(folder: Path, database_url: str, sources: list[Path], granules: int, title: str) -> str:
    """Ingest as an operator does; returns the figures in words."""
    declaration = folder / "small.yaml"
    declaration.write_text(DECLARATION)
    words = [sys.executable, "-m", "services.cli", "ingest", *map(str, sources), "--dataset", str(declaration)]
    environment = os.environ | {"GRATICULE_DATABASE_URL": database_url, "GRATICULE_DATA_DIR": str(folder / "var")}
    peaks = [0.0, 0.0]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen(
        words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        watching = threading.Thread(target=_watch, args=(process, peaks), daemon=True)
        watching.start()
        output, _ = process.communicate(timeout=TIMEOUT_S)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert process.returncode == 0
    assert {line.split("\t")[0] for line in output.splitlines()} == {"published"}
    assert len(list((folder / "var" / "store" / "small").rglob("*.tif"))) == granules
    loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return (
        f"\n{title} (load {loads}; {os.cpu_count()} processors): {wall:.1f} s, {granules / wall:.0f} a second, "
        f"{cpu:.1f} s of CPU, largest process {peaks[0]:.0f} MB, all together {peaks[1]:.0f} MB"
    )


def _watch(process: subprocess.Popen[str], peaks: list[float]) -> None:
    while process.poll() is None:
        try:
            main = psutil.Process(process.pid)
            sizes = [p.memory_full_info() for p in (main, *main.children(recursive=True)) if "postgres" not in p.name()]
            peaks[0] = max(peaks[0], *(size.rss / 1e6 for size in sizes))
            peaks[1] = max(peaks[1], sum(size.pss for size in sizes) / 1e6)
        except psutil.Error:
            continue
        time.sleep(0.1)


@pytest.mark.timeout(TIMEOUT_S)
def test_2000_files_of_small_granules(database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise, folder = np.random.default_rng(1), tmp_path / "in"
    folder.mkdir()
    for day in range(2000):
        cells = noise.random((1, 6, 5), dtype="float32")
        write_netcdf(folder / f"day_{day:04}.nc", cells, np.arange(5.5, -0.5, -1), np.arange(10.5, 15.5), [float(day)])
    figures = ingested(tmp_path, database_url, [folder], 2000, "2,000 NetCDF files of 6 x 5 cells")
    with capsys.disabled():
        print(figures)


@pytest.mark.timeout(TIMEOUT_S)
def test_one_file_of_12418_small_granules(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = np.random.default_rng(2).random((12_418, 20, 30), dtype="float32")
    days = [float(day) for day in range(12_418)]
    path = write_netcdf(tmp_path / "steps.nc", cells, np.arange(19.5, -0.5, -1), np.arange(10.5, 40.5), days)
    figures = ingested(tmp_path, database_url, [path], 12_418, "One NetCDF of 12,418 steps of 20 x 30 cells")
    with capsys.disabled():
        print(figures)
