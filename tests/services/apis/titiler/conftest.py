"""Datasets for titiler's API: of times and levels, on a globe that begins at Greenwich, and in sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from config.grids import CRS84, Grid
from tests.support.catalogues import reading
from tests.support.datasets import dated
from tests.support.levels import with_levels, with_parts
from tests.support.rasters import coded, global_grid, publication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.publication import Publication
    from tests.support.database import Server

SHEETS = Grid(crs=CRS84, transform=(1.0, 0.0, 100.0, 0.0, -1.0, 50.0), width=60, height=40)


def sst(store: Path) -> Publication:
    """Three months of a 1 degree globe at two depths; see `dated` for the values."""
    return with_levels(dated(store), store, {"0": 0.0, "50": 5.0})


def packed(store: Path) -> Publication:
    """Half stored values and -1 for no data in the last row, on a globe of 8 x 4 cells from 0 to 360 degrees."""
    cells = np.arange(32, dtype="int16").reshape(4, 8)
    cells[3] = -1
    grid = global_grid(8, 4, west=0.0)
    return publication(store, "packed", {None: cells}, grid, nodata=-1.0, scale=0.5)


def sheets(store: Path) -> Publication:
    """A region in two sheets, its values row * 10,000 + column."""
    parts = {"a": (slice(0, 40), slice(0, 35)), "b": (slice(0, 40), slice(35, 60))}
    return with_parts(publication(store, "sheets", {None: coded(SHEETS)}, SHEETS), store, parts)


def wide(store: Path) -> Publication:
    """A globe of 3,600 x 200 cells: more columns than one image may have."""
    grid = Grid(crs=CRS84, transform=(0.1, 0.0, -180.0, 0.0, -0.1, 10.0), width=3600, height=200)
    return publication(store, "wide", {None: np.ones((200, 3600), "uint8")}, grid)


@pytest.fixture(scope="package")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over these datasets, for tests that only read."""
    with reading(server, tmp_path_factory.mktemp("titiler"), sst, packed, sheets, wide) as client:
        yield client
