"""Leaves of equal count: the plane cut at medians, so that each leaf holds about as many features as any other.

A leaf is the half-open box [x0, x1) x [y0, y1); the outermost reach to infinity, so that every place lies in one. A
feature goes to every leaf that its envelope meets. A pair of features counts in the one leaf that holds its reference
point, (greatest of the west edges, greatest of the south edges): both envelopes hold that point where they meet, so
that both features are in that leaf, and no pair counts twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""(x0, y0, x1, y1); x1 and y1 are not inside."""
PLANE: Box = (-np.inf, -np.inf, np.inf, np.inf)


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A cut of a box in two: what lies below `at` on an axis, and the rest.

    Attributes:
        axis: 0 for x, 1 for y.
        at: Coordinate of the cut, which belongs to the upper half.
        low: The lower half, itself cut, or None for a leaf.
        high: The upper half.
    """

    axis: int
    at: float
    low: Cut | None
    high: Cut | None


def cut_plane(centres: NDArray[np.float64], leaves: int) -> Cut | None:
    """Cut the plane into `leaves` leaves that hold equally many of some (n, 2) points; None is one leaf.

    Fewer leaves come out where points coincide.
    """
    if leaves <= 1 or len(centres) <= 1:
        return None
    lower = leaves // 2
    for axis in np.argsort(-np.ptp(centres, axis=0)):
        values = centres[:, axis]
        at = float(np.quantile(values, lower / leaves))
        below = values < at
        if below.any():
            return Cut(
                axis=int(axis),
                at=at,
                low=cut_plane(centres[below], lower),
                high=cut_plane(centres[~below], leaves - lower),
            )
    return None


def boxes_of_leaves(cut: Cut | None, box: Box = PLANE) -> list[Box]:
    """The boxes of all leaves of a box, in the order in which `leaves_of` numbers them."""
    if cut is None:
        return [box]
    low, high = list(box), list(box)
    low[2 + cut.axis] = high[cut.axis] = cut.at
    return boxes_of_leaves(cut.low, _box(low)) + boxes_of_leaves(cut.high, _box(high))


def _box(edges: list[float]) -> Box:
    return edges[0], edges[1], edges[2], edges[3]


def leaves_of(cut: Cut | None, bounds: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The leaves that envelopes meet, as (number of an envelope, number of a leaf) pairs ordered by leaf.

    Args:
        cut: The cuts.
        bounds: (n, 4) west, south, east, north; an envelope without place (NaN) lies in the first leaf.
    """
    members = list(_members(cut, bounds, np.arange(len(bounds))))
    counts = [len(each) for each in members]
    return np.concatenate(members), np.repeat(np.arange(len(members)), counts)


def _members(cut: Cut | None, bounds: NDArray[np.float64], which: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    if cut is None:
        yield which
        return
    starts, ends = bounds[which, cut.axis], bounds[which, 2 + cut.axis]
    yield from _members(cut.low, bounds, which[~(starts >= cut.at)])
    yield from _members(cut.high, bounds, which[ends >= cut.at])


def holds(box: Box, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points lie in a half-open box; those that are NaN in the box that reaches to minus infinity."""
    x0, y0, x1, y1 = box
    return ~(x < x0) & ~(x >= x1) & ~(y < y0) & ~(y >= y1) & ((x0 == -np.inf) & (y0 == -np.inf) | ~np.isnan(x))
