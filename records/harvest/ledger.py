"""The sources that were harvested, when each is due, and the reports of their harvests, in the database."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from sqlalchemy import ColumnElement, case, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from config.errors import Conflict, NotFound
from records.database.engine import translated_errors
from records.database.orm import HarvestRunRow, HarvestSourceRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Engine

    from records.harvest.report import Report

type Status = Literal["running", "whole", "changes", "broken", "interrupted"]
"""`whole`: all of the source was read; `changes`: what a service changed; `broken`: it could not be read to its end;
`interrupted`: the harvest was stopped, or its process died."""

KEPT_RUNS: Final = 20
"""Reports kept of each source."""
_FIRST_RETRY_S: Final = 60
_LAST_RETRY_S: Final = 86_400
_MOST_DOUBLINGS: Final = 20


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a source is harvested.

    Attributes:
        remove_vanished: Whether records that it has no more are withdrawn.
        allow_private: Whether it may be on a private network.
        timeout_s: Longest time for one answer.
        max_pages: Most pages.
    """

    remove_vanished: bool = False
    allow_private: bool = False
    timeout_s: float = 300.0
    max_pages: int = 10_000


@dataclass(frozen=True, kw_only=True)
class Source:
    """A source that was harvested, or is to be.

    Attributes:
        source: Its identity: an absolute path or a URL.
        format: The word that `graticule harvest` takes.
        since: What to ask it for the next time.
        read_whole: When it was last read from end to end.
        every: From one harvest to the next; None: it is harvested by hand.
        due: When it is harvested next.
        failures: Harvests in a row that came to no end.
    """

    source: str
    format: str
    options: Options = field(default_factory=Options)
    since: str | None = None
    read_whole: datetime | None = None
    every: timedelta | None = None
    due: datetime | None = None
    failures: int = 0


@dataclass(frozen=True, kw_only=True)
class Run:
    """One harvest of a source, without its outcomes where it stands in a list."""

    id: int
    source: str
    status: Status
    started: datetime
    finished: datetime | None
    counts: dict[str, int]
    reason: str | None
    outcomes: list[dict[str, Any]]


