"""Rasters kept open: per thread, few, and only as long as their version stands."""

from __future__ import annotations

import resource
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cog.reading import opener as module
from cog.reading.opener import OpenRaster, close_all, open_datasets, open_raster
from tests.support.rasters import global_grid, write_cog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _nothing_open() -> Iterator[None]:
    close_all()
    yield
    close_all()


def made(folder: Path, name: str = "a.tif", value: int = 1) -> str:
    write_cog(folder, name, np.full((180, 360), value, "uint8"), global_grid())
    return str(folder / name)


def held(path: str, version: str) -> OpenRaster:
    with open_raster(path, version) as raster:
        return raster


def test_a_version_is_opened_once_in_a_thread_and_again_in_another(tmp_path: Path) -> None:
    path = made(tmp_path)
    first = held(path, "1")
    assert held(path, "1") is first
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(held, path, "1").result() is not first
        pool.submit(close_all).result()


def test_another_version_is_read_anew(tmp_path: Path) -> None:
    path = made(tmp_path)
    before = held(path, "1")
    made(tmp_path, value=2)
    with open_raster(path, "2") as raster:
        assert raster.full.read(1)[0, 0] == 2
    assert before.full.closed


def test_without_a_version_nothing_is_kept(tmp_path: Path) -> None:
    path, count = made(tmp_path), open_datasets()
    with open_raster(path) as raster:
        assert open_datasets() == count + 1
    assert raster.full.closed
    assert open_datasets() == count


def test_the_least_recently_used_raster_is_closed_beyond_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_RASTERS", 2)
    first, second = held(made(tmp_path, "1.tif"), "1"), held(made(tmp_path, "2.tif"), "1")
    assert held(first.path, "1") is first
    held(made(tmp_path, "3.tif"), "1")
    assert (first.full.closed, second.full.closed) == (False, True)


def test_descriptors_bound_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = open_datasets()
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (4 * (base + 2), 4096))
    rasters = [held(made(tmp_path, f"{i}.tif"), "1") for i in range(5)]
    assert [raster.full.closed for raster in rasters] == [True, True, True, False, False]
    assert module.open_datasets() == base + 2
