"""The process that compares files with their checksums, started by the supervisor.

It reads every file of the store once in some days, at a bounded rate and at low priority. A file that does not hold
what was written there is moved to the folder `.damaged` of the store, so that it is no longer served (503); the next
ingest of its source, or `graticule datasets verify --repair`, makes it again. Which file is next stands in the
database: a restart forgets nothing, and several servers over one database share the work.
"""

from __future__ import annotations

import hashlib
import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from config.errors import GraticuleError
from records.database.engine import make_engine
from records.datasets.assets import asset_checks
from services.ingest.store.damage import content_fault, set_aside
from services.serving.background.running import run_in_background

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Engine

    from config.settings import Settings

log = logging.getLogger("services.serving.background.scrubber")  # as a process of its own it is __main__

_BATCH: Final = 20
_PIECE: Final = 2**20
_REST_S: Final = 600.0
"""Seconds until it looks again whether anything is due."""
_RETRY_S: Final = 60.0
_NICENESS: Final = 19


def main() -> None:
    """Run until SIGTERM or SIGINT, as `run_in_background` does."""
    run_in_background(_run, niceness=_NICENESS)


def _run(settings: Settings, tell_ready: Callable[[], None]) -> None:
    engine = make_engine(settings.database.url.get_secret_value(), settings.database)
    tell_ready()
    try:
        while True:
            time.sleep(_wait_s(engine, settings))
    finally:
        engine.dispose()


def _wait_s(engine: Engine, settings: Settings) -> float:
    """Compare some files; returns the seconds until the next ones."""
    try:
        return 0.0 if scrub(engine, settings) else _REST_S
    except (GraticuleError, OSError) as error:  # the database or the disk may be away for a while
        log.warning("files are not compared with their checksums for now: %s", error)
        return _RETRY_S


def scrub(engine: Engine, settings: Settings) -> int:
    """Compare the files that are due, a few; returns how many they were."""
    assets = asset_checks.due(engine, age=timedelta(days=settings.scrub.days), limit=_BATCH)
    for asset in assets:
        path = settings.store_dir / asset.href
        if content_fault(path, asset, digest=lambda path: paced_sha256(path, settings.scrub.mb_s)) is not None:
            fault = set_aside(settings.store_dir, asset)
            if fault is not None:
                log.error(
                    "%s %s; it is not served, and was moved to .damaged if it was there, unless it lies elsewhere",
                    asset.href,
                    fault,
                )
        asset_checks.note(engine, [asset.href])
    return len(assets)


def paced_sha256(path: Path, mb_s: float) -> str:
    """The SHA-256 of a file that is read at `mb_s` MiB a second at most, in hexadecimal digits; raises OSError."""
    digest, size, began = hashlib.sha256(), 0, time.monotonic()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            time.sleep(max(0.0, size / (mb_s * 2**20) - (time.monotonic() - began)))
    return digest.hexdigest()


if __name__ == "__main__":
    main()
