"""A harvest of a source that the database remembers: held against others, incremental, and reported there."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from config.errors import GraticuleError
from records.harvest.fetch.fetching import Limits
from records.harvest.memory import SourceMemory, reader
from records.harvest.registry import adapter_named, service_named
from records.harvest.run import harvest
from records.writing.record_store import RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from records.harvest.ledger import Ledger, Source
    from records.harvest.report import Outcome, Report

WHOLE_AFTER: Final = timedelta(days=30)
"""A service is read whole once in so long, to find what vanished without its telling and what it did not date."""


def harvest_kept(
    ledger: Ledger, source: Source, *, anew: bool = False, listener: Callable[[Outcome], None] | None = None
) -> Report:
    """Harvest a source that is entered in the ledger, and enter the report.

    Args:
        ledger: The catalogue's.
        source: As the ledger holds it.
        anew: Whether everything is read, whatever is known.
        listener: Told each outcome as it comes.

    Raises:
        Conflict: Another process harvests it at this moment.
    """
    options = source.options
    limits = Limits(allow_private=options.allow_private, total_s=options.timeout_s, max_pages=options.max_pages)
    with ledger.held(source.source):
        run_id = ledger.begin(source.source)
        try:
            report = harvest(
                source.source,
                store=RecordStore(ledger.engine),
                adapter=adapter_named(source.format),
                limits=limits,
                service=service_named(source.format),
                memory=SourceMemory(ledger.engine, source.source, reader(source.format), anew=anew),
                since=None if anew or _is_stale(source) else source.since,
                remove_vanished=options.remove_vanished,
                listener=listener,
            )
        except BaseException as error:
            with suppress(GraticuleError):  # the database may be what is gone
                on_purpose = not isinstance(error, Exception)  # a signal, an interrupt at the terminal
                ledger.interrupted(run_id, str(error) or type(error).__name__, on_purpose=on_purpose)
            raise
        ledger.finish(run_id, report)
    return report


def _is_stale(source: Source) -> bool:
    return source.read_whole is None or datetime.now(UTC) - source.read_whole > WHOLE_AFTER
