"""The service that is fuzzed, and into how many tests its operations are shared out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import pytest
from pydantic import SecretStr
from pyproj import CRS
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.grids import Grid
from config.settings import DatabaseSettings, Settings
from records.database.engine import driver_url
from records.datasets.repository import Repository
from tests.support.catalogues import client_of
from tests.support.coverages import publication, steps
from tests.support.levels import with_levels
from tests.support.rasters import global_grid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.models import Publication
    from tests.support.database import Server

THOROUGH: Final = "GRATICULE_TEST_FUZZ" in os.environ
COLLECTIONS: Final = ("sea", "view")
"""A dataset with times and levels, and one in a view from space, most of whose corners lie beside the earth."""
SHARES: Final = 12 if THOROUGH else 1
"""Tests that the operations are dealt out to, so that a thorough run can be made in parts (`-k share3-`)."""
_LABELS = ("2006-04-16T12:00:00Z", "2006-05-16T12:00:00Z")
_GEOS = CRS.from_proj4("+proj=geos +h=35785831 +lon_0=0 +sweep=y +datum=WGS84").to_wkt()


@pytest.fixture(scope="package")
def fuzzed(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client over the collections, to which an error of the server is an answer of status 500."""
    store = tmp_path_factory.mktemp("fuzzed")
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        for make in (_sea, _view):
            Repository(engine).publish(make(store))
        with client_of(
            Settings(data_dir=store, store=str(store), database=DatabaseSettings(url=SecretStr(url)))
        ) as client:
            yield client


def _sea(store: Path) -> Publication:
    grid = global_grid(72, 36)
    return with_levels(publication(store, "sea", steps(grid, _LABELS), grid), store, {"0": 0.0, "10": 1.0})


def _view(store: Path) -> Publication:
    edge, count = 5_600_000.0, 56
    cell = 2 * edge / count
    view = Grid(crs=_GEOS, transform=(cell, 0.0, -edge, 0.0, -cell, edge), width=count, height=count)
    return publication(store, "view", steps(view, _LABELS), view, bbox=(-81.0, -81.0, 81.0, 81.0))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Deal the operations out to the tests that take a share of them."""
    if "share" in metafunc.fixturenames:
        metafunc.parametrize("share", range(SHARES), ids=[f"share{number}-" for number in range(SHARES)])
