"""The process that watches folders: `python -m services.serving.background.watches`, started by the supervisor.

It takes files of the folders that the settings name into their datasets as they come, change and go. What it took
stands in the catalogue, so a restart goes on there. A folder or declaration that is not there is tried again.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cog import gdal
from config.errors import DatabaseUnavailable, GraticuleError
from records.database.engine import make_engine
from records.datasets.repository import Repository
from services.ingest.models import SourceStatus
from services.ingest.watching.following import follow
from services.ingest.watching.watch import FolderWatch, WatchOrder
from services.ingest.workers import Workers
from services.serving.background.running import run_in_background

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.settings import Settings
    from services.ingest.models import IngestReport

log = logging.getLogger("services.serving.background.watches")  # as a process of its own it is __main__

_RETRY_S: Final = 30.0
_NICENESS: Final = 5


def main() -> None:
    """Run until SIGTERM or SIGINT, as `run_in_background` does."""
    run_in_background(_run, niceness=_NICENESS)


def _run(settings: Settings, tell_ready: Callable[[], None]) -> None:
    gdal.configure(settings.gdal_cache_mb)
    engine = make_engine(settings.database.url.get_secret_value(), settings.database)
    tell_ready()
    try:
        with Workers(limits=settings.ingest) as workers:
            repository = Repository(engine)

            def begin(order: WatchOrder) -> FolderWatch:
                return FolderWatch(
                    order, repository=repository, store=settings.store_dir, workers=workers, say=log.warning
                )

            watches = [LateWatch(order, begin) for order in orders(settings)]
            follow(watches, report=log_report, say=log.warning, poll_s=settings.watch.poll_s)
    finally:
        engine.dispose()


def orders(settings: Settings) -> list[WatchOrder]:
    """What the settings say is watched."""
    pairs = [one.rpartition("=") for one in settings.watch.folders]
    return [
        WatchOrder(
            folder=Path(folder),
            declaration=Path(declaration),
            settle_s=settings.watch.settle_s,
            keep_removed=settings.watch.keep_removed,
            profile="in-place" if settings.watch.in_place else "zstd",
            roots=tuple(Path(root) for root in settings.ingest.roots),
        )
        for folder, _, declaration in pairs
    ]


class LateWatch:
    """A watch that begins as soon as its folder and declaration are there and right, whatever others do.

    Args:
        order: What is watched.
        begin: Makes the watch; raises a GraticuleError while it cannot begin.
    """

    def __init__(self, order: WatchOrder, begin: Callable[[WatchOrder], FolderWatch]) -> None:
        self._order, self._begin = order, begin
        self._watch: FolderWatch | None = None
        self._due, self._told = 0.0, ""

    @property
    def waiting(self) -> int:
        """Files that are waited for."""
        return self._watch.waiting if self._watch else 0

    def look(self, *, now: float) -> list[IngestReport]:
        """Look at the folder, as `FolderWatch.look` does; nothing while the watch cannot begin."""
        if self._watch is None and now >= self._due:
            self._due = now + _RETRY_S
            try:
                self._watch = self._begin(self._order)
            except DatabaseUnavailable:
                raise
            except GraticuleError as error:
                if error.detail != self._told:
                    log.warning("%s is not watched: %s", self._order.folder, error.detail)
                self._told = error.detail
                return []
            log.info("%s: %s is watched", self._watch.dataset_id, self._order.folder)
        return self._watch.look(now=now) if self._watch else []


def log_report(report: IngestReport) -> None:
    """Log what became of each file."""
    for outcome in report.outcomes:
        is_bad = outcome.status is SourceStatus.REFUSED
        log.log(logging.WARNING if is_bad else logging.INFO, "%s", outcome.line.replace("\t", " "))


if __name__ == "__main__":
    main()
