"""Which database a command works on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.errors import DatabaseUnavailable, SchemaBehind
from config.settings import DatabaseSettings, Settings
from records.database import postgis, schema
from records.database.engine import driver_url
from services.serving.database import database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def database_url(cloned_database_url: str) -> str:
    """A database whose schema the tests may break."""
    return cloned_database_url


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(data_dir=tmp_path / "data")
    yield settings
    postgis.discard(settings.data_dir, settings.database)


def test_embedded_database_is_made_with_its_schema(embedded: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with database(embedded) as url, psycopg.connect(url) as link:
        assert link.execute("select count(*) from datasets").fetchone() == (0,)
    assert capsys.readouterr().err == f"graticule: data directory {embedded.data_dir}\n"


def test_reading_command_makes_no_catalogue_and_says_where_it_looked(embedded: Settings) -> None:
    with (
        pytest.raises(DatabaseUnavailable, match=f"no catalogue in {embedded.data_dir}"),
        database(embedded, create=False),
    ):
        pass
    assert not embedded.data_dir.exists()


def test_named_server_is_used(settings: Settings) -> None:
    with database(settings) as url:
        assert url == settings.database.url.get_secret_value()


def test_schema_that_is_behind_is_refused_with_the_command_to_run(settings: Settings) -> None:
    with psycopg.connect(settings.database.url.get_secret_value(), autocommit=True) as link:
        link.execute("update schema_version set version_num = '0000'")
    with pytest.raises(SchemaBehind, match="graticule db migrate"), database(settings):
        pass
    with database(settings, at_head=False) as url:
        assert url


def test_empty_named_database_is_not_migrated_behind_the_operators_back(settings: Settings) -> None:
    url = settings.database.url.get_secret_value()
    with psycopg.connect(url, autocommit=True) as link:
        link.execute("drop table schema_version")
    with pytest.raises(SchemaBehind, match="is empty"), database(settings):
        pass
    engine = create_engine(driver_url(url), poolclass=NullPool)
    assert schema.current(engine) is None
    engine.dispose()


def test_server_that_is_down_is_told(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database=DatabaseSettings(url=f"postgresql://u@/d?host={tmp_path}"))
    with pytest.raises(DatabaseUnavailable, match="does not answer"), database(settings):
        pass
