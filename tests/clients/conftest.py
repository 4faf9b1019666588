"""A running demo, and how a missing client is reported."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.support import gridded
from tests.support.catalogues import catalogue_of
from tests.support.datasets import STEPS
from tests.support.listening import listening
from tests.support.rasters import global_grid, publication
from tests.support.running_demo import running_demo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from records.datasets.publication import Publication
    from tests.support.database import Server


def program(name: str) -> str:
    """The path of a client's program, or skip, saying that the client was not run."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"not run: {name} is not installed")
    return path


@pytest.fixture(scope="session", autouse=True)
def _gdal_caches_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """GDAL keeps tiles in the current folder, also for QGIS, unless it is told where."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("GDAL_DEFAULT_WMS_CACHE_PATH", str(tmp_path_factory.mktemp("tiles")))
        yield


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a running demo."""
    with running_demo(tmp_path_factory.mktemp("demo")) as url:
        yield url


@pytest.fixture(scope="session")
def arrays(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of an application over the datasets of `tests.support.gridded`."""
    made = (gridded.daily, gridded.ocean, gridded.polar, gridded.year360, gridded.long)
    with catalogue_of(server, tmp_path_factory.mktemp("arrays"), *made) as settings, listening(settings) as base:
        yield base


def warm_water(store: Path) -> Publication:
    """Three months of a warm band that moves north, 60 degrees a month."""
    rows, columns = np.mgrid[:180, :360]
    steps: dict[str | None, NDArray[Any]] = {
        label: (np.cos(np.radians(rows - 120 + 60 * month)) * 14 + 14 + np.sin(np.radians(columns * 3))).astype(
            "float32"
        )
        for month, label in enumerate(STEPS)
    }
    return publication(store, "sst", steps, global_grid(), value_range=(0.0, 30.0), unit="degC")


@pytest.fixture(scope="session")
def seas(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of an application over `warm_water`: quicker to start than the demo."""
    with catalogue_of(server, tmp_path_factory.mktemp("seas"), warm_water) as settings, listening(settings) as base:
        yield base


def output(*command: str, folder: Path | None = None, typed: str | None = None, **environment: str) -> str:
    """What a program prints; it must succeed. Skips, saying so, if the machine does not have it.

    Args:
        command: The program and its arguments.
        folder: Where it runs.
        typed: What it reads from its standard input.
        environment: Variables of its environment.
    """
    done = subprocess.run(
        [program(command[0]), *command[1:]],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
        cwd=folder,
        input=typed,
        env={**os.environ, "no_proxy": "127.0.0.1,localhost", **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
