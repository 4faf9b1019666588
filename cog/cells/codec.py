"""The meaning of stored cells: which of them are data, which physical values they stand for, and the way back.

One rule holds for tiles, coverages, points, statistics, zones and overviews: NaN and infinite cells are no data,
whatever the no-data value, and so are cells that hold the no-data value. Only downloads in the source's own type
(GeoTIFF, NetCDF) pass all cells on bit for bit. Two kinds of mask are in use, and each is named for its sense: `valid`
is True where there is data, `invalid` is True where there is none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LONG = 8
"""Bytes of an integer that float64, in which no-data values are stated, need not hold exactly."""
_SHORT = 2
"""Bytes up to which an integer times its scale is exact enough in float32."""
_WIDER = {"int8": "int16", "uint8": "int16", "int16": "int32", "uint16": "int32", "int32": "int64", "uint32": "int64"}


@dataclass(frozen=True, kw_only=True)
class Codec:
    """The meaning of the stored values of a raster: physical value = stored value * scale + offset.

    Attributes:
        dtype: numpy name of the stored type.
        nodata: Stored value that means no data (NaN allowed), or None.
        scale: Factor of a stored value.
        offset: Physical value of a stored zero.
        bands: Number of bands, all of them stored alike.
    """

    dtype: str
    nodata: float | None = None
    scale: float = 1.0
    offset: float = 0.0
    bands: int = 1

    @property
    def is_packed(self) -> bool:
        """Whether stored and physical values differ."""
        return (self.scale, self.offset) != (1.0, 0.0)

    @property
    def is_float(self) -> bool:
        """Whether cells are floating-point numbers."""
        return self.dtype.startswith("float")

    @property
    def fill(self) -> float:
        """Stored value to write where there is no data: the no-data value, infinite where the type cannot hold it.

        Without one NaN, or 0 in a type without NaN.
        """
        return _fill(self.nodata, self.dtype)

    def invalid(self, stored: NDArray[Any]) -> NDArray[np.bool_] | None:
        """True where stored values are no data, in their shape; None if no value of their type can mean that."""
        marker = _marker(self.nodata, stored.dtype)
        if stored.dtype.kind != "f":
            return None if marker is None else np.asarray(stored == marker)
        invalid: NDArray[np.bool_] = np.isfinite(stored)
        np.logical_not(invalid, out=invalid)
        if marker is not None:
            invalid |= stored == marker
        return invalid

    def valid(self, stored: NDArray[Any]) -> NDArray[np.bool_]:
        """True where stored values are data, in their shape."""
        invalid = self.invalid(stored)
        return np.ones(stored.shape, dtype=bool) if invalid is None else np.logical_not(invalid, out=invalid)

    def physical(self, stored: NDArray[Any]) -> NDArray[Any]:
        """Physical values, float64 where packed, else the stored ones; of no meaning where there is no data."""
        if not self.is_packed:
            return stored
        with np.errstate(over="ignore", invalid="ignore"):  # of cells without data
            values: NDArray[np.float64] = stored.astype("float64") * self.scale + self.offset
        return values

    def decode(self, stored: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Physical values, and True where they are data: finite numbers made of cells with data."""
        values, valid = self.physical(stored), self.valid(stored)
        if self.is_packed:
            valid &= np.isfinite(values)
        return values, valid

    def pixels(self, stored: NDArray[Any]) -> NDArray[Any]:
        """Physical values as pictures need them: float32 where that is exact enough, else as `physical`."""
        if not self.is_packed:
            return stored
        kind, size = stored.dtype.kind, stored.dtype.itemsize
        single = (kind in "iu" and size <= _SHORT) or (kind == "f" and size <= np.dtype("float32").itemsize)
        return self.physical(stored).astype("float32" if single else "float64", copy=False)

    def image(self, stored: np.ma.MaskedArray) -> np.ma.MaskedArray:
        """`pixels` of an image, masked where it is and where it is not finite; NaN under the mask where packed."""
        mask = np.ma.getmaskarray(stored)
        if stored.dtype.kind == "f":
            mask = mask | ~np.isfinite(stored.data)
        values = self.pixels(stored.data)
        if self.is_packed:
            values[mask] = np.nan
        return np.ma.MaskedArray(values, mask=mask)

    def stored(self, means: NDArray[np.float64], valid: NDArray[np.bool_]) -> NDArray[Any]:
        """Means of stored values as stored values: integers to the nearest, `fill` where not valid and only there.

        A mean that is the no-data value by chance takes the next number on its own side; the cells that it was made of
        lie on both sides. Where all are valid, the type need not hold a value that means no data.
        """
        dtype, nodata = np.dtype(self.dtype), self.nodata
        cells = (np.rint(means) if dtype.kind in "iu" else means).astype(dtype)
        if nodata is not None:
            above = cells + 1 if dtype.kind in "iu" else np.nextafter(cells, np.inf, dtype=dtype)
            below = cells - 1 if dtype.kind in "iu" else np.nextafter(cells, -np.inf, dtype=dtype)
            cells = np.where(valid & (cells == nodata), np.where(means < nodata, below, above), cells)
        if not valid.all():
            cells[~valid] = np.nan if nodata is None else nodata
        return cells

    def fillable(self) -> Self:
        """The codec of the same values with room for missing ones.

        The same where it has a no-data value, and for pictures, which have none. Else NaN, or a wider type of integers
        whose least value (greatest, of unsigned ones) means no data.
        """
        if self.nodata is not None or self.bands > 1:
            return self
        if self.is_float:
            return replace(self, nodata=math.nan)
        dtype = _WIDER.get(self.dtype, self.dtype)
        limits = np.iinfo(dtype)
        return replace(self, dtype=dtype, nodata=float(limits.min if limits.min < 0 else limits.max))


@lru_cache(maxsize=1024)
def _marker(nodata: float | None, dtype: np.dtype[Any]) -> Any:
    """The number that equals cells which hold the no-data value; None where no finite cell of the type does.

    Integers of 64 bits are compared as float64, because the no-data value is one: 9223372036854775806, which NetCDF
    fills with, is stated as 2**63.
    """
    if nodata is None or not math.isfinite(nodata):
        return None
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            marker = dtype.type(nodata)
        return marker if np.isfinite(marker) else None
    if dtype.itemsize == _LONG:
        return float(nodata)
    limits = np.iinfo(dtype)
    return dtype.type(int(nodata)) if nodata.is_integer() and limits.min <= nodata <= limits.max else None


@lru_cache(maxsize=1024)
def _fill(nodata: float | None, dtype: str) -> float:
    if np.dtype(dtype).kind == "f":
        if nodata is None or math.isnan(nodata):
            return math.nan
        return nodata if abs(nodata) <= float(np.finfo(dtype).max) else math.copysign(math.inf, nodata)
    limits = np.iinfo(dtype)
    if nodata is None or not float(nodata).is_integer() or not limits.min <= nodata <= limits.max:
        return 0
    return nodata