class Ledger:
    """The sources behind an engine. Thread-safe: every call has its own session."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def enter(self, source: Source) -> Source:
        """Enter a source, or change how it is harvested; it as it is now, with the options that were given.

        Without `every` a schedule that it has is kept, and so are the options of that. A source of another format than
        before is read anew.
        """
        row = HarvestSourceRow
        values: dict[str, Any] = {"format": source.format, "options": vars(source.options)}
        if source.every is not None:
            values |= {"every_s": int(source.every.total_seconds()), "due": func.now()}
        statement = upsert(row).values(source=source.source, **values)
        anew = row.format != statement.excluded.format
        changed = values | {"since": case((anew, None), else_=row.since)}
        changed |= {"read_whole": case((anew, None), else_=row.read_whole)}
        if source.every is None:
            changed["options"] = case((row.every_s.is_(None), statement.excluded.options), else_=row.options)
        with translated_errors(), Session(self.engine) as session, session.begin():
            session.execute(statement.on_conflict_do_update(index_elements=["source"], set_=changed))
        return replace(self.source(source.source), options=source.options)

    def source(self, source: str) -> Source:
        """A source; raises NotFound."""
        with translated_errors(), Session(self.engine) as session:
            row = session.get(HarvestSourceRow, source)
            if row is None:
                raise NotFound(f"{source[:200]} was never harvested; `graticule harvest status` lists the sources")
            return _source(row)

    def sources(self) -> list[Source]:
        """Every source, by name."""
        with translated_errors(), Session(self.engine) as session:
            return [_source(row) for row in session.scalars(select(HarvestSourceRow).order_by(HarvestSourceRow.source))]

    def next_due(self, *, without: Sequence[str] = ()) -> Source | None:
        """The source that has been due the longest, if one is."""
        row = HarvestSourceRow
        due = row.every_s.is_not(None), row.due <= func.now(), row.source.not_in(without)
        with translated_errors(), Session(self.engine) as session:
            row_ = session.scalars(select(row).where(*due).order_by(row.due, row.source).limit(1)).first()
            return None if row_ is None else _source(row_)

    def seconds_until_due(self) -> float | None:
        """When the next source is due, in seconds from now, negative if it is overdue; None: none is scheduled."""
        row = HarvestSourceRow
        wait = select(func.extract("epoch", func.min(row.due) - func.now())).where(row.every_s.is_not(None))
        with translated_errors(), Session(self.engine) as session:
            seconds = session.scalar(wait)
            return None if seconds is None else float(seconds)

    def remove(self, source: str) -> None:
        """Forget a source, its schedule and its reports; its records stay. Raises NotFound."""
        self.source(source)
        with translated_errors(), Session(self.engine) as session, session.begin():
            session.execute(delete(HarvestSourceRow).where(HarvestSourceRow.source == source))

    def runs(self, source: str, *, limit: int = KEPT_RUNS) -> list[Run]:
        """The last harvests of a source, the last one first."""
        row = HarvestRunRow
        with translated_errors(), Session(self.engine) as session:
            results = session.scalars(select(row).where(row.source == source).order_by(row.id.desc()).limit(limit))
            return [_run(r) for r in results]

    @contextmanager
    def held(self, source: str) -> Iterator[None]:
        """Hold a source for a harvest; raises Conflict if another process harvests it at this moment."""
        with self._locked("harvest:" + source) as taken:
            if not taken:
                raise Conflict(f"{source} is harvested by another process at this moment; wait for its end")
            yield

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the schedule; raises Conflict if another server harvests what is due at this moment."""
        with self._locked("harvests") as taken:
            if not taken:
                raise Conflict("another server harvests what is due at this moment")
            yield

    @contextmanager
    def _locked(self, name: str) -> Iterator[bool]:
        """Try to take an advisory lock for a block; it ends with its connection, however that ends.

        The server hears of the end of a connection a moment later: whoever asks next must not find the lock taken.
        """
        with translated_errors():
            connection = self.engine.connect()
            connection.detach()  # it is held for long: the pool may make another
        try:
            with translated_errors():
                taken = connection.scalar(select(func.pg_try_advisory_lock(func.hashtextextended(name, 0))))
                connection.commit()
            yield bool(taken)
        finally:
            with suppress(DBAPIError):
                connection.scalar(select(func.pg_advisory_unlock_all()))
            connection.close()

    def begin(self, source: str) -> int:
        """Enter that a harvest begins; its number. Call while the source is held.

        A run that is still entered as running has died. Until this one ends well it counts as a failure, so that a
        source that kills its harvest is not tried again at once.
        """
        failures = func.least(HarvestSourceRow.failures + 1, _MOST_DOUBLINGS)
        of_source = HarvestSourceRow.source == source
        with translated_errors(), Session(self.engine) as session, session.begin():
            dead = HarvestRunRow.source == source, HarvestRunRow.status == "running"
            died = {"status": "interrupted", "finished": func.now(), "reason": "its process ended"}
            session.execute(update(HarvestRunRow).where(*dead).values(**died))
            by_hand = HarvestSourceRow.every_s.is_(None)
            retry = {"failures": failures, "due": case((by_hand, None), else_=_later(_retry_s(failures)))}
            session.execute(update(HarvestSourceRow).where(of_source).values(**retry))
            row = HarvestRunRow(source=source, status="running")
            session.add(row)
            session.flush()
            return row.id

    def finish(self, run_id: int, report: Report) -> None:
        """Enter the report of a harvest, and when the next one is due."""
        status: Status = "broken" if report.broken else "whole" if report.whole else "changes"
        self._end(run_id, status=status, counts=report.counts, outcomes=report.kept_outcomes(), reason=report.broken)
        if report.broken:
            return
        values_: dict[str, Any] = {"since": report.since} | ({"read_whole": func.now()} if report.whole else {})
        due = _later(HarvestSourceRow.every_s)
        of_source = HarvestSourceRow.source == _source_of(run_id)
        with translated_errors(), Session(self.engine) as session, session.begin():
            session.execute(update(HarvestSourceRow).where(of_source).values(failures=0, due=due, **values_))

    def interrupted(self, run_id: int, reason: str, *, on_purpose: bool) -> None:
        """Enter that a harvest ended before its source did; if on purpose, that is no failure: it is due again."""
        self._end(run_id, status="interrupted", counts={}, outcomes=[], reason=reason)
        if not on_purpose:
            return
        row = HarvestSourceRow
        again = {"failures": func.greatest(row.failures - 1, 0), "due": _later(row.every_s * 0)}
        with translated_errors(), Session(self.engine) as session, session.begin():
            session.execute(update(row).where(row.source == _source_of(run_id)).values(**again))

    def _end(self, run_id: int, *, status: Status, **values: Any) -> None:
        row = HarvestRunRow
        values = {**values, "reason": values["reason"] or None, "status": status, "finished": func.now()}
        with translated_errors(), Session(self.engine) as session, session.begin():
            session.execute(update(row).where(row.id == run_id).values(**values))
            source = _source_of(run_id)
            latest = select(row.id).where(row.source == source).order_by(row.id.desc()).limit(KEPT_RUNS)
            session.execute(delete(row).where(row.source == source, row.id.not_in(latest)))


def _source_of(run_id: int) -> Any:
    return select(HarvestRunRow.source).where(HarvestRunRow.id == run_id).scalar_subquery()


def _retry_s(failures: ColumnElement[int]) -> ColumnElement[Any]:
    """Seconds until a source that failed is tried again: twice as long each time, from at most a minute to a day."""
    first = func.least(HarvestSourceRow.every_s, _FIRST_RETRY_S)
    most = func.greatest(HarvestSourceRow.every_s, _LAST_RETRY_S)
    return func.least(first * func.power(2, failures - 1), most)


def _later(seconds: Any) -> ColumnElement[Any]:
    moment: ColumnElement[Any] = func.now() + seconds * literal(timedelta(seconds=1))
    return moment


def _source(row: HarvestSourceRow) -> Source:
    return Source(
        source=row.source,
        format=row.format,
        options=Options(**row.options),
        since=row.since,
        read_whole=row.read_whole,
        every=None if row.every_s is None else timedelta(seconds=row.every_s),
        due=row.due,
        failures=row.failures,
    )


def _run(row: HarvestRunRow) -> Run:
    return Run(
        id=row.id,
        source=row.source,
        status=cast("Status", row.status),
        started=row.started,
        finished=row.finished,
        counts=row.counts,
        reason=row.reason,
        outcomes=row.outcomes,
    )
