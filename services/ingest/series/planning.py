"""The parts that a series should have: long ones first, then shorter ones for the times after them.

Times that are added make a part of 16 of them every sixteenth time, and so on; the long parts stay as they are. Where
a time was added or withdrawn among those of a long part, the parts after it stay too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cog.series.layout import TIERS, PartLayout
from records.datasets.series.series_parts import short_checksums

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cog.series.layout import Tier
    from records.datasets.models import Dataset, SeriesChoice, Variable
    from records.datasets.series.series_parts import SeriesPart
    from records.datasets.series.steps import StepIndex

LEAST_STEPS: Final = 257
"""Times from which on a series gets parts by itself: the COGs of fewer answer a point within some 35 ms."""


@dataclass(frozen=True, kw_only=True)
class PlannedPart:
    """Times of a series that one part should hold.

    Attributes:
        first: Position of the first of them.
        stop: Position after the last.
        tier: The tier of the part.
        existing: The part that holds just these, of the files as they are; None if there is none yet.
    """

    first: int
    stop: int
    tier: Tier
    existing: SeriesPart | None


def wants_parts(choice: SeriesChoice, variable: Variable, index: StepIndex) -> bool:
    """Whether a series is to have parts: one band, each time once and on the same cells, and enough times."""
    least = LEAST_STEPS if choice == "auto" else TIERS[-1].steps
    is_series = variable.band_count == 1 and index.calendar is not None and index.is_uniform
    return choice != "off" and is_series and len(index) >= least


def may_want_parts(dataset: Dataset) -> bool:
    """Whether a look at the times of a dataset is worth while."""
    count = dataset.time.count if dataset.time else 0
    return dataset.series == "on" or dataset.series_revision > 0 or (dataset.series == "auto" and count >= LEAST_STEPS)


def plan_parts(index: StepIndex) -> list[PlannedPart]:
    """The parts that a series should have, in the order of its times; those after the last are read from COGs."""
    checksums = short_checksums(index.checksums)
    exact = {_identity(part): part for part in index.parts}
    plan = []
    for first, stop, tier in _ranges(index):
        identity = (tier.steps, index.keys[first:stop].tobytes(), checksums[first:stop].tobytes())
        plan.append(PlannedPart(first=first, stop=stop, tier=tier, existing=exact.get(identity)))
    return plan


def _identity(part: SeriesPart) -> tuple[int, bytes, bytes]:
    tier = PartLayout.from_json(part.layout).tier.steps
    return tier, part.keys.tobytes(), part.checksums.tobytes()


def _ranges(index: StepIndex) -> Iterator[tuple[int, int, Tier]]:
    position, kept = 0, _kept_ranges(index)
    for first, stop in [*kept, (len(index), len(index))]:
        yield from _filled(position, first)
        if first < stop:
            yield first, stop, TIERS[0]
        position = stop


def _kept_ranges(index: StepIndex) -> list[tuple[int, int]]:
    """The times of each long part that is there, as far as they still fit into one."""
    long = TIERS[0].steps
    ranges: list[tuple[int, int]] = []
    for part in sorted(_long(index.parts), key=lambda part: part.keys.item(0)):
        first = int(np.searchsorted(index.keys, part.keys[0]))
        stop = int(np.searchsorted(index.keys, part.keys[-1], side="right"))
        follows = not ranges or ranges[-1][1] <= first
        if follows and long // 2 < stop - first <= long:
            ranges.append((first, stop))
    return ranges


def _long(parts: Sequence[SeriesPart]) -> list[SeriesPart]:
    return [part for part in parts if PartLayout.from_json(part.layout).tier == TIERS[0]]


def _filled(first: int, stop: int) -> Iterator[tuple[int, int, Tier]]:
    """Full parts over positions, the longest first."""
    for tier in TIERS:
        while stop - first >= tier.steps:
            yield first, first + tier.steps, tier
            first += tier.steps
