"""The writers' use of memory, and what they do with many threads."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import netCDF4
import numpy as np

from cog.cells.codec import Codec
from cog.grids.subset import Subset
from cog.grids.window import Window, whole
from cog.writers.cube import CoverageField, CoverageTime, Cube, Layer
from cog.writers.netcdf import write_netcdf
from config.times import order_key
from tests.support.rasters import coded, global_grid, write_cog

if TYPE_CHECKING:
    from pathlib import Path

    from config.grids import Grid

FIELD = CoverageField(
    id="v",
    long_name="v",
    unit="1",
    standard_name=None,
    dtype="float32",
    nodata=None,
    scale=1.0,
    offset=0.0,
    bands=1,
    classes=(),
    method="average",
)
CODEC = Codec(dtype="float32")


def cube(store: Path, grid: Grid, count: int, window: Window | None = None) -> Cube:
    """The same COG at `count` days."""
    path = store / write_cog(store, "one.tif", coded(grid), grid).href
    keys = [order_key(2000 + n // 360, n % 360 // 30 + 1, n % 30 + 1) for n in range(count)]
    window = window or whole(grid)
    return Cube(
        region=Subset(grid=grid, window=window, width=window.width, height=window.height),
        layers=(Layer(field=FIELD, stored=CODEC, paths=(str(path),) * count),),
        steps=tuple(CoverageTime(label="", key=key, start_key=None, end_key=None) for key in keys),
        calendar="360_day",
        attributes={},
    )


def test_memory_does_not_grow_with_the_number_of_times(tmp_path: Path) -> None:
    """Sixteen times as many times, 132 MB of cells, need a few MB more: measured in a process of their own."""
    used = [_peak_megabytes(tmp_path, count) for count in (1, 16)]
    assert used[1] - used[0] < 60, used


def _peak_megabytes(folder: Path, count: int) -> float:
    program = (
        "import resource, sys; from pathlib import Path; from rasterio import Env\n"
        "from tests.cog.writers.test_coverage_writers import cube\n"
        "from tests.support.rasters import global_grid\n"
        "from cog.writers.netcdf import write_netcdf\n"
        f"with Env(GDAL_CACHEMAX=16):\n write_netcdf(Path(r'{folder}') / 'many.nc',"
        f" cube(Path(r'{folder}'), global_grid(width=2048, height=1012), {count}))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return int(run.stdout) / (1024 if sys.platform != "darwin" else 1024**2)


def test_threads_may_write_at_the_same_time(tmp_path: Path) -> None:
    grid = global_grid(width=300, height=300)
    source = cube(tmp_path, grid, 3, Window(column=290, row=100, width=20, height=50))
    paths = [tmp_path / f"{n}.nc" for n in range(8)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda path: write_netcdf(path, source), paths))
    expected = coded(grid)[100:150][:, np.arange(290, 310) % 300]
    for path in paths:
        with netCDF4.Dataset(path) as found:
            assert np.array_equal(found["v"][:], np.stack([expected] * 3))
