"""Small steps of an array, read many at a time: what one call of the library costs is more than a step has cells."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cog.sources.netcdf.cf import NcVariable

_AHEAD_BYTES = 2 * 1024 * 1024
_LEAST = 4
"""Times that are worth it."""

Places = tuple[int | tuple[int | None, int | None], ...]


class StepsAhead:
    """Reads cells of arrays; who asks for times one after the other gets them from memory.

    At most `_AHEAD_BYTES` are kept, of one array. A time that does not follow the one before is read alone.
    """

    def __init__(self) -> None:
        self._last: tuple[Places, int] | None = None
        self._kept: tuple[Places, int, NDArray[Any]] | None = None

    def read(self, array: NcVariable, places: Sequence[int | slice], dims: Sequence[str]) -> NDArray[Any]:
        """The cells at places, a whole number or a slice for each dimension."""
        if "time" not in dims:
            return np.asarray(array[tuple(places)])
        axis = dims.index("time")
        step = places[axis]
        assert isinstance(step, int)
        others = (id(array), *(_plain(place) for number, place in enumerate(places) if number != axis))
        if self._kept is not None and self._kept[0] == others and 0 <= step - self._kept[1] < self._kept[2].shape[0]:
            self._last = (others, step)
            cells: NDArray[Any] = self._kept[2][step - self._kept[1]]
            return cells
        follows = self._last == (others, step - 1)
        self._last = (others, step)
        count = min(_times(array, places, axis), array.shape[axis] - step)
        if not follows or count < _LEAST:
            return np.asarray(array[tuple(places)])
        several = np.asarray(array[tuple(slice(step, step + count) if n == axis else p for n, p in enumerate(places))])
        # dimensions that are whole numbers are gone, those before time shift its number
        gone = sum(isinstance(place, int) for place in places[:axis])
        planes = np.moveaxis(several, axis - gone, 0)
        self._kept = (others, step, planes)
        first: NDArray[Any] = planes[0]
        return first


def _plain(place: int | slice) -> int | tuple[int | None, int | None]:
    return (place.start, place.stop) if isinstance(place, slice) else place


def _times(array: NcVariable, places: Sequence[int | slice], axis: int) -> int:
    """How many times of these places may be kept."""
    lengths = [
        len(range(*place.indices(size))) if isinstance(place, slice) else 1
        for number, (place, size) in enumerate(zip(places, array.shape, strict=True))
        if number != axis
    ]
    return _AHEAD_BYTES // max(1, prod(lengths) * np.dtype(array.dtype).itemsize)
