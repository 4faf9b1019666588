"""A catalogue for all tests of STAC: a series, sheets, levels, a year of 360 days, and what is not given out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.grids import CRS84, Grid
from config.settings import DatabaseSettings, Settings
from config.times import order_key
from records.database.engine import driver_url
from records.datasets.models import Access
from records.datasets.repository import Repository
from services.app import create_app
from tests.support.rasters import global_grid, publication
from tests.support.series import credited, long_series, with_levels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from records.datasets.publication import Publication
    from tests.support.database import Server

DAYS = 25
UTM = Grid(crs="EPSG:32650", transform=(1000.0, 0.0, 500_000.0, 0.0, -1000.0, 4_000_000.0), width=60, height=40)
PACIFIC = Grid(crs=CRS84, transform=(2.0, 0.0, 170.0, 0.0, -2.0, 10.0), width=10, height=5)


def two_variables(store: Path) -> Publication:
    """A variable of each of two grids at one time, cells packed."""
    made = publication(
        store,
        "pair",
        {"2006-05-16T12:00:00Z": np.ones((40, 60), "int16")},
        UTM,
        scale=0.5,
        offset=2.0,
        bbox=(117, 35, 118, 36.5),
    )
    (first,), (granule,) = made.variables, made.granules
    coarse = replace(UTM, transform=(2000.0, 0.0, 500_000.0, 0.0, -2000.0, 4_000_000.0), width=30, height=20)
    second = replace(first, id="w", source_name="w", title={"en": "Other"}, grid=coarse)
    other = replace(granule, variable_id="w", grid=coarse)
    return replace(made, variables=(first, second), granules=(granule, other))


def sheets(store: Path) -> Publication:
    """Two sheets of one time, the second across the antimeridian, with a name that no URL takes as it is."""
    made = publication(
        store, "sheets", {None: np.ones((5, 10), "uint8")}, PACIFIC, nodata=255.0, bbox=(100, 0, -170, 10)
    )
    (only,) = made.granules
    west = replace(PACIFIC, transform=(2.0, 0.0, 100.0, 0.0, -2.0, 10.0))
    return replace(made, granules=(replace(only, part="n30", grid=west), replace(only, part="太平洋 1/2")))


def year_of_360_days(store: Path) -> Publication:
    """One month that ends on 30 February."""
    made = publication(store, "model", {"2001-02-16T00:00:00Z": np.ones((4, 8), "float32")}, global_grid(8, 4))
    (only,) = made.granules
    keys = {"key": order_key(2001, 2, 30), "start_key": order_key(2001, 2), "end_key": order_key(2001, 3)}
    labels = {"time": "2001-02-30T00:00:00Z", "start": "2001-02-01T00:00:00Z", "end": "2001-03-01T00:00:00Z"}
    return replace(made, granules=(replace(only, calendar="360_day", **labels, **keys),))


def secret(store: Path) -> Publication:
    """A dataset under embargo."""
    access = Access(policy="apply", embargo_until=date(2999, 1, 1))
    return publication(store, "secret", {None: np.zeros((4, 8), "float32")}, global_grid(8, 4), access=access)


@pytest.fixture(scope="session")
def stac_settings(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of an application over the catalogue, for tests that only read."""
    store = tmp_path_factory.mktemp("stac")
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        repository = Repository(engine)
        made = (two_variables, sheets, year_of_360_days, secret, with_levels, credited)
        for given in (long_series(store, DAYS), *(make(store) for make in made)):
            repository.publish(given)
        repository.publish(publication(store, "gone", {None: np.zeros((4, 8), "float32")}, global_grid(8, 4)))
        repository.hide("gone", hidden=True)
        engine.dispose()
        yield Settings(data_dir=store, store=str(store), database=DatabaseSettings(url=SecretStr(url)))


@pytest.fixture(scope="module")
def stac(stac_settings: Settings) -> Iterator[TestClient]:
    """A client of the application over the catalogue."""
    with TestClient(create_app(stac_settings), base_url="http://localhost:8080") as client:
        yield client
