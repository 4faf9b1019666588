"""The planning process of an ingest: it leaves all readers and writers of rasters to its workers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from pkgutil import resolve_name

import pytest

from services.ingest import tasks

READERS = ("rasterio", "rio_cogeo", "netCDF4", "h5py", "eccodes", "pyhdf", "pandas", "xarray")
NAMES = [value for name, value in vars(tasks).items() if name.isupper() and isinstance(value, str)]


def test_the_command_imports_no_reader_of_rasters() -> None:
    code = "import sys, services.cli.data.ingest, services.cli.data.watch; print(*sys.modules)"
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True)
    assert [name for name in READERS if name in done.stdout.split()] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_task_is_a_function_that_the_workers_have(name: str) -> None:
    assert callable(resolve_name(name))
