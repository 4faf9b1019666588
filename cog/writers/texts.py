"""Cells as numbers in text: physical values, as short as they are exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cog.cells.codec import Codec

_DIGITS = 12
"""Significant digits of an unpacked value: those of a product of float64 without its noise."""


def texts(stored: NDArray[Any], codec: Codec, *, missing: str) -> NDArray[np.str_]:
    """Stored values as the text of their physical ones, `missing` where there is no data."""
    numbers, valid = codec.decode(stored)
    return np.where(valid, _rounded(numbers, valid) if codec.is_packed else _shortest(numbers, valid), missing)


def _rounded(numbers: NDArray[Any], valid: NDArray[np.bool_]) -> NDArray[np.str_]:
    return np.char.mod(f"%.{_DIGITS}g", np.where(valid, numbers, 0))


def _shortest(numbers: NDArray[Any], valid: NDArray[np.bool_]) -> NDArray[np.str_]:
    """The fewest digits that mean the same number in its own type."""
    if numbers.dtype.kind != "f":
        return numbers.astype(np.str_)
    return np.where(valid, numbers, numbers.dtype.type(0)).astype(np.str_)
