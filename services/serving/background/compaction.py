"""The process that builds parts of series by time, started by the supervisor.

It looks at each dataset once, and again when the catalogue says that it changed; in between it waits for notifications
and does nothing. It works at low priority in one child process, one part after the other. Of several servers over one
database one builds a dataset at a time. SIGTERM ends a build where it is, and the next one goes on there.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

import psycopg

from config.errors import CollectionNotFound, GraticuleError
from records.database.engine import make_engine
from records.database.orm import CHANNEL
from records.datasets.repository import Repository
from services.ingest.series.building import build_series
from services.ingest.series.planning import may_want_parts
from services.ingest.workers import Workers
from services.serving.background.running import run_in_background

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config.settings import Settings

log = logging.getLogger("services.serving.background.compaction")  # as a process of its own it is __main__

_RETRY_S: Final = 60.0
_LONGEST_WAIT_S: Final = 3600.0
_SETTLE_S: Final = 0.5
"""Notifications of one change come together."""
_NICENESS: Final = 15


def main() -> None:
    """Run until SIGTERM or SIGINT, as `run_in_background` does."""
    run_in_background(_run, niceness=_NICENESS)


def _run(settings: Settings, tell_ready: Callable[[], None]) -> None:
    tell_ready()
    while True:
        try:
            _follow(settings)
        except (psycopg.Error, GraticuleError) as error:  # the database may be away for a while
            log.warning("series are not built for now: %s", error)
            time.sleep(_RETRY_S)


def _follow(settings: Settings) -> None:
    """Build what is missing, then whatever changes."""
    url = settings.database.url.get_secret_value()
    engine = make_engine(url, settings.database)
    plain = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    repository = Repository(engine)
    try:
        with (
            psycopg.connect(plain, autocommit=True, application_name="graticule compaction") as link,
            Workers(1, limits=settings.ingest) as workers,
        ):
            link.execute(f"listen {CHANNEL}")
            waiting = dict.fromkeys(repository.dataset_ids(hidden=True))
            failed: set[str] = set()
            while True:
                for dataset_id in waiting:
                    if not compact(repository, settings.store_dir, dataset_id, workers=workers):
                        failed.add(dataset_id)
                wait_s = _RETRY_S if failed else _LONGEST_WAIT_S
                notes = [note.payload for note in link.notifies(timeout=wait_s, stop_after=1)]
                notes += [note.payload for note in link.notifies(timeout=_SETTLE_S)] if notes else []
                waiting = dict.fromkeys([*notes, *failed])
                failed = set()
    finally:
        engine.dispose()


def compact(repository: Repository, store: Path, dataset_id: str, *, workers: Workers | None = None) -> bool:
    """Build the parts of a dataset that are missing; whether that went well, or there was nothing to do."""
    try:
        dataset = repository.dataset(dataset_id, hidden=True)
        if may_want_parts(dataset):
            made = build_series(repository, store, dataset, workers=workers)
            if made:
                log.info("%s: %d parts of series were built", dataset_id, made)
    except CollectionNotFound:
        return True
    except (GraticuleError, OSError) as error:
        log.warning("%s: its series cannot be built, it is tried again: %s", dataset_id, error)
        return False
    return True


if __name__ == "__main__":
    main()
