"""A no-data value for cells that a mask or an alpha band hides: one that no visible cell holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.errors import SourceRefused

_COUNTED_BITS = 16


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """The storage of hidden cells: the cells' type, which may be wider than the source's, and their value."""

    dtype: str
    value: float


def value_for_hidden(
    visible: Iterable[NDArray[Any]], dtype: np.dtype[Any], *, fill: float | None, path: Path
) -> Hidden:
    """A value for hidden cells that no visible cell holds.

    It is the declared one, NaN for floating-point cells, else the greatest or least of the type, else, for types of up
    to 16 bits, the greatest that is free; where all are in use, cells are stored in the next wider type.

    Args:
        visible: The visible cells in any number of arrays, read only where they are needed.
        dtype: Their type.
        fill: The declared fill value, which fits the type.
        path: The source, for messages.

    Raises:
        SourceRefused: Visible cells hold the declared value, or both ends of a type of 32 or 64 bits.
    """
    if fill is not None:
        if any((cells == dtype.type(fill)).any() for cells in visible):
            cause = f"cells that its mask shows hold the declared fill value {fill:g}"
            raise SourceRefused(path, cause, "declare a `fill` that no cell holds")
        return Hidden(dtype=dtype.name, value=fill)
    if dtype.kind == "f":
        return Hidden(dtype=dtype.name, value=float("nan"))
    limits = np.iinfo(dtype)
    if dtype.itemsize * 8 <= _COUNTED_BITS:
        free = _free_value(visible, limits)
        if free is not None:
            return Hidden(dtype=dtype.name, value=float(free))
        wider = np.dtype(f"{dtype.kind}{dtype.itemsize * 2}")
        return Hidden(dtype=wider.name, value=float(np.iinfo(wider).max))
    # a no-data value is kept as a float64, which holds no greatest value of 64 bits
    ends = (limits.min, limits.max) if dtype.itemsize < np.dtype("int64").itemsize else (limits.min,)
    used = dict.fromkeys(ends, False)
    for cells in visible:
        used = {end: in_use or bool((cells == end).any()) for end, in_use in used.items()}
    free_ends = [end for end, in_use in used.items() if not in_use]
    if not free_ends:
        raise SourceRefused(path, f"no {dtype.name} value is free for cells that its mask hides", "declare `fill`")
    return Hidden(dtype=dtype.name, value=float(free_ends[0]))


def _free_value(visible: Iterable[NDArray[Any]], limits: np.iinfo[Any]) -> int | None:
    """The greatest value of a small integer type that no cell holds."""
    used = np.zeros(limits.max - limits.min + 1, dtype=bool)
    for cells in visible:
        used[np.unique(cells).astype("int64") - limits.min] = True
    free = np.flatnonzero(~used)
    return int(free[-1]) + int(limits.min) if free.size else None
