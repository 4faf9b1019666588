"""The surroundings of an execution. Imported where it executes, in a child process, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from cog import gdal
from config.settings import DatabaseSettings, Settings
from records.database.engine import make_engine
from records.datasets.catalogue import Catalogue
from records.jobs.job_store import Jobs
from services.web.context import Context

if TYPE_CHECKING:
    from services.compute.executor import LastCommit, ReportProgress, ResultDocument
    from services.compute.staging import StagingArea


class SiteEnvironment:
    """The environment of an execution (`services.compute.executor.Environment`); the context opens at its first use."""

    def __init__(self, settings: Settings, report: ReportProgress, staging: StagingArea) -> None:
        self._settings = settings
        self.report = report
        self.staging = staging
        self._commit: LastCommit | None = None

    @cached_property
    def context(self) -> Context:
        """The catalogue, uncached, the store and the settings."""
        gdal.configure(self._settings.gdal_cache_mb)
        url = self._settings.database.url
        # a second connection holds the lock of a dataset while it is published
        engine = make_engine(url.get_secret_value(), DatabaseSettings(url=url, pool_size=2))
        return Context(settings=self._settings, catalogue=Catalogue(engine), store=self._settings.store_dir)

    def commit_last(self, commit: LastCommit) -> None:
        """Have something committed in one transaction with the success of the job; raises ValueError a second time."""
        if self._commit is not None:
            raise ValueError("an execution commits one thing at its end")
        self._commit = commit

    def conclude(self, result: ResultDocument) -> ResultDocument:
        """Commit what waits for the result together with the success of the job; returns the result.

        Raises JobDismissed if the job is no longer wanted, and what the commit raises; then nothing is committed.
        """
        if self._commit is None:
            return result
        jobs, job_id = Jobs(self.context.catalogue.repository.engine), self.staging.job_id
        self._commit(lambda session: jobs.succeed_within(session, job_id, result.body, result.media_type))
        return replace(result, is_kept=True)
