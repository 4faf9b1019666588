"""The pairing of points with the cells of a collection."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cog.reading.aligned import AlignedCells, align
from cog.reading.points import locate
from cog.reading.windows import read_windows
from cog.science.matching import REACH, pair_statistics, window_values
from cog.science.units import UNCHANGED, conversion
from config.errors import InvalidInput
from config.grids import CRS84
from config.times import days_between, gregorian
from services.processes.fields.steps import sources_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from cog.science.matching import Space
    from services.processes.fields.field import ProcessField
    from services.processes.matchup.points import Point
    from services.selection.opening.blocks import BlockSource
    from services.web.context import Context

_PER_HOUR: Final = 24.0


@dataclass(frozen=True, kw_only=True)
class MatchOptions:
    """How points and cells are paired; `days` is half the time window, None for the time that holds a point."""

    space: Space
    days: float | None
    minimum_valid: float
    maximum_cv: float | None

    @classmethod
    def of(cls, inputs: Mapping[str, Any]) -> MatchOptions:
        """The options that inputs name."""
        window = inputs.get("time_window", "same-step")
        number = float("".join(each for each in window if each.isdigit()) or 0)
        return cls(
            space=inputs.get("space", "nearest"),
            days=None if window == "same-step" else number / _PER_HOUR if window.endswith("H") else number,
            minimum_valid=float(inputs.get("minimum_valid", 0.5)),
            maximum_cv=None if "maximum_cv" not in inputs else float(inputs["maximum_cv"]),
        )


@dataclass(frozen=True, kw_only=True)
class MatchPart:
    """All points, and the times of the collection."""

    points: tuple[Point, ...]
    sources: tuple[BlockSource, ...]
    options: MatchOptions
    cells: int


@dataclass(frozen=True, kw_only=True)
class PointMatch:
    """What became of a point: the value with where and when it is from, or the reason why there is none."""

    point: Point
    reason: str = ""
    value: float = float("nan")
    time: str | None = None
    hours: float | None = None
    cell: tuple[float, float] | None = None
    count: int = 0
    cv: float | None = None


def sources_around(context: Context, field: ProcessField) -> list[BlockSource]:
    """The times of the collection; raises InvalidInput for one without times."""
    sources = sources_of(context, field, [], default="all")
    if sources[0].key is None:
        raise InvalidInput("field: the collection has no times, so that nothing is at the time of a point")
    return sources


def match_points(part: MatchPart, advance: Callable[[float], None]) -> list[PointMatch]:
    """Pair every point; in the order of the points."""
    by_step: defaultdict[int, list[int]] = defaultdict(list)
    results: list[PointMatch | None] = [None] * len(part.points)
    steps = [_step_of(point, part.sources, part.options.days) for point in part.points]
    for number, (point, step) in enumerate(zip(part.points, steps, strict=True)):
        if not np.isfinite(point.value):
            results[number] = PointMatch(point=point, reason="no measurement")
        elif step is None:
            results[number] = PointMatch(point=point, reason="no time")
        else:
            by_step[step].append(number)
    for done, (step, numbers) in enumerate(by_step.items()):
        matches = _match_step(part.sources[step], [part.points[each] for each in numbers], part.options)
        for number, match in zip(numbers, matches, strict=True):
            results[number] = match
        advance(100 * (done + 1) / len(by_step))
    return [result for result in results if result is not None]


def _step_of(point: Point, sources: Sequence[BlockSource], days: float | None) -> int | None:
    """The number of the time of a point; None if there is none."""
    calendar = sources[0].calendar or "standard"
    if days is None:
        for number, source in enumerate(sources):
            start, end = source.start_key, source.end_key
            held = start is not None and end is not None and start <= point.key < end
            if held or (start is None and source.key == point.key):
                return number
        return None
    distances = [abs(days_between(point.key, source.key or 0, calendar)) for source in sources]
    nearest = int(np.argmin(distances))
    return nearest if distances[nearest] <= days else None


def _match_step(source: BlockSource, points: Sequence[Point], options: MatchOptions) -> list[PointMatch]:
    grid, reach = source.grid, REACH[options.space]
    lons, lats = np.array([point.lon for point in points]), np.array([point.lat for point in points])
    located = locate(grid, lons, lats, crs=CRS84)
    cells = AlignedCells(
        mosaic=source.mosaic, codec=source.codec, alignment=align(grid, grid, kernel=None, name="field")
    )
    windows = read_windows(cells, located.rows, located.columns, reach)
    places = _places(source, located.rows, located.columns, lons, lats)
    values, counts, cvs = window_values(windows, options.space, places)
    a, _, c, _, e, f = grid.transform
    matches = []
    for number, point in enumerate(points):
        centre = (c + a * (located.columns[number] + 0.5), f + e * (located.rows[number] + 0.5))
        cv = float(cvs[number]) if np.isfinite(cvs[number]) else None
        matches.append(
            PointMatch(
                point=point,
                reason=_refusal(bool(located.inside[number]), float(values[number]), int(counts[number]), cv, options),
                value=float(values[number]),
                time=source.time,
                hours=_hours(source, point),
                cell=centre,
                count=int(counts[number]),
                cv=cv,
            )
        )
    return matches


def _refusal(inside: bool, value: float, count: int, cv: float | None, options: MatchOptions) -> str:
    side = 2 * REACH[options.space] + 1
    needed = 1 if options.space in ("nearest", "bilinear") else options.minimum_valid * side * side
    if not inside:
        return "outside"
    if not np.isfinite(value) or count < needed:
        return "no data"
    if options.maximum_cv is not None and cv is not None and cv > options.maximum_cv:
        return "cv"
    return ""


def _hours(source: BlockSource, point: Point) -> float:
    return 24.0 * days_between(point.key, source.key or 0, source.calendar or "standard")


def _places(
    source: BlockSource, rows: NDArray[Any], columns: NDArray[Any], lons: NDArray[Any], lats: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(row, column) of points within their cells; the middle on grids of another CRS."""
    if not source.grid.is_geographic:
        return np.full(len(lons), 0.5), np.full(len(lons), 0.5)
    a, _, c, _, e, f = source.grid.transform
    across = ((lons - c) / a - columns) % (360 / abs(a))
    return np.clip((lats - f) / e - rows, 0, 1), np.clip(across, 0, 1)


