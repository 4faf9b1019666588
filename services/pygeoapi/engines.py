"""Settings and engines of plugins: pygeoapi makes a provider for each request, so connections are kept here."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from config.settings import load
from records.database import schema
from records.database.engine import make_engine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

    from config.settings import DatabaseSettings, Settings

_ENGINES = 16
"""Databases that one process serves."""

DATABASE_OPTIONS = ("pool_size", "timeout_s", "statement_timeout_s")
"""Options of a plugin that bound its connections, with the meaning they have in docs/settings.md."""


def plugin_settings(url: str, values: Mapping[str, Any]) -> Settings:
    """The settings of a plugin's definition; those that it leaves out are from the environment, then the defaults.

    Args:
        url: URL of the database.
        values: Groups and single settings by name, and `DATABASE_OPTIONS`.

    Raises:
        UnsafeSetting: Names each bad value.
    """
    database = {name: values[name] for name in DATABASE_OPTIONS if name in values}
    others = {name: value for name, value in values.items() if name not in DATABASE_OPTIONS}
    return load(**others, database={"url": url, **database})


@lru_cache(maxsize=_ENGINES)
def shared_engine(settings: DatabaseSettings) -> Engine:
    """The one engine of this process for a database; raises DatabaseUnavailable or SchemaBehind when it is made."""
    engine = make_engine(settings.url.get_secret_value(), settings)
    try:
        schema.require_head(engine)
    except Exception:
        engine.dispose()
        raise
    return engine
