"""The surroundings of an execution. Imported where it executes, in a child process, and nowhere else."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from cog import gdal
from config.settings import DatabaseSettings, Settings
from records.database.engine import make_engine
from records.datasets.catalogue import Catalogue
from services.web.context import Context

if TYPE_CHECKING:
    from services.compute.executor import ReportProgress
    from services.compute.staging import StagingArea


class SiteEnvironment:
    """The environment of an execution (`services.compute.executor.Environment`); the context opens at its first use."""

    def __init__(self, settings: Settings, report: ReportProgress, staging: StagingArea) -> None:
        self._settings = settings
        self.report = report
        self.staging = staging

    @cached_property
    def context(self) -> Context:
        """The catalogue, uncached, the store and the settings."""
        gdal.configure(self._settings.gdal_cache_mb)
        url = self._settings.database.url
        # a second connection holds the lock of a dataset while it is published
        engine = make_engine(url.get_secret_value(), DatabaseSettings(url=url, pool_size=2))
        return Context(settings=self._settings, catalogue=Catalogue(engine), store=self._settings.store_dir)
