"""The times of a computation, and at each the cells of every field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cog.sources.models import TimeStep
from config.errors import GranuleNotFound, InvalidInput
from config.times import TimeRange, key_label, parse_datetime
from services.selection.opening.blocks import block_sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.processes.fields.field import ProcessField
    from services.selection.opening.blocks import BlockSource
    from services.selection.selection import DefaultTimes
    from services.web.context import Context

MOST_TIMES = 20_000
"""Most times of one computation."""


@dataclass(frozen=True, kw_only=True)
class FieldStep:
    """One time of a computation.

    Attributes:
        time: The time with its bounds; None where the fields have no times.
        cells: The cells of each field that is read, by its name.
    """

    time: TimeStep | None
    cells: dict[str, BlockSource]

    @property
    def label(self) -> str | None:
        """The label of the time."""
        return self.time.label if self.time else None


@dataclass(frozen=True, kw_only=True)
class FieldSteps:
    """The times of a computation in order, and the labels of those left out because a field does not have them."""

    steps: tuple[FieldStep, ...]
    skipped: tuple[str, ...] = ()


def times_of(value: str | Sequence[str] | None) -> list[TimeRange]:
    """The times that an input `datetime` names; none if it is absent. Raises InvalidParameter."""
    if value is None:
        return []
    return [parse_datetime(text) for text in ([value] if isinstance(value, str) else value)]


def sources_of(
    context: Context, field: ProcessField, when: Sequence[TimeRange], *, default: DefaultTimes = "latest"
) -> list[BlockSource]:
    """The cells of one field at some times in order; raises GranuleNotFound, InvalidInput or TooLarge.

    Args:
        context: Has the catalogue.
        field: The field, not a number.
        when: The times.
        default: What no times mean.
    """
    assert field.selection is not None
    times: Sequence[TimeRange | DefaultTimes] = when or [default]
    selections = [replace(field.selection, times=each) for each in times]
    return block_sources(context, selections, most_times=MOST_TIMES)


def match_steps(
    context: Context, fields: Sequence[ProcessField], when: Sequence[TimeRange], *, default: DefaultTimes = "latest"
) -> FieldSteps:
    """The times of the first field that is read and has times, and what the others hold at them.

    Another field counts at a time if it has the same time, or if the bounds of one of its times hold it; a field
    without times counts at every time.

    Raises:
        GranuleNotFound: A field has no data at the times.
        InvalidInput: No time has all fields, or the calendars differ.
    """
    read = [field for field in fields if field.selection is not None]
    if not read:
        raise InvalidInput("every field is a number: name a collection for at least one of them")
    timed = [field for field in read if field.selection is not None and field.selection.dataset.time is not None]
    static = {field.name: sources_of(context, field, [], default="all")[0] for field in read if field not in timed}
    if not timed:
        return FieldSteps(steps=(FieldStep(time=None, cells=static),))
    leading, *others = timed
    sources = sources_of(context, leading, when, default=default)
    around = _around(sources)
    by_field = {field.name: _Times(sources_of(context, field, [around])) for field in others}
    _require_one_calendar(leading, others)
    steps, skipped = [], []
    for source in sources:
        cells = {name: times.at(source) for name, times in by_field.items()}
        present = {name: cell for name, cell in cells.items() if cell is not None}
        if len(present) < len(cells):
            skipped.append(source.time or "")
            continue
        steps.append(FieldStep(time=time_step(source), cells={leading.name: source, **present, **static}))
    if not steps:
        raise GranuleNotFound(
            f"no time of {leading.name} has data of {', '.join(by_field)}; times of {leading.name} are {skipped[0]} to "
            f"{skipped[-1]}"
        )
    return FieldSteps(steps=tuple(steps), skipped=tuple(skipped))


def time_step(source: BlockSource) -> TimeStep | None:
    """The time of a source with its bounds."""
    if source.time is None or source.key is None:
        return None
    start, end = source.start_key, source.end_key
    return TimeStep(
        label=source.time,
        calendar=source.calendar or "standard",
        key=source.key,
        start=None if start is None else key_label(start),
        end=None if end is None else key_label(end),
        start_key=start,
        end_key=end,
    )


def _require_one_calendar(leading: ProcessField, others: Sequence[ProcessField]) -> None:
    calendars = {
        field.name: field.selection.dataset.time.calendar
        for field in (leading, *others)
        if field.selection is not None and field.selection.dataset.time is not None
    }
    alike = {"gregorian": "standard", "proleptic_gregorian": "standard"}
    if len({alike.get(calendar, calendar) for calendar in calendars.values()}) > 1:
        words = ", ".join(f"{name} {calendar}" for name, calendar in calendars.items())
        raise InvalidInput(f"the fields have different calendars: {words}; choose fields of one calendar")


def _around(sources: Sequence[BlockSource]) -> TimeRange:
    keys = [source.key for source in sources if source.key is not None]
    starts = [source.start_key for source in sources if source.start_key is not None]
    ends = [source.end_key for source in sources if source.end_key is not None]
    return TimeRange(start=min(keys + starts), end=max([*ends, max(keys) + 1]), instant=False, text="common times")


class _Times:
    """The times of one field, looked up by those of another."""

    def __init__(self, sources: Sequence[BlockSource]) -> None:
        self._sources = sources
        self._by_key = {source.key: source for source in sources}

    def at(self, other: BlockSource) -> BlockSource | None:
        """The source of the same time, or the one whose bounds hold it; None if there is none."""
        exact = self._by_key.get(other.key)
        if exact is not None or other.key is None:
            return exact
        for source in self._sources:
            start, end = source.start_key, source.end_key
            if start is not None and end is not None and start <= other.key < end:
                return source
        return None
