"""Cells as numbers in text: physical values, as short as they are exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cog.reading.strips import valid_cells

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cog.writers.cube import Field

_DIGITS = 12
"""Significant digits of an unpacked value: those of a product of float64 without its noise."""


def physical(values: NDArray[Any], field: Field) -> NDArray[Any]:
    """Stored values * scale + offset, in float64 where they are packed; what is not valid is left as it comes."""
    if (field.scale, field.offset) == (1.0, 0.0):
        return values
    with np.errstate(over="ignore", invalid="ignore"):
        unpacked: NDArray[np.float64] = values.astype("float64") * field.scale + field.offset
    return unpacked


def texts(values: NDArray[Any], field: Field, *, missing: str) -> NDArray[np.str_]:
    """Stored values as the text of their physical ones, `missing` where there are no data or no finite number."""
    numbers = physical(values, field)
    valid = valid_cells(values, field.nodata)
    if numbers.dtype.kind == "f":
        valid &= np.isfinite(numbers)
    packed = numbers is not values
    written = np.char.mod(f"%.{_DIGITS}g", np.where(valid, numbers, 0)) if packed else _shortest(numbers, valid)
    return np.where(valid, written, missing)


def _shortest(numbers: NDArray[Any], valid: NDArray[np.bool_]) -> NDArray[np.str_]:
    """The fewest digits that mean the same number in its own type."""
    if numbers.dtype.kind != "f":
        return numbers.astype(np.str_)
    return np.where(valid, numbers, numbers.dtype.type(0)).astype(np.str_)
