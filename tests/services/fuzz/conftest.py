"""The service that is fuzzed, and into how many tests its operations are shared out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import pytest
from fastapi.testclient import TestClient
from pyproj import CRS

from config.grids import Grid
from services.app import create_app
from tests.support.coverages import publication, steps
from tests.support.levels import with_levels
from tests.support.rasters import global_grid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from config.settings import Settings
    from records.datasets.repository import Repository

SHARES: Final = 12 if "GRATICULE_TEST_FUZZ" in os.environ else 1
"""Tests that the operations are dealt out to, so that a thorough run can be made in parts (`-k share3-`)."""
COLLECTIONS: Final = ("sea", "view")
"""A dataset with times and levels, and one in a view from space, most of whose corners lie beside the earth."""
_LABELS = ("2006-04-16T12:00:00Z", "2006-05-16T12:00:00Z")
_GEOS = CRS.from_proj4("+proj=geos +h=35785831 +lon_0=0 +sweep=y +datum=WGS84").to_wkt()


@pytest.fixture
def fuzzed(settings: Settings, repository: Repository, store: Path) -> Iterator[TestClient]:
    """A client over the collections, which raises what the service does not answer."""
    grid = global_grid(72, 36)
    repository.publish(with_levels(publication(store, "sea", steps(grid, _LABELS), grid), store, {"0": 0.0, "10": 1.0}))
    edge, count = 5_600_000.0, 56
    cell = 2 * edge / count
    view = Grid(crs=_GEOS, transform=(cell, 0.0, -edge, 0.0, -cell, edge), width=count, height=count)
    repository.publish(publication(store, "view", steps(view, _LABELS), view, bbox=(-81.0, -81.0, 81.0, 81.0)))
    with TestClient(create_app(settings), base_url="http://localhost:8080", raise_server_exceptions=False) as client:
        yield client


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Deal the operations out to the tests that take a share of them."""
    if "share" in metafunc.fixturenames:
        metafunc.parametrize("share", range(SHARES), ids=[f"share{number}-" for number in range(SHARES)])