@dataclass(frozen=True, kw_only=True)
class MatchedPairs:
    """The pairs that count, as arrays, in the unit of the variable.

    Attributes:
        measured: Measurements.
        estimated: Values of the collection.
        lon: Degrees east.
        lat: Degrees north.
        days: Days since the first pair.
        cells: Number of distinct cells and times.
        points: Number of points that were paired.
    """

    measured: NDArray[np.float64]
    estimated: NDArray[np.float64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    days: NDArray[np.float64]
    cells: int
    points: int


def pairs_of(matches: Sequence[PointMatch], *, unit: str | None, field: ProcessField, by_cell: bool) -> MatchedPairs:
    """The pairs of matches; measurements are converted to the unit of the variable, and perhaps averaged by cell."""
    change = UNCHANGED if unit is None or field.unit is None else conversion(unit, field.unit, name="value")
    kept = [match for match in matches if not match.reason]
    groups: defaultdict[tuple[Any, ...], list[PointMatch]] = defaultdict(list)
    for match in kept:
        groups[match.cell, match.time].append(match)
    chosen = list(groups.values()) if by_cell else [[match] for match in kept]
    days = np.array([gregorian(group[0].point.key).timestamp() / 86_400 for group in chosen])
    measured = np.array([np.mean([match.point.value for match in group]) for group in chosen])
    return MatchedPairs(
        measured=measured * change.factor + change.offset,
        estimated=np.array([np.mean([match.value for match in group]) for group in chosen]),
        lon=np.array([np.mean([match.point.lon for match in group]) for group in chosen]),
        lat=np.array([np.mean([match.point.lat for match in group]) for group in chosen]),
        days=days - days.min() if len(days) else days,
        cells=len(groups),
        points=len(kept),
    )


def statistics_of(matches: Sequence[PointMatch], pairs: MatchedPairs, *, scale: Any) -> dict[str, Any]:
    """The output `statistics`: of the pairs, and the points that were refused by reason."""
    refused = Counter(match.reason for match in matches if match.reason)
    return {
        **pair_statistics(pairs.measured, pairs.estimated, scale=scale),
        "n_points": len(matches),
        "n_pairs": pairs.points,
        "n_cells": pairs.cells,
        "refused": dict(refused),
        "scale": scale,
    }
