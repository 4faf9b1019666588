"""Latitudes and longitudes that are stored for each time, as WRF does, though the cells do not move."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from cog.sources.netcdf.cf import NcVariable


class StillPlaces:
    """A variable over (time, row, column) as if it had its first time alone, with what `cf` and its callers ask of one.

    Args:
        variable: The variable, of three dimensions.

    Attributes:
        name: Its name.
        dtype: Its type.
        dimensions: Those of rows and columns.
        shape: Rows and columns.
    """

    ndim = 2

    def __init__(self, variable: NcVariable) -> None:
        self._variable = variable
        self.name: str = variable.name
        self.dtype = variable.dtype
        self.dimensions: tuple[str, ...] = variable.dimensions[1:]
        self.shape: tuple[int, ...] = variable.shape[1:]

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.shape[0] * self.shape[1]

    @cached_property
    def is_still(self) -> bool:
        """Whether it has a time, and every other one equals the first."""
        times = int(self._variable.shape[0])
        if times == 0:
            return False
        first = np.ma.getdata(self._variable[0])
        return all(np.array_equal(np.ma.getdata(self._variable[number]), first) for number in range(1, times))

    def ncattrs(self) -> list[str]:
        """The names of its attributes."""
        return list(self._variable.ncattrs())

    def getncattr(self, name: str) -> Any:
        """The value of an attribute."""
        return self._variable.getncattr(name)

    def __getitem__(self, key: Any) -> Any:
        return self._variable[0][key]
