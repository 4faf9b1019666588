"""A job whose work is split over the cluster, when the processes that do it die."""

from __future__ import annotations

import json
import time
import urllib.request
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.grids import CRS84, Grid
from config.times import parse_time
from records.database.engine import driver_url
from records.datasets.repository import Repository
from tests.support.rasters import publication
from tests.support.serving import gone, serving
from tests.support.zones import EXECUTION, body, box

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.serving import Serving

WORLD = box(-180, -90, 180, 90)
DAYS = 28
PATIENCE_S = 200


def publish(url: str, store: Path) -> None:
    """A dataset of which a statistic of the world at all times is split."""
    grid = Grid(crs=CRS84, transform=(360 / 8192, 0.0, -180.0, 0.0, -180 / 4096, 90.0), width=8192, height=4096)
    made = publication(store, "large", {"2020-01-01": np.ones((4096, 8192), "float32")}, grid)
    days = [parse_time(f"2020-01-{day:02d}") for day in range(1, DAYS + 1)]
    granules = [
        replace(made.granules[0], time=day.text, key=day.start, start_key=day.start, end_key=day.end) for day in days
    ]
    engine = create_engine(driver_url(url), poolclass=NullPool)
    Repository(engine).publish(replace(made, granules=tuple(granules)))
    engine.dispose()


def asked(url: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(url, data=data, headers={"Prefer": "respond-async"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return dict(json.load(answer))


def waited(url: str, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE_S
    while not reached(status := asked(url)):
        assert not ended(status), status
        assert time.monotonic() < end, status
        time.sleep(0.1)
    return status


def ended(status: dict[str, Any]) -> bool:
    return status["status"] not in {"accepted", "running"}


def named(served: Serving, name: str) -> list[psutil.Process]:
    return [child for child in served.family() if name in child.cmdline()]


@pytest.mark.timeout(4 * PATIENCE_S)
@pytest.mark.parametrize("victim", ["services.serving.cluster", "services.serving.worker"])
def test_a_split_job_ends_whoever_dies(database_url: str, tmp_path: Path, victim: str) -> None:
    """It outlives the web workers; with the cluster it fails, says why, and can be executed again."""
    request = body("large", WORLD, datetime="2020-01-01/2020-01-31", statistics=["count", "mean"])
    with serving(database_url, tmp_path) as served:
        publish(database_url, tmp_path / "store")
        here = f"{served.base}/jobs/{asked(served.base + EXECUTION, request)['jobID']}"
        waited(here, lambda status: "parts are done" in status["message"])
        killed = named(served, victim)
        for process in killed:
            process.kill()
        assert killed
        assert gone(killed, within_s=10)
        status = waited(here, ended)
        if victim == "services.serving.cluster":
            assert (status["status"], "was lost; execute the process again" in status["message"]) == ("failed", True)
            here = f"{served.base}/jobs/{asked(served.base + EXECUTION, request)['jobID']}"
            status = waited(here, ended)
        assert status["status"] == "successful", (status, "".join(served.log))
        rows = asked(f"{here}/results")["rows"]
    assert len(rows) == DAYS
    assert {(row["statistics"]["count"], row["statistics"]["mean"]) for row in rows} == {(4096 * 8192, 1.0)}
