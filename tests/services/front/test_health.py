from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from config.settings import DatabaseSettings, Settings
from records.database.engine import driver_url
from services.app import create_app

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.database import Server


def test_a_running_service_is_alive_and_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    assert client.get("/readyz").headers["cache-control"] == "no-store"


def test_a_service_whose_database_is_gone_is_alive_but_not_ready(server: Server, tmp_path: Path) -> None:
    with server.database() as url:
        settings = Settings(data_dir=tmp_path, database=DatabaseSettings(url=url))
        with TestClient(create_app(settings), raise_server_exceptions=False) as client:
            assert client.get("/readyz").status_code == 200
            server.drop(url)
            assert client.get("/healthz").status_code == 200
            assert client.get("/readyz").status_code == 503
            assert client.get("/collections").status_code == 503
            assert "database" in client.get("/collections").json()["detail"]


def test_a_service_whose_schema_is_another_is_not_ready(cloned_database_url: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database=DatabaseSettings(url=SecretStr(cloned_database_url)))
    with TestClient(create_app(settings)) as client:
        engine = create_engine(driver_url(cloned_database_url), poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("update schema_version set version_num = 'other'"))
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert "other" in answer.json()["detail"]
