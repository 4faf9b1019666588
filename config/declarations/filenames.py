"""What is declared of times and parts: from the names of files, or written out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from config.declarations.variables import Declared
from config.errors import InvalidParameter
from config.times import TimeRange, key_label, key_parts, later, order_key, parse_time

Calendar = Literal[
    "standard",
    "gregorian",
    "proleptic_gregorian",
    "julian",
    "noleap",
    "365_day",
    "all_leap",
    "366_day",
    "360_day",
]
"""Calendars of CF conventions 4.4.1."""

MAX_STEPS = 1_000_000
_STARTS = ("year", "month", "day", "doy", "hour", "minute", "second")
_ENDS = ("end_year", "end_month", "end_day", "end_hour")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UNITS = {"Y": "years", "M": "months", "W": "weeks", "D": "days", "H": "hours"}
_PART = re.compile(r"[^\x00-\x1f\x7f/\\]{1,120}")
_DAY_LABEL = len("2006-05-16")


@dataclass(frozen=True, kw_only=True)
class Span:
    """A time as it is declared: its label, and the order keys [start, end) of its bounds where it has any."""

    label: str
    start: int | None
    end: int | None


def _is_time(value: str) -> str:
    _key(value)
    return value


Label = Annotated[str, AfterValidator(_is_time)]


class TimeDeclaration(Declared):
    """The times of files that do not state them."""

    labels: list[Label] = Field(default_factory=list, description="ISO 8601 label of each step, in order.")
    bounds: list[tuple[Label, Label]] = Field(default_factory=list, description="[start, end) of each label.")
    pattern: str | None = Field(
        None,
        max_length=500,
        description="Regular expression on the file's name, with groups year, month (a number or jan to dec), day, "
        "doy (day of the year), hour, minute, second, and for the end of the bounds end_year, end_month, end_day and "
        "end_hour, which are the last that are inside.",
    )
    period: str | None = Field(
        None,
        pattern=r"^(P[0-9]{1,4}[YMWD]|PT[0-9]{1,4}H)$",
        description="ISO 8601 duration in one unit, such as P8D, P1M or PT6H: how long each step lasts. With one label "
        "or a pattern, a file's further steps follow at this distance.",
    )
    within_year: bool | None = Field(
        None,
        description="Whether periods are counted anew from each 1 January, so that the last of a year is cut short, as "
        "those of MODIS composites are. Absent: they are where the pattern has doy and the period is in days or weeks.",
    )
    calendar: Calendar = Field("standard", description="Calendar of CF conventions 4.4.1.")
    climatology: bool = Field(False, description="Means over many years; the year of a label is nominal.")

    @field_validator("pattern")
    @classmethod
    def _groups(cls, value: str | None) -> str | None:
        if value is None:
            return None
        groups = _groups_of(value)
        unknown = groups - {*_STARTS, *_ENDS}
        if unknown or "year" not in groups:
            raise ValueError(f"a group (?P<year>...) is needed, and of others there may be {', '.join(_STARTS[1:])}")
        if "doy" in groups and groups & {"month", "day"}:
            raise ValueError("doy, the day of the year, stands in place of month and day")
        return value

    @model_validator(mode="after")
    def _as_many_bounds(self) -> Self:
        if self.pattern is not None and self.labels:
            raise ValueError("declare labels or a pattern, not both")
        if self.bounds and len(self.bounds) != len(self.labels):
            raise ValueError(f"{len(self.bounds)} bounds for {len(self.labels)} labels")
        if self.period and self.bounds:
            raise ValueError("declare bounds or a period, not both")
        for index in range(len(self.labels)):
            self._span(index)
        return self

    def _span(self, index: int) -> Span:
        """A declared label with its bounds; raises ValueError."""
        label = self.labels[index]
        if not self.bounds:
            return self._with_period(label)
        start, end = (_key(text) for text in self.bounds[index])
        if start >= end:
            raise ValueError(f"bounds {list(self.bounds[index])}: the end must be after the start")
        return Span(label=label, start=start, end=end)

    def spans(self, name: str, count: int) -> list[Span]:
        """The times of a file of that name with so many steps; raises ValueError where they cannot be told."""
        spans = [self._named(name)] if self.pattern else [self._span(n) for n in range(len(self.labels))]
        if len(spans) == 1 < count <= MAX_STEPS and self.period:
            return self._following(spans[0], count)
        if len(spans) != count:
            raise ValueError(f"{len(spans)} times are declared, and it has {count} steps")
        return spans

    def _named(self, name: str) -> Span:
        match = re.search(self.pattern or "", name)
        if match is None:
            raise ValueError(f"its name does not match time.pattern {self.pattern!r}")
        parts = {k: v for k, v in match.groupdict().items() if v is not None}
        label = _label(parts, "", self.calendar)
        ended = _label(parts, "end_", self.calendar) if "end_year" in parts else None
        if ended is None:
            return self._with_period(label)
        start, end = _key(label), self._bounds(ended)[1]
        if start >= end:
            raise ValueError(f"its name says that it ends in {ended}, before it starts in {label}")
        return Span(label=label, start=start, end=end)

    def _with_period(self, label: str) -> Span:
        start, end = self._bounds(label)
        if self.period:
            return Span(label=label, start=start, end=self._following_key(start))
        return Span(label=label, start=start if end > start else None, end=end if end > start else None)

    def _bounds(self, label: str) -> tuple[int, int]:
        """The order keys [start, end) that a label names; equal for an instant."""
        moment = _parsed(label)
        assert moment.start is not None
        assert moment.end is not None
        if moment.instant:
            return moment.start, moment.start
        if len(label) == _DAY_LABEL:  # order keys know no month's length
            return moment.start, later(moment.start, self.calendar, days=1)
        return moment.start, moment.end

    def _following_key(self, start: int) -> int:
        """Where the step that begins at a key ends: one period later, or with its year."""
        return min(self._after(start, 1), self._new_year(start)) if self._ends_with_year else self._after(start, 1)

    @property
    def _ends_with_year(self) -> bool:
        if self.within_year is not None:
            return self.within_year
        return "doy" in _groups_of(self.pattern or "") and (self.period or "")[-1:] in {"D", "W"}

    @staticmethod
    def _new_year(key: int) -> int:
        return order_key(key_parts(key)[0] + 1)

    def _after(self, start: int, periods: int) -> int:
        assert self.period is not None
        unit, number = _UNITS[self.period[-1]], int(self.period.strip("PTYMWDH"))
        return later(start, self.calendar, **{unit: periods * number})

    def _following(self, first: Span, count: int) -> list[Span]:
        """Steps one period apart, labelled as precisely as the first."""
        start = _key(first.label)
        keys = [start, *(self._after(start, n) for n in range(1, count + 1))]
        if self._ends_with_year:
            keys = [start]
            for _ in range(count):
                keys.append(self._following_key(keys[-1]))
        labels = [first.label, *(_reduced(key, first.label) for key in keys[1:])]
        if len(set(labels)) != len(labels):
            raise ValueError(f"steps of {self.period} cannot be told apart by labels such as {first.label}")
        return [Span(label=labels[n], start=keys[n], end=keys[n + 1]) for n in range(count)]


class PartsDeclaration(Declared):
    """What one time is cut into, such as the sheets of a map: which part a file is, by its name."""

    pattern: str | None = Field(
        None,
        max_length=500,
        description="Regular expression on the file's name with a group `part`; absent: its stem is the part.",
    )

    @field_validator("pattern")
    @classmethod
    def _group(cls, value: str | None) -> str | None:
        if value is not None and "part" not in _groups_of(value):
            raise ValueError("a group (?P<part>...) is needed")
        return value

    def part_of(self, name: str) -> str:
        """The part that a file of that name is; raises ValueError."""
        if self.pattern is None:
            part = PurePath(name).stem
        else:
            match = re.search(self.pattern, name)
            if match is None or not match["part"]:
                raise ValueError(f"its name does not match parts.pattern {self.pattern!r}")
            part = match["part"]
        if _PART.fullmatch(part) is None:
            raise ValueError(f"its part {part[:130]!r} is no name of 1 to 120 characters without slashes")
        return part


def _groups_of(pattern: str) -> set[str]:
    try:
        return set(re.compile(pattern).groupindex)
    except re.error as error:
        raise ValueError(str(error)) from error


def _label(parts: dict[str, str], prefix: str, calendar: str) -> str:
    """The ISO label of what a pattern found, as precise as it was found."""
    label = parts[prefix + "year"]
    if not prefix and "doy" in parts:
        label = key_label(later(order_key(int(label)), calendar, days=int(parts["doy"]) - 1))[:_DAY_LABEL]
    for unit in ("month", "day"):
        if prefix + unit in parts:
            label += "-" + _number(parts[prefix + unit])
    if prefix + "hour" in parts:
        rest = (parts[prefix + "hour"], parts.get("minute", "00"), parts.get("second", "00"))
        label += "T" + ":".join(_number(text) for text in rest) + "Z"
    return label


def _number(text: str) -> str:
    month = text[:3].lower()
    return f"{_MONTHS.index(month) + 1:02d}" if month in _MONTHS else text.zfill(2)


def _parsed(label: str) -> TimeRange:
    try:
        return parse_time(label, name="time")
    except InvalidParameter as error:
        raise ValueError(error.detail.removeprefix("time=")) from error


def _key(label: str) -> int:
    start = _parsed(label).start
    assert start is not None
    return start


def _reduced(key: int, like: str) -> str:
    label = key_label(key)
    return label[: len(like)] if "T" not in like else label
