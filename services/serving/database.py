"""The database a command works on: the server the settings name, or the embedded one of the data directory."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from config.errors import DatabaseUnavailable
from records.database import postgis, schema
from records.database.engine import make_engine, translated_errors
from records.database.suitability import require_suitable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from config.settings import Settings


@contextmanager
def database(settings: Settings, *, create: bool = True, at_head: bool = True) -> Iterator[str]:
    """The libpq URL of the catalogue's database, which answers at least until the end of the block.

    A server that the settings name is checked; the embedded one is started or attached to. A new, empty embedded
    catalogue is given its schema; any other schema is left for `graticule db migrate`. Names the data directory on
    stderr.

    Args:
        settings: The settings.
        create: Whether a missing embedded catalogue is made; commands that only read say False.
        at_head: Whether a schema of another revision is refused.

    Raises:
        DatabaseUnavailable: The server does not answer, or there is no catalogue and `create` is False.
        DatabaseUnsuitable: The server cannot hold the catalogue.
        SchemaBehind: The schema is of another revision.
    """
    data_dir = announce(settings)
    server_url = settings.database.url.get_secret_value()
    if server_url:
        require_suitable(server_url, settings.database)
        _prepare_schema(server_url, settings, at_head=at_head, embedded=False)
        yield server_url
        return
    if not create:
        require_catalogue(data_dir)
    with postgis.running(data_dir, settings.database) as url:
        _prepare_schema(url, settings, at_head=at_head, embedded=True)
        yield url


def announce(settings: Settings) -> Path:
    """Name the data directory on stderr, and return it as an absolute path."""
    data_dir = settings.data_dir.absolute()
    sys.stderr.write(f"graticule: data directory {data_dir}\n")
    sys.stderr.flush()
    return data_dir


def require_catalogue(data_dir: Path) -> postgis.Status:
    """The state of the embedded catalogue of a data directory; raises DatabaseUnavailable if it has none."""
    status = postgis.status(data_dir)
    if status is None or status.major is None:
        raise DatabaseUnavailable(
            f"there is no catalogue in {data_dir}; set GRATICULE_DATA_DIR to the data directory, "
            "GRATICULE_DATABASE_URL to the server, or make a catalogue with `graticule ingest` or `graticule demo`"
        )
    return status


def has_catalogue(settings: Settings) -> bool:
    """Whether there is a catalogue, or a server that should have one, without starting anything."""
    if settings.database.url.get_secret_value():
        return True
    status = postgis.status(settings.data_dir.absolute())
    return status is not None and status.major is not None


def _prepare_schema(url: str, settings: Settings, *, at_head: bool, embedded: bool) -> None:
    engine: Engine = make_engine(url, settings.database)
    try:
        with translated_errors():
            if embedded and schema.current(engine) is None:
                schema.migrate(engine)
            if at_head:
                schema.require_head(engine)
    finally:
        engine.dispose()
