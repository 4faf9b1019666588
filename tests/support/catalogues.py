"""Applications over catalogues that no test changes, so that the tests of a module share them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from config.settings import DatabaseSettings, Settings
from records.database.engine import driver_url
from records.datasets.repository import Repository
from services.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from records.datasets.publication import Publication
    from tests.support.database import Server

type Maker = Callable[[Path], Publication]
"""Writes the files of a dataset into a store, and describes it."""


@contextmanager
def catalogue_of(server: Server, store: Path, *datasets: Maker) -> Iterator[Settings]:
    """Settings of an application over published datasets and nothing else, whose database refuses to be written."""
    with server.database() as url:
        engine = create_engine(driver_url(url))
        for make in datasets:
            Repository(engine).publish(make(store))
        engine.dispose()
        with psycopg.connect(url, autocommit=True) as link:
            link.execute(f"alter database {make_url(url).database} set default_transaction_read_only = on")
        yield Settings(data_dir=store, store=str(store), database=DatabaseSettings(url=SecretStr(url)))


@contextmanager
def client_of(settings: Settings) -> Iterator[TestClient]:
    """A client of a running application; an error of the server is an answer of status 500."""
    with TestClient(create_app(settings), base_url="http://localhost:8080", raise_server_exceptions=False) as client:
        yield client


@contextmanager
def reading(server: Server, store: Path, *datasets: Maker) -> Iterator[TestClient]:
    """A client of an application over published datasets that no test changes."""
    with catalogue_of(server, store, *datasets) as settings, client_of(settings) as client:
        yield client
