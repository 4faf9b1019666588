"""The times that a question means, each as one raster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cog.reading.mosaic import Mosaic
from cog.reading.sheets import Sheet
from config.errors import GranuleNotFound, TooLarge
from config.times import parse_datetime
from services.processes.zonal.description import MOST_TIMES

if TYPE_CHECKING:
    from config.times import TimeRange
    from records.datasets.models import Granule
    from services.processes.zonal.question import Question
    from services.web.context import Context

MOST_GRANULES = 50_000
"""Most granules that one time expression may find, of all levels and parts."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One time: its label, or None for a dataset without time, and its raster."""

    time: str | None
    mosaic: Mosaic[Sheet]


def level_of(question: Question) -> str | None:
    """The level that is meant: the one that is named, else the first of the variable's axis."""
    axis = question.variable.levels
    named = question.inputs.get("level")
    if axis is None or not axis.labels:
        return str(named) if named is not None else None
    if named is not None and named not in axis.labels:
        raise GranuleNotFound(f"level={named!r:.80}: {question.variable.id} has {', '.join(axis.labels[:20])}")
    return str(named) if named is not None else axis.labels[0]


def steps_of(question: Question, context: Context) -> list[Step]:
    """The times of a question, in their order; raises GranuleNotFound, InvalidParameter or TooLarge."""
    found: dict[tuple[int, str | None], dict[str, Granule]] = {}
    for when in _ranges(question, context):
        for granule in _granules(question, context, when):
            key = (granule.key or 0, granule.time)
            found.setdefault(key, {})[granule.part or ""] = granule
    if len(found) > MOST_TIMES:
        raise TooLarge(f"{len(found)} times are asked for, the limit is {MOST_TIMES}; ask for fewer at a time")
    if not found:
        asked = [f"{name}={question.inputs[name]!r:.80}" for name in ("level", "part") if name in question.inputs]
        raise GranuleNotFound(
            f"{question.dataset.id}/{question.variable.id} has no granule with {' and '.join(asked) or 'that time'}"
        )
    return [
        Step(time=time, mosaic=Mosaic.of([_part(context, parts[name]) for name in sorted(parts)]))
        for (_, time), parts in sorted(found.items(), key=lambda item: item[0][0])
    ]


def _part(context: Context, granule: Granule) -> Sheet:
    return Sheet(path=context.asset_path(granule.asset), grid=granule.grid, version=granule.asset.sha256)


def _ranges(question: Question, context: Context) -> list[TimeRange | None]:
    if question.datetimes:
        return [parse_datetime(text) for text in question.datetimes]
    latest = context.catalogue.repository.times(question.dataset.id, question.variable.id, limit=1)
    return [parse_datetime(latest[0])] if latest else [None]


def _granules(question: Question, context: Context, when: TimeRange | None) -> list[Granule]:
    granules = context.catalogue.granules(
        question.dataset,
        question.variable,
        when,
        limit=MOST_GRANULES,
        level=level_of(question),
        part=question.inputs.get("part"),
    )
    if len(granules) >= MOST_GRANULES:
        raise TooLarge(f"more than {MOST_GRANULES} granules lie in one interval; ask for a shorter one")
    return granules
