"""An application whose records may be written, and a token for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.settings import DatabaseSettings, Settings
from records.access.tokens import HISTORY, WRITE, TokenStore
from records.database.engine import driver_url
from records.datasets.repository import Repository
from services.app import create_app
from tests.support.rasters import coded, global_grid, publication

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tests.support.database import Server


@dataclass(frozen=True)
class Writing:
    """An application, its database, and the header of a token that may write and read the history."""

    client: TestClient
    engine: Engine
    settings: Settings
    bearer: dict[str, str]


@pytest.fixture(scope="module")
def writing(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writing]:
    """An application over one published dataset, `sea`; each test makes records of its own."""
    folder = tmp_path_factory.mktemp("writing")
    grid = global_grid(8, 4)
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        settings = Settings(data_dir=folder, database=DatabaseSettings(url=SecretStr(url)))
        settings.store_dir.mkdir()
        step = {"2006-04-16T00:00:00Z": coded(grid)}
        Repository(engine).publish(publication(settings.store_dir, "sea", step, grid))
        _, text = TokenStore(engine).create("editor", [WRITE, HISTORY])
        with TestClient(
            create_app(settings), base_url="http://localhost:8080", raise_server_exceptions=False
        ) as client:
            yield Writing(client, engine, settings, {"Authorization": f"Bearer {text}"})
        engine.dispose()
