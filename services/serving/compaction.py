"""The process that builds parts of series by time: `python -m services.serving.compaction`, started by the supervisor.

It looks at each dataset once, and again when the catalogue says that it changed; in between it waits for notifications
and does nothing. It works at low priority in one child process, one part after the other. Of several servers over one
database one builds a dataset at a time. SIGTERM ends a build where it is, and the next one goes on there.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Final, NoReturn

import psycopg

from config import logging as logs
from config import settings as configuration
from config.errors import CollectionNotFound, GraticuleError
from records.database.engine import make_engine
from records.database.orm import CHANNEL
from records.datasets.repository import Repository
from services.compute.children.lifeline import die_with
from services.ingest.series.building import build_series
from services.ingest.series.planning import may_want_parts
from services.ingest.workers import Workers

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType

    from config.settings import Settings

log = logging.getLogger("services.serving.compaction")  # as a process of its own it is __main__

_RETRY_S: Final = 60.0
_LONGEST_WAIT_S: Final = 3600.0
_SETTLE_S: Final = 0.5
"""Notifications of one change come together."""
_NICENESS: Final = 15


class _StoppedError(BaseException):
    """The supervisor says stop; no `except Exception` on the way holds it up."""


def main() -> None:
    """Run until SIGTERM or SIGINT. Arguments: the descriptor of the answer and the parent's id."""
    answers, parent = (int(word) for word in sys.argv[1:3])
    die_with(parent)
    os.set_inheritable(answers, False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        _run(answers)
    except _StoppedError:
        pass
    except GraticuleError as error:
        sys.exit(f"graticule: {error.detail}")


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # the end is not interrupted again; the supervisor kills what is late
    raise _StoppedError("the server was stopped")


def _run(answers: int) -> None:
    settings = configuration.load()
    logs.configure(level=settings.log_level, style=settings.log_format)
    os.nice(_NICENESS)
    with os.fdopen(answers, "w") as pipe:
        pipe.write("ready\n")
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
