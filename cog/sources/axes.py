"""Regular axes: from the centres of cells to the outer edge of the first cell and the step."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.errors import SourceRefused

IRREGULARITY = 1e-3
"""Largest difference of one step from the mean step, in parts of it."""
_TURN, _HALF_TURN = 360.0, 180.0
_DENOMINATOR = 7200
"""Cells of geographic grids are fractions of a degree with denominators up to this: half an arc second."""


def edge_and_step(
    centres: NDArray[Any], *, name: str, path: Path, degrees: bool, rounding: float = 0.0, coarseness: float = 0.0
) -> tuple[float, float]:
    """The outer edge of the first cell and the signed step of a regular axis, in the axis's unit, as float64.

    Coordinates stored in float32 carry rounding that would leave seams in a global grid: within a thousandth of a cell
    (a millionth for float64), or the `rounding` that a format is known to do, a geographic axis snaps to the circle or
    half circle it divides, or to a simple fraction of a degree. Coordinates that were moved since they were stored
    carry the `coarseness` of the stored ones. Raises SourceRefused for an axis that is irregular, too short or not
    finite.
    """
    values = np.asarray(centres, dtype="float64")
    count = len(values)
    if count < 2:
        raise SourceRefused(path, f"axis {name} has {count} cell, so the size of a cell is unknown", "declare `grid`")
    steps = np.diff(values)
    mean = (values[-1] - values[0]) / (count - 1)
    if not np.isfinite(values).all() or mean == 0:
        raise SourceRefused(path, f"axis {name} is not a series of rising or falling numbers", "declare `grid`")
    worst = float(np.abs(steps / mean - 1).max())
    if worst > IRREGULARITY + max(_rounding(centres), coarseness) / abs(mean):
        cause = f"axis {name} is irregular: a step differs from the mean step by {worst:.2%}, the limit is 0.1 %"
        raise SourceRefused(path, cause, "declare `grid`: crs, origin and cell, or regrid it first")
    exact = np.asarray(centres).dtype.itemsize >= 8
    tolerance = max(abs(mean) * (1e-6 if exact else IRREGULARITY), rounding)
    step = _snapped_step(mean, count, tolerance) if degrees else mean
    middle = (values[0] + values[-1]) / 2
    edge = middle - step * count / 2
    if degrees:
        half = abs(step) / 2
        snapped = round(edge / half) * half
        edge = snapped if abs(snapped - edge) <= tolerance else edge
    return float(edge), float(step)


def unwrapped(longitudes: NDArray[Any]) -> NDArray[Any]:
    """Longitudes that go on where they are stored modulo 360: 359, 0, 1 as 359, 360, 361."""
    values = np.asarray(longitudes)
    if values.size < 2 or not np.isfinite(values.astype("float64")).all():
        return values
    steps = np.diff(values.astype("float64"))
    turned = np.abs(steps) > _HALF_TURN
    if not turned.any():
        return values
    turns = -np.concatenate([[0.0], np.cumsum(np.where(turned, np.round(steps / _TURN), 0.0))]) * _TURN
    return (values + turns).astype(values.dtype if values.dtype.kind == "f" else "float64")


def coarseness_of(stored: NDArray[Any]) -> float:
    """The error that rounding of stored coordinates adds to a step."""
    return _rounding(stored)


def _rounding(centres: NDArray[Any]) -> float:
    """The error that rounding of stored coordinates adds to a step: two units in the last place."""
    array = np.asarray(centres)
    return 2 * float(np.spacing(np.abs(array).max())) if array.dtype.kind == "f" else 0.0


def _snapped_step(mean: float, count: int, tolerance: float) -> float:
    """The step that `mean` stands for, such that the whole axis stays within `tolerance`."""
    simple = Fraction(abs(mean)).limit_denominator(_DENOMINATOR)
    for candidate in (360 / count, 180 / count, float(simple)):
        if candidate and abs(candidate - abs(mean)) * count <= tolerance:
            return float(np.copysign(candidate, mean))
    return mean
