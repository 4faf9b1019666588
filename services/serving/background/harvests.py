"""The process of the scheduled harvests: `python -m services.serving.background.harvests`, started by the supervisor.

It harvests what is due, one source after the other, at low priority and never in a web worker. Of several servers over
one database one does so at a time. What is due, what failed and when that is tried again stands in the database, so a
restart forgets nothing; SIGTERM ends a harvest where it is, and the next one goes on.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from config.errors import Conflict, GraticuleError
from records.database.engine import make_engine
from records.harvest.keeping import harvest_kept
from records.harvest.ledger import Ledger
from services.serving.background.running import run_in_background

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.settings import Settings
    from records.harvest.ledger import Source

log = logging.getLogger("services.serving.background.harvests")  # as a process of its own it is __main__

_LEAST_WAIT_S = 0.2
_LONGEST_WAIT_S = 5.0
"""A schedule that another process changes is noticed after so long."""
_NICENESS = 10


def main() -> None:
    """Run until SIGTERM or SIGINT, as `run_in_background` does."""
    run_in_background(_run, niceness=_NICENESS)


def _run(settings: Settings, tell_ready: Callable[[], None]) -> None:
    engine = make_engine(settings.database.url.get_secret_value(), settings.database)
    ledger = Ledger(engine)
    tell_ready()
    try:
        while True:
            time.sleep(harvest_due(ledger))
    finally:
        engine.dispose()


def harvest_due(ledger: Ledger) -> float:
    """Harvest each source that is due, once; the seconds to wait for the next."""
    try:
        wait_s = ledger.seconds_until_due()
        if wait_s is None or wait_s > 0:
            return min(_LONGEST_WAIT_S, max(_LEAST_WAIT_S, wait_s or _LONGEST_WAIT_S))
        with ledger.turn():
            done: dict[str, bool] = {}
            while source := ledger.next_due(without=list(done)):
                done[source.source] = _harvest(ledger, source)
    except Conflict:  # another server's turn
        return _LONGEST_WAIT_S
    except GraticuleError as error:  # the database may be away for a while
        log.warning("nothing can be harvested: %s", error.detail)
        return _LONGEST_WAIT_S
    return _LEAST_WAIT_S if all(done.values()) else _LONGEST_WAIT_S


def _harvest(ledger: Ledger, source: Source) -> bool:
    """Harvest a source; whether it could be held for that."""
    try:
        report = harvest_kept(ledger, source)
    except Conflict as error:
        log.info("%s", error.detail)
        return False
    except GraticuleError:
        raise
    except Exception:
        log.exception("%s: the harvest failed", source.source)  # entered as interrupted, and tried again later
    else:
        summary = ", ".join(f"{count} {status}" for status, count in report.counts.items()) or "nothing has changed"
        if report.broken:
            log.warning("%s could not be harvested: %s", source.source, report.broken)
        else:
            log.info("%s: %s", source.source, summary)
    return True


if __name__ == "__main__":
    main()
