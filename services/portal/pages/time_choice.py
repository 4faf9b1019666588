"""The choice of a time on a page: of a few from a list, of thousands by date, and step by step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from config.times import GREGORIAN, parse_datetime
from records.datasets.series.moments import Moment, moment
from services.portal.texts.labels import dataset_time

if TYPE_CHECKING:
    from records.datasets.models import Dataset, Variable
    from records.datasets.repository import Repository

MAX_LISTED = 60
"""Times that stand in a list; more are chosen by their date."""

_DATE = len("2006-05-16")
_MINUTE = len("2006-05-16T12:00")


@dataclass(frozen=True, kw_only=True)
class TimeChoice:
    """The time that is shown, and how another is chosen.

    Attributes:
        time: Label of the time that is shown, or None if the variable has no times.
        text: The same as people write it.
        earlier: Label of the time before it.
        later: Label of the time after it.
        options: (label, text) of every time where they are few, rising.
        input: The kind of input where they are many; `text` in calendars that a browser does not know.
        value: What the input holds.
        first: What the input may hold first.
        last: And last.
    """

    time: str | None = None
    text: str = ""
    earlier: str | None = None
    later: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    input: Literal["date", "datetime-local", "text", ""] = ""
    value: str = ""
    first: str = ""
    last: str = ""


def time_choice(
    repository: Repository, dataset: Dataset, variable: Variable, *, datetime: str | None, language: str
) -> TimeChoice:
    """The choice of a variable's times, at the one nearest to what is asked for; raises InvalidParameter."""
    nearest = moment(repository.engine, dataset.id, variable.id, parse_datetime(datetime) if datetime else None)
    if nearest is None or dataset.time is None:
        return TimeChoice()
    choice = TimeChoice(
        time=nearest.time,
        text=dataset_time(dataset, nearest.time, language),
        earlier=nearest.earlier,
        later=nearest.later,
    )
    labels = repository.times(dataset.id, variable.id, limit=MAX_LISTED + 1)
    if len(labels) <= MAX_LISTED:
        options = tuple((label, dataset_time(dataset, label, language)) for label in labels)
        return replace(choice, options=options)
    kind = _input(dataset, nearest)
    value, first, last = (_written(label, kind) for label in (nearest.time, dataset.time.first, dataset.time.last))
    return replace(choice, input=kind, value=value, first=first, last=last)


def _input(dataset: Dataset, nearest: Moment) -> Literal["date", "datetime-local", "text"]:
    assert dataset.time is not None
    years = (dataset.time.first[:4], dataset.time.last[:4])
    if dataset.time.calendar not in GREGORIAN or not all(year.isdigit() and year > "0000" for year in years):
        return "text"
    beside = [label[:_DATE] for label in (nearest.earlier, nearest.later) if label]
    return "datetime-local" if nearest.time[:_DATE] in beside else "date"


def _written(label: str, kind: str) -> str:
    """A label as an input of that kind takes it; a reduced one begins its month or year."""
    if kind == "text":
        return label
    date = f"{label}-01-01"[:_DATE]
    if kind == "date":
        return date
    clock = label[_DATE:_MINUTE]
    return date + (clock if clock.startswith("T") else "T00:00")
