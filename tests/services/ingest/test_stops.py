"""An ingest that is stopped or killed: nothing of it is left, neither processes nor files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
from rasterio import Affine

from services.ingest.store.staging import fresh_folder
from tests.support.serving import gone
from tests.support.sources import write_geotiff

pytestmark = pytest.mark.served


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file whose conversion takes seconds."""
    noise = np.random.default_rng(1).random((3200, 3200))
    folder = tmp_path_factory.mktemp("large")
    return write_geotiff(folder / "large.tif", noise, transform=Affine(0.001, 0, 10, 0, -0.001, 50))


@contextmanager
def converting(
    path: Path, database_url: str, folder: Path
) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """`graticule ingest` in a process of its own, busy with one large step, and the processes it has started."""
    environment = os.environ | {"GRATICULE_DATABASE_URL": database_url, "GRATICULE_DATA_DIR": str(folder / "var")}
    words = [sys.executable, "-m", "services.cli", "ingest", str(path)]
    process = subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        wait_until(lambda: bool(temporaries(folder)))
        yield process, psutil.Process(process.pid).children(recursive=True)
    finally:
        process.kill()
        process.communicate()


def wait_until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.02)


def temporaries(folder: Path) -> list[Path]:
    return [path for path in (folder / "var" / "store" / ".tmp").rglob("*") if path.is_file()]


def test_a_killed_ingest_takes_its_processes_with_it(large: Path, database_url: str, tmp_path: Path) -> None:
    with converting(large, database_url, tmp_path) as (process, family):
        assert family
        process.kill()
        assert gone(family, within_s=3)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_ingest_ends_at_once_and_leaves_nothing(
    large: Path, database_url: str, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with converting(large, database_url, tmp_path) as (process, family):
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)
        assert process.returncode == code
        assert gone(family, within_s=1)
    assert "Traceback" not in errors
    assert temporaries(tmp_path) == []


def test_two_runs_never_have_the_same_folder(tmp_path: Path) -> None:
    with fresh_folder(tmp_path, "sst") as first:
        pass
    with fresh_folder(tmp_path, "sst") as second:
        assert first != second
        assert list(second.iterdir()) == []


def test_a_folder_leaves_those_of_other_datasets_alone(tmp_path: Path) -> None:
    with fresh_folder(tmp_path, "sst") as kept, fresh_folder(tmp_path, "sst-2"):
        assert kept.is_dir()
    assert [path for path in (tmp_path / ".tmp").rglob("*") if path.is_dir()] == []
