"""SIGKILL at random moments while a series grows, is corrected and compacted: never a wrong or a missing value."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydantic import SecretStr

from cog.series import layout
from config.settings import DatabaseSettings, Settings
from records.datasets.catalogue import Catalogue
from services.ingest.series import planning
from services.ingest.series.building import build_series
from services.ingest.series.verifying import verify_series
from services.ingest.store.garbage import collect
from services.selection.opening import step_readers
from services.selection.opening.series import open_series
from services.selection.selection import SelectionRequest, resolve
from services.web.context import Context
from tests.support.days import GRID, TIERS, label, values
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from records.datasets.repository import Repository

ROUNDS = 40


@pytest.mark.timeout(1800)
def test_kills_while_a_series_grows(
    repository: Repository,
    store: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for module in (layout, planning):
        monkeypatch.setattr(module, "TIERS", TIERS)
    monkeypatch.setattr(step_readers, "_CHUNK_S", {32: 1e-9, 8: 1e-9, 4: 1e-9})
    settings = Settings(data_dir=store, store=str(store), database=DatabaseSettings(url=SecretStr(database_url)))
    chance, days, in_parts = random.Random(5), 0, 0
    for number in range(ROUNDS):
        words = [sys.executable, "-m", "tests.stress.growing_series", database_url, str(store), str(days)]
        writer = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        assert writer.stdout.readline()  # it has begun
        time.sleep(chance.uniform(0, 1.5))
        writer.kill()
        writer.communicate()
        before = days
        days, new_in_parts = checked(settings, repository, store)
        assert days > before
        in_parts += new_in_parts
        if number % 10 == 9:
            list(collect(repository, store, grace=timedelta(0)))  # what was left behind goes, and nothing else
            checked(settings, repository, store)
    build_series(repository, store, repository.dataset("et"), workers=1)
    faults = [c.fault for c in verify_series(repository, store, repository.dataset("et"), values=True) if c.fault]
    with capsys.disabled():
        print(f"\n{ROUNDS} kills, {days} days, {in_parts} times read from parts after a kill, faults: {faults}")
    assert faults == []
    assert in_parts > 0


def checked(settings: Settings, repository: Repository, store: Path) -> tuple[int, int]:
    """What `check` says of the catalogue as a new process finds it."""
    with closing(Catalogue(repository.engine)) as catalogue:
        return check(Context(settings=settings, catalogue=catalogue, store=store), repository)


def check(context: Context, repository: Repository) -> tuple[int, int]:
    """Compare every value with its source; returns the days, and how many of them a part holds."""
    series = open_series(context, resolve(repository.dataset("et"), SelectionRequest(), default_times="all"))
    assert series.labels == [label(day) for day in range(len(series))]
    versions = [int(re.search(r"-v(\d+)\.tif$", href)[1]) for href in series.index.hrefs]  # type: ignore[index]
    truth = np.stack([values(day, version) for day, version in enumerate(versions)])
    assert np.array_equal(series.cube()[0], truth, equal_nan=True)
    rows, columns = np.arange(GRID.height), np.arange(GRID.height) * 2
    assert np.array_equal(series.points(rows, columns).stored, truth[:, rows, columns], equal_nan=True)
    return len(series), int((series.index.part_numbers >= 0).sum())
