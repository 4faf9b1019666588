"""The environment of an execution: where the catalogue and the store are, sent to the process that executes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydantic import SecretStr

if TYPE_CHECKING:
    from config.settings import Settings
    from services.processes.protocol import Report
    from services.web.context import Context


@dataclass(frozen=True, kw_only=True)
class Site:
    """What an execution must know of the server; its text never shows the password.

    Attributes:
        database: URL of the catalogue's database, as the workers reach it.
        store: Absolute path of the COG assets, as the workers reach it.
        base_url: Public base URL of the server.
        serve_restricted: Whether data that is not open may be read.
        zone_cells: Most cells, times times, of one request for zonal statistics.
        cache_mb: GDAL's block cache, MiB.
    """

    database: SecretStr
    store: str
    base_url: str
    serve_restricted: bool
    zone_cells: int
    cache_mb: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """What the settings say of it; `database.url` is set."""
        return cls(
            database=settings.database.url,
            store=str(settings.store_dir.absolute()),
            base_url=settings.base_url,
            serve_restricted=settings.serve_restricted,
            zone_cells=settings.limit.zone_cells,
            cache_mb=settings.gdal_cache_mb,
        )

    def encode(self) -> str:
        """As JSON, with the password: for the pipe to a child alone."""
        return json.dumps(self.__dict__ | {"database": self.database.get_secret_value()})

    @classmethod
    def decode(cls, text: str) -> Self:
        """The inverse of `encode`."""
        members = json.loads(text)
        return cls(**members | {"database": SecretStr(members["database"])})


class SiteEnvironment:
    """The environment of an execution at a site; nothing of it is opened before it is asked for. A context."""

    def __init__(self, site: Site | None, report: Report) -> None:
        self._site = site
        self.report = report

    @cached_property
    def context(self) -> Context:
        """The catalogue, uncached, the store and the settings."""
        from cog import gdal  # noqa: PLC0415 - a process that reads no data need not wait for all this
        from config.settings import DatabaseSettings, LimitSettings, ServerSettings, Settings  # noqa: PLC0415
        from records.database.engine import make_engine  # noqa: PLC0415
        from records.datasets.catalogue import Catalogue  # noqa: PLC0415
        from services.web.context import Context  # noqa: PLC0415

        assert self._site is not None
        gdal.configure(self._site.cache_mb)
        database = DatabaseSettings(url=self._site.database, pool_size=1)
        settings = Settings(
            store=self._site.store,
            database=database,
            serve_restricted=self._site.serve_restricted,
            server=ServerSettings(url=self._site.base_url),
            limit=LimitSettings(zone_cells=self._site.zone_cells),
        )
        engine = make_engine(self._site.database.get_secret_value(), database)
        return Context(settings=settings, catalogue=Catalogue(engine), store=Path(self._site.store))
