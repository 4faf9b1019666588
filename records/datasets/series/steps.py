"""Every time of one variable at one layer, as arrays: what a series of thousands of times is found by.

One look at an index of the table reads them; a process keeps them by the version of their dataset (`Catalogue.steps`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from config.grids import Grid
from records.database.engine import translated_errors
from records.database.orm import AssetRow, DatasetRow, GranuleRow
from records.datasets.series.series_parts import SeriesPart, read_parts, short_checksums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Engine

    from config.times import TimeRange
    from records.datasets.models import Dataset, Variable

_NO_KEY: Final = np.iinfo("int64").min


@dataclass(frozen=True, kw_only=True, eq=False)
class StepIndex:
    """The granules of one variable and layer in the order of their times; keys are those of `config.times`.

    Attributes:
        version: The version of the dataset whose granules these are.
        revision: The revision of its parts by time.
        calendar: CF calendar of the times; None where the data have none.
        labels: Label of each time.
        keys: Order key of each.
        starts: Order keys of the starts of their bounds; the least integer where one has none.
        ends: Order keys of their ends, not inside; likewise.
        hrefs: The asset of each, below the store.
        checksums: SHA-256 of each asset, in hexadecimal digits.
        grids: The distinct grids.
        grid_numbers: The grid of each, as a number in `grids`.
        parts: Parts of the series by time (`records.datasets.series.series_parts`), the longest first.
        part_numbers: The part that holds the granule of each time as it is, as a number in `parts`; -1 for none.
        part_steps: Its place in that part.
    """

    version: int
    revision: int
    calendar: str | None
    labels: Sequence[str]
    keys: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    hrefs: Sequence[str]
    checksums: Sequence[str]
    grids: tuple[Grid, ...]
    grid_numbers: NDArray[np.int32]
    parts: tuple[SeriesPart, ...]
    part_numbers: NDArray[np.int32]
    part_steps: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def is_uniform(self) -> bool:
        """Whether each time has one granule, and all have the same cells."""
        first, *others = self.grids or (None,)
        alike = first is not None and all(grid is not None and first.matches(grid) for grid in others)
        return alike and bool(np.all(self.keys[1:] > self.keys[:-1]))

    def within(self, when: TimeRange | None) -> NDArray[np.int64]:
        """Positions of the times whose label lies in a range, else of those whose bounds meet it; None: of all."""
        if when is None:
            return np.arange(len(self), dtype="int64")
        first = 0 if when.start is None else int(np.searchsorted(self.keys, when.start))
        stop = len(self) if when.end is None else int(np.searchsorted(self.keys, when.end))
        if first < stop:
            return np.arange(first, stop, dtype="int64")
        met = self.ends != _NO_KEY
        if when.start is not None:
            met &= self.ends > when.start
        if when.end is not None:
            met &= self.starts < when.end
        return np.flatnonzero(met)

    def bounds(self, position: int) -> tuple[int | None, int | None]:
        """The order keys of the bounds of a time, None for one that it does not have."""
        start, end = self.starts.item(position), self.ends.item(position)
        return (None if start == _NO_KEY else start), (None if end == _NO_KEY else end)


def read_steps(
    engine: Engine, dataset: Dataset, variable: Variable, *, layer: str | None, part: str | None
) -> StepIndex:
    """Read every time of a variable.

    Args:
        engine: Reaches the catalogue.
        dataset: The dataset.
        variable: One of its variables.
        layer: Key of the layer (`config.layers`); None: whatever granules have.
        part: The part; None: all of them, so that a time may be there several times.
    """
    columns = (
        GranuleRow.key,
        GranuleRow.start_key,
        GranuleRow.end_key,
        GranuleRow.time,
        GranuleRow.asset_href,
        AssetRow.sha256,
        cast(GranuleRow.grid, Text),
        GranuleRow.calendar,
    )
    query = select(*columns).join(AssetRow, AssetRow.href == GranuleRow.asset_href)
    query = query.where(GranuleRow.dataset_id == dataset.id, GranuleRow.variable_id == variable.id)
    if layer is not None:
        query = query.where(GranuleRow.layer == layer)
    if part is not None:
        query = query.where(GranuleRow.part == part)
    with translated_errors(), Session(engine) as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        version = session.scalar(select(DatasetRow.version).where(DatasetRow.id == dataset.id)) or 0
        revision = session.scalar(select(DatasetRow.series_revision).where(DatasetRow.id == dataset.id)) or 0
        rows = session.execute(query.order_by(GranuleRow.key, GranuleRow.part)).all()
        parts = () if part is not None else read_parts(session, dataset.id, variable.id, layer)
    keys, starts, ends, labels, hrefs, checksums, grids, calendars = zip(*rows, strict=True) if rows else ([],) * 8
    numbers: dict[str, int] = {}
    part_numbers, part_steps = _places(parts, _integers(keys), short_checksums(checksums))
    return StepIndex(
        version=version,
        revision=revision,
        calendar=calendars[0] if calendars else None,
        labels=labels,
        keys=_integers(keys),
        starts=_integers(starts),
        ends=_integers(ends),
        hrefs=hrefs,
        checksums=checksums,
        grid_numbers=np.array([numbers.setdefault(text, len(numbers)) for text in grids], dtype="int32"),
        grids=tuple(Grid.from_json(json.loads(text)) for text in numbers),
        parts=parts,
        part_numbers=part_numbers,
        part_steps=part_steps,
    )


def _places(
    parts: Sequence[SeriesPart], keys: NDArray[np.int64], checksums: NDArray[np.uint64]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The part that holds each granule, and its place in it: the same time, and a file of the same checksum."""
    numbers, steps = np.full(len(keys), -1, "int32"), np.zeros(len(keys), "int32")
    if not len(keys):
        return numbers, steps
    for number, part in enumerate(parts):
        places = np.minimum(np.searchsorted(keys, part.keys), len(keys) - 1)
        same = (keys[places] == part.keys) & (checksums[places] == part.checksums).all(axis=1) & (numbers[places] < 0)
        numbers[places[same]] = number
        steps[places[same]] = np.flatnonzero(same)
    return numbers, steps


def _integers(keys: Sequence[int | None]) -> NDArray[np.int64]:
    return np.array([_NO_KEY if key is None else key for key in keys], dtype="int64")
