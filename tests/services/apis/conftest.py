"""Applications that only read: over records in two languages for CSW and OAI-PMH, over layers for WMTS, WMS and WCS."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.grids import CRS84, Grid
from config.setting_groups.server import ServerSettings
from config.settings import DatabaseSettings, Settings
from records.database.engine import driver_url
from records.datasets.models import Access
from records.datasets.publication import Publication
from records.datasets.repository import Repository
from services.app import create_app
from tests.support import gridded
from tests.support.catalogues import catalogue_of, client_of, reading
from tests.support.datasets import classified, dated
from tests.support.levels import with_levels
from tests.support.listening import listening
from tests.support.rasters import coded, global_grid, publication
from tests.support.records import add, document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.support.database import Server

HIDDEN = "secret-grid"
CATALOGUE = (
    document(
        "permafrost",
        "Permafrost map of the Tibetan Plateau",
        zh="青藏高原多年冻土分布图",
        box=(75.0, 26.0, 105.0, 40.0),
        interval=("2001-01-01", "2005-12-31"),
        description={"en": "Sea ice is not in it.", "zh": "冻土的分布。"},
        keywords={"en": ["permafrost", "soil"], "zh": ["冻土"]},
        externalIds=[{"scheme": "doi", "value": "10.12072/NCDC.test.2024"}],
        contacts=[{"name": "Li Lei", "organization": "Cryosphere Institute", "roles": ["author"]}],
        formats=[{"name": "NetCDF", "mediaType": "application/netcdf"}],
        license="CC-BY-4.0",
    ),
    document(
        "sea-ice",
        "Arctic sea ice 100% daily",
        zh="北极海冰",
        box=(-180.0, 60.0, 180.0, 90.0),
        interval=("1979-01-01", ".."),
        description={"en": "Concentration of ice on the sea."},
        keywords={"en": ["ice"]},
    ),
    document(
        "fiji",
        "Coral reefs of Fiji_A",
        box=(175.0, -20.0, -175.0, -15.0),
        interval=("2010-06-01", "2010-06-30"),
        keywords={"en": ["coral", "reef"]},
        type="series",
    ),
    document("plain", 'A <plain> & simple "record"', type="service"),
)


@dataclass(frozen=True)
class Running:
    """An application that listens.

    Attributes:
        base: Its base URL.
    """

    base: str
    engine: Engine
    settings: Settings


@contextmanager
def running(server: Server, folder: Path, *documents: dict[str, Any]) -> Iterator[Running]:
    """An application over these records, on a port of its own, in a thread."""
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        add(engine, *documents)
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        settings = Settings(
            data_dir=folder,
            database=DatabaseSettings(url=SecretStr(url)),
            server=ServerSettings(url=f"http://127.0.0.1:{port}", port=port, contact="data@example.org"),
        )
        listening = uvicorn.Server(uvicorn.Config(create_app(settings), log_config=None, lifespan="on"))
        thread = threading.Thread(target=listening.run, args=([listener],), daemon=True)
        thread.start()
        while not listening.started:
            assert thread.is_alive()
            thread.join(0.01)
        yield Running(f"http://127.0.0.1:{port}", engine, settings)
        listening.should_exit = True
        thread.join(10)
        engine.dispose()


@pytest.fixture(scope="package")
def centre(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The catalogue of these tests, which holds one hidden dataset too."""
    folder = tmp_path_factory.mktemp("centre")
    with running(server, folder, *CATALOGUE) as found:
        repository, grid = Repository(found.engine), global_grid(8, 4)
        found.settings.store_dir.mkdir()
        repository.publish(publication(found.settings.store_dir, HIDDEN, {None: coded(grid)}, grid))
        repository.hide(HIDDEN, hidden=True)
        yield found


@pytest.fixture(scope="package")
def reader(centre: Running) -> Iterator[TestClient]:
    """A client without a socket, of the same catalogue."""
    with TestClient(create_app(centre.settings), base_url=centre.base, raise_server_exceptions=False) as client:
        yield client


CORNER = Grid(crs=CRS84, transform=(0.5, 0.0, 10.0, 0.0, -0.5, 10.0), width=20, height=20)
"""10 to 20 degrees east, 0 to 10 degrees north."""
METRES = Grid(crs="EPSG:32633", transform=(1000.0, 0.0, 400_000.0, 0.0, -1000.0, 5_600_000.0), width=40, height=30)
"""Around 15 degrees east, 50 degrees north, in cells of a kilometre."""


def corner(store: Path) -> Publication:
    """A region at two depths on three days: row * 10,000 + column, a hundred more at the second depth."""
    steps: dict[str | None, Any] = {f"2020-01-0{day}T00:00:00Z": coded(CORNER) for day in (1, 2, 4)}
    made = publication(store, "corner", steps, CORNER, value_range=(0.0, 200_000.0), unit="m")
    return with_levels(made, store, {"0": 0.0, "10": 100.0})


def metres(store: Path) -> Publication:
    """A grid in UTM without time: row * 10,000 + column."""
    box = (13.5, 50.2, 14.3, 50.6)
    return publication(store, "metres", {None: coded(METRES)}, METRES, value_range=(0.0, 300_000.0), bbox=box)


def closed(store: Path) -> Publication:
    """A dataset that is served on application only."""
    return dated(store, "closed", access=Access(policy="apply"))


@pytest.fixture(scope="session")
def layers_client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `sst`, `cover`, `corner`, `metres` and `closed`, for tests that only read."""
    with reading(server, tmp_path_factory.mktemp("layers"), dated, classified, corner, metres, closed) as client:
        yield client


@pytest.fixture(scope="session")
def arrays_settings(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of an application over the datasets of `tests.support.gridded`."""
    folder = tmp_path_factory.mktemp("arrays")
    made = (gridded.daily, gridded.ocean, gridded.polar, gridded.year360, gridded.long)
    with catalogue_of(server, folder, *made) as settings:
        yield settings


@pytest.fixture(scope="session")
def arrays_client(arrays_settings: Settings) -> Iterator[TestClient]:
    """A client without a socket, of the datasets of `tests.support.gridded`."""
    with client_of(arrays_settings) as client:
        yield client


@pytest.fixture(scope="session")
def arrays_url(arrays_settings: Settings) -> Iterator[str]:
    """The base URL of an application over them, which programs reach by a socket."""
    with listening(arrays_settings) as base:
        yield base
