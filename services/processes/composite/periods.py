"""The periods of a request for composites, with the times that count in each."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cog.science.periods import CalendarPeriod, Climatology, Period, climatology_name, overlap_days, period_of
from cog.sources.models import TimeStep
from config.errors import GranuleNotFound
from config.times import days_between, key_label, key_parts, later, order_key, parse_datetime
from services.processes.composite.description import ANOMALY, CLIMATOLOGIES, STATISTICS
from services.processes.maps.quantity import MapQuantity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cog.reading.aligned import AlignedCells
    from cog.science.reducers import MeanOf, Statistic
    from config.grids import Grid
    from config.times import TimeRange

_MONTHS: Final = {"season": 3, "year": 12}
_WHOLE: Final = 0.999


@dataclass(frozen=True, kw_only=True)
class WeightedStep:
    """A time, the days that it counts, and whether its anomaly is wanted."""

    time: TimeStep
    cells: AlignedCells
    weight: float
    in_reference: bool = True
    wanted: bool = True


@dataclass(frozen=True, kw_only=True)
class CompositePart:
    """One period.

    Attributes:
        time: The period; of anomalies its times count.
        grid: The grid of the maps.
        steps: The times in it.
        minimum: Least number of times with data.
        mean_of: What means are of.
        quantities: The maps to write.
        statistics: The statistic of each.
        cells: Cells that are read.
    """

    time: TimeStep
    grid: Grid
    steps: tuple[WeightedStep, ...]
    minimum: int
    mean_of: MeanOf
    quantities: tuple[MapQuantity, ...]
    statistics: tuple[Statistic, ...]
    is_anomaly: bool
    cells: int


def length(time: TimeStep) -> float:
    """Days of a time; 1 where its bounds are not known."""
    if time.start_key is None or time.end_key is None:
        return 1.0
    return days_between(time.start_key, time.end_key, time.calendar) or 1.0


def minimum(inputs: Mapping[str, Any], count: int) -> int:
    """The least number of times with data that a cell needs, of `count`."""
    share = math.ceil(float(inputs.get("minimum_fraction", 0)) * count)
    return max(1, int(inputs.get("minimum_count", 1)), share)


def by_period(steps: Sequence[WeightedStep], inputs: Mapping[str, Any]) -> list[tuple[TimeStep, list[WeightedStep]]]:
    """The periods in order, with the times that overlap each, weighted by the days of the overlap."""
    kind: Period = inputs["period"]
    calendar = steps[0].time.calendar
    members: defaultdict[CalendarPeriod, list[WeightedStep]] = defaultdict(list)
    for step in steps:
        start, end = step.time.start_key, step.time.end_key
        if start is None or end is None or start >= end or kind == "all":
            members[period_of(step.time.key, kind, calendar)].append(step)
            continue
        period = period_of(start, kind, calendar)
        while period.start < end:
            days = overlap_days(start, end, period, calendar)
            if days:
                members[period].append(_weighted(step, days))
            period = period_of(period.end, kind, calendar)
    kept = inputs.get("incomplete", "drop") == "keep" or kind == "all"
    return [
        (_period_time(period, steps, calendar), group)
        for period, group in sorted(members.items(), key=lambda item: item[0].start)
        if kept or _is_complete(period, kind, group, calendar)
    ]


def _weighted(step: WeightedStep, days: float) -> WeightedStep:
    return WeightedStep(time=step.time, cells=step.cells, weight=days)


def _is_complete(period: CalendarPeriod, kind: Period, group: Sequence[WeightedStep], calendar: str) -> bool:
    """Whether the times cover a period: by their bounds, or, without any, by the months of a season or year."""
    if all(step.time.start_key is not None and step.time.end_key is not None for step in group):
        length = days_between(period.start, period.end, calendar)
        return sum(step.weight for step in group) >= _WHOLE * length
    months = {key_parts(step.time.key)[:2] for step in group}
    return len(months) >= _MONTHS.get(kind, 1)


def _period_time(period: CalendarPeriod, steps: Sequence[WeightedStep], calendar: str) -> TimeStep:
    start, end = period.start, period.end
    if period.name == "all":
        first, last = steps[0].time, steps[-1].time
        start = first.key if first.start_key is None else first.start_key
        end = last.key + 1 if last.end_key is None else last.end_key
    return _time(start, end, calendar)


def _time(start: int, end: int, calendar: str) -> TimeStep:
    return TimeStep(
        label=key_label(start), calendar=calendar, key=start, start=key_label(start), end=key_label(end),
        start_key=start, end_key=end,
    )  # fmt: skip


def by_part_of_year(
    steps: Sequence[WeightedStep], inputs: Mapping[str, Any]
) -> list[tuple[TimeStep, list[WeightedStep]]]:
    """The months, seasons or days of the year, with the times of all years."""
    kind: Climatology = inputs["period"]
    reference = parse_datetime(inputs["climatology"], name="climatology") if "climatology" in inputs else None
    members: defaultdict[str, list[WeightedStep]] = defaultdict(list)
    for step in steps:
        inside = reference is None or _holds(reference, step.time.key)
        if inside or kind == ANOMALY:
            members[climatology_name(step.time.key, kind)].append(
                WeightedStep(time=step.time, cells=step.cells, weight=step.weight, in_reference=inside)
            )
    if not any(step.in_reference for group in members.values() for step in group):
        raise GranuleNotFound(f"climatology: no time lies in {inputs['climatology']}")
    calendar = steps[0].time.calendar
    groups = [
        (_part_of_year(name, kind, group, calendar), group)
        for name, group in members.items()
        if any(step.in_reference for step in group)
    ]
    return sorted(groups, key=lambda item: item[0].key)


def _holds(when: TimeRange, key: int) -> bool:
    return (when.start is None or when.start <= key) and (when.end is None or key < when.end)


def _part_of_year(name: str, kind: Climatology, group: Sequence[WeightedStep], calendar: str) -> TimeStep:
    """A month, season or day of the last year of the reference, as CF asks of climatological times (CF 1.11, 7.4)."""
    year = max(key_parts(step.time.key)[0] for step in group if step.in_reference)
    if kind == "climatology-season":
        month = {"DJF": 1, "MAM": 4, "JJA": 7, "SON": 10}[name]
        period = period_of(order_key(year, month), "season", calendar)
        return _time(period.start, period.end, calendar)
    if kind == "climatology-day":
        day = max(step.time.key for step in group if step.in_reference)
        start = order_key(*key_parts(day)[:3])
        return _time(start, later(start, calendar, days=1), calendar)
    start = order_key(year, int(name))
    return _time(start, later(start, calendar, months=1), calendar)


def quantities(
    variable: Any, unit: str | None, statistics: Sequence[Statistic], inputs: Mapping[str, Any]
) -> tuple[MapQuantity, ...]:
    """The quantities of the maps: the statistics that are asked for, or the anomaly."""
    is_climatology = inputs["period"] in CLIMATOLOGIES and inputs["period"] != ANOMALY
    title = {"en": variable.id, **variable.title}
    if inputs["period"] == ANOMALY:
        words = {"en": f"{title['en']}, anomaly", "zh": f"{title.get('zh', title['en'])}距平"}
        return (MapQuantity(id=f"{variable.id}_anomaly", title=words, unit=unit, is_signed=True, output="anomaly"),)
    style = variable.style()
    return tuple(
        MapQuantity(
            id=f"{variable.id}_{name}",
            title={
                "en": f"{title['en']}, {STATISTICS[name][0]}",
                "zh": f"{title.get('zh', title['en'])}{STATISTICS[name][1]}",
            },
            unit="1" if name == "count" else unit,
            standard_name=None if name in ("count", "std") else variable.standard_name,
            colormap="viridis" if name in ("count", "std") else style.colormap or "viridis",
            scale=style.scale,
            climatology=is_climatology,
            output=name,
        )
        for name in statistics
    )
