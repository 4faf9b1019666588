"""The computation of a question, in parts that are bounded in time and memory."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cog.statistics.tally import majority, quantiles
from cog.zones.polygons import PolygonsInGrid
from cog.zones.zones import Zone, tallies
from config.errors import Conflict, InvalidInput, TooLarge
from services.processes.zonal.description import MOST_TIMES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cog.statistics.tally import Tally
    from cog.zones.geojson import Feature
    from config.grids import Grid
    from services.processes.zonal.question import Question
    from services.selection.blocks import BlockSource

Row = dict[str, Any]
"""One polygon at one time: `feature` (its number), `step` (the number of the time) and the statistics by name."""

MOST_ROWS = 200_000
MOST_CLASSES = 256
"""Most distinct values of which fractions are told."""

_PART_CELLS = 400_000_000
"""Cells of a part, times times: some seconds of work."""
_PART_DISTINCT_CELLS = 24_000_000
"""Those of a part where each may have a value of its own, that is kept."""
_MOST_PARTS = 1000
_SMALL = 2
"""Bytes of an integer that has few distinct values."""


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Some polygons at some times, by their numbers, and how many cells they are."""

    features: range
    steps: range
    cells: int


def zones_of(question: Question, features: Sequence[Feature], grid: Grid) -> list[Zone]:
    """The zones of polygons on a grid; raises InvalidInput naming the polygon and the reason."""
    place = PolygonsInGrid(question.crs, grid, repair=bool(question.inputs.get("repair")))
    found = []
    for feature in features:
        try:
            geometry = place.place(feature.polygons) if feature.polygons else None
        except InvalidInput as error:
            raise InvalidInput(f"{feature.name}: {error.detail}") from error
        found.append(Zone.of(geometry, grid))
    return found


def chunks_of(question: Question, steps: Sequence[BlockSource], *, most_cells: int) -> list[Chunk]:
    """The work in bounded chunks; raises TooLarge beyond `most_cells` cells times times, or for too many rows."""
    rows = len(question.features) * len(steps)
    if rows > MOST_ROWS:
        raise TooLarge(f"{len(question.features)} polygons at {len(steps)} times are more than {MOST_ROWS} rows")
    by_grid = {step.mosaic.grid: 0 for step in steps}
    sizes = {grid: [zone.cells for zone in zones_of(question, question.features, grid)] for grid in by_grid}
    total = sum(sum(sizes[step.mosaic.grid]) for step in steps)
    if total > most_cells:
        raise TooLarge(
            f"the polygons span {total} cells, times times; the limit is {most_cells}: ask for fewer or smaller "
            "polygons, or for fewer times"
        )
    few = np.dtype(question.variable.dtype).kind in "iu" and np.dtype(question.variable.dtype).itemsize <= _SMALL
    usual = _PART_DISTINCT_CELLS if question.distinct and not few else _PART_CELLS
    budget = max(usual, total // _MOST_PARTS)
    largest = [max(sizes[grid][number] for grid in by_grid) for number in range(len(question.features))]
    return [chunk for group in _groups(largest, budget) for chunk in _timed(group, largest, len(steps), budget)]


def _groups(sizes: list[int], budget: int) -> list[range]:
    """Successive polygons whose cells stay within the budget; one that does not stands alone."""
    found, start, cells = [], 0, 0
    for number, size in enumerate(sizes):
        if number > start and cells + size > budget:
            found.append(range(start, number))
            start, cells = number, 0
        cells += size
    return [*found, range(start, len(sizes))]


def _timed(group: range, sizes: list[int], steps: int, budget: int) -> list[Chunk]:
    cells = max(1, sum(sizes[number] for number in group))
    each = min(steps, MOST_TIMES, max(1, budget // cells))
    each = math.ceil(steps / math.ceil(steps / each))  # like parts
    return [
        Chunk(features=group, steps=range(first, min(first + each, steps)), cells=cells * each)
        for first in range(0, steps, each)
    ]


def rows_of(
    question: Question, steps: Sequence[BlockSource], chunk: Chunk, advance: Callable[[int], None]
) -> list[Row]:
    """The rows of a chunk, by polygon and then time."""
    features = [question.features[number] for number in chunk.features]
    by_grid: defaultdict[Grid, list[int]] = defaultdict(list)
    for number in chunk.steps:
        by_grid[steps[number].mosaic.grid].append(number)
    found: dict[tuple[int, int], Row] = {}
    for grid, numbers in by_grid.items():
        made = tallies(
            zones_of(question, features, grid),
            [steps[number].mosaic for number in numbers],
            question.packing,
            area=question.by_area,
            distinct=question.distinct,
            advance=advance,
        )
        for feature, of_times in zip(features, made, strict=True):
            for number, tally in zip(numbers, of_times, strict=True):
                key = {"feature": feature.number, "step": number}
                found[feature.number, number] = key | statistics_of(question, tally, feature)
    return [found[key] for key in sorted(found)]


def statistics_of(question: Question, tally: Tally, feature: Feature) -> Row:
    """The statistics that are asked for: numbers, or None where there is none."""
    plain: Row = {
        "count": tally.weight,
        "cells": tally.cells,
        "mean": tally.mean,
        "min": tally.low,
        "max": tally.high,
        "sum": tally.total if tally.cells else None,
        "stdev": tally.stdev,
        "valid_fraction": tally.valid_fraction,
    }
    found = {name: _finite(plain[name]) for name in question.statistics if name in plain}
    if question.distinct:
        found |= _of_distinct(question, tally, feature)
    found["cells"] = tally.cells  # in every answer: how many there were
    return found


def _of_distinct(question: Question, tally: Tally, feature: Feature) -> Row:
    values, weights = tally.distinct()
    asked, found = question.statistics, Row()
    if "median" in asked:
        found["median"] = _finite(quantiles(values, weights, [0.5])[0])
    if "quantiles" in asked:
        for share, value in zip(question.quantiles, quantiles(values, weights, question.quantiles), strict=True):
            found[quantile_name(share)] = _finite(value)
    if "majority" in asked:
        found["majority"] = _finite(majority(values, weights))
    if "fractions" in asked:
        if values.size > MOST_CLASSES:
            raise InvalidInput(
                f"{feature.name}: {values.size} distinct values are more than {MOST_CLASSES}; fractions are told of "
                "classes and other few values, leave them out"
            )
        pairs = zip(values.tolist(), (weights / tally.weight).tolist(), strict=True)
        found["fractions"] = [[number(value), share] for value, share in pairs if math.isfinite(value)]
    return found


def quantile_name(share: float) -> str:
    """`quantile_5` for 0.05, `quantile_2_5` for 0.025."""
    return f"quantile_{100 * share:.10g}".replace(".", "_")


def number(value: float) -> int | float:
    """A whole number as an integer."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _finite(value: float | None) -> float | None:
    """A number that JSON has."""
    return value if value is not None and math.isfinite(value) else None


def encode_rows(rows: list[Row], version: int) -> bytes:
    """Rows as the result of a part, with the version of the dataset that they are of."""
    return json.dumps({"version": version, "rows": rows}, allow_nan=False).encode()


def decode_rows(results: Sequence[bytes], version: int) -> list[Row]:
    """The rows of all parts, by polygon and then time; raises Conflict unless all are of that version."""
    documents = [json.loads(result) for result in results]
    if any(document["version"] != version for document in documents):
        raise Conflict("the collection was changed while it was read; execute the process again")
    rows = [row for document in documents for row in document["rows"]]
    return sorted(rows, key=lambda row: (row["feature"], row["step"]))
