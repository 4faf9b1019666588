"""The stored form of a part's values: those of the COGs, or 16-bit integers where these give every value back.

Products of two decimals fill 32 bits with what 16 hold: packed, they take a quarter of the space. A packing is proposed
by samples and proved by every cell while a part is built (`Packing.packed`); nothing is ever rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cog.cells.codec import Codec

MISSING: Final = -32768
"""Packed value of a cell without data."""
_SCALES: Final = (1.0, 0.1, 0.01, 0.001)
_LARGEST: Final = 32767


class NotExactError(Exception):
    """A packing does not give a value back."""


@dataclass(frozen=True)
class IntegerPacking:
    """How values of COGs are stored in a part: value = stored * scale + offset where it is packed, else as it is.

    Attributes:
        source: numpy name of the type of the COGs.
        nodata: What a cell without data reads as.
        scale: Factor of a packed value; None where values are kept.
        offset: Value of a packed zero.
    """

    source: str
    nodata: float
    scale: float | None = None
    offset: float = 0.0

    @property
    def dtype(self) -> str:
        """Numpy name of the stored type."""
        return self.source if self.scale is None else "int16"

    @property
    def fill(self) -> float:
        """Stored value of cells of which nothing is stored."""
        return self.nodata if self.scale is None else MISSING

    @property
    def attributes(self) -> dict[str, Any]:
        """Attributes of the array (CF 8.1)."""
        return {} if self.scale is None else {"scale_factor": self.scale, "add_offset": self.offset}

    def packed(self, cells: NDArray[Any], codec: Codec) -> NDArray[Any]:
        """Pack cells of COGs; raises NotExactError if one of them would not be read back as it is."""
        if self.scale is None:
            return cells
        invalid = codec.invalid(cells)
        with np.errstate(invalid="ignore", over="ignore"):
            numbers = np.rint((cells.astype("float64") - self.offset) / self.scale)
            inside = np.abs(numbers) <= _LARGEST
        ok = inside if invalid is None else inside | invalid
        if not ok.all():
            raise NotExactError
        out = np.full(cells.shape, MISSING, "int16")
        np.copyto(out, numbers, where=inside if invalid is None else ~invalid, casting="unsafe")
        same = self.unpacked(out) == cells
        if invalid is not None:
            same |= invalid
        if not same.all():
            raise NotExactError
        return out

    def unpacked(self, stored: NDArray[Any]) -> NDArray[Any]:
        """The values of COGs that stored ones stand for, in the same shape."""
        return stored if self.scale is None else self._table.take(stored.view("uint16"))

    def numbers(self, stored: NDArray[Any], codec: Codec) -> tuple[NDArray[np.float64], NDArray[np.bool_] | None]:
        """The values of COGs in double precision, 0 where there are no data, and where there are; None: everywhere."""
        if self.scale is not None:
            missing = stored == MISSING
            return self._numbers.take(stored.view("uint16")), ~missing if missing.any() else None
        invalid = codec.invalid(stored)
        if invalid is None or not invalid.any():
            return stored.astype("float64"), None
        return np.where(invalid, 0, stored).astype("float64"), ~invalid

    @cached_property
    def _numbers(self) -> NDArray[np.float64]:
        """`_table` in double precision, with 0 for a cell without data."""
        numbers = self._table.astype("float64")
        numbers[np.uint16(MISSING & 0xFFFF)] = 0
        return numbers

    @cached_property
    def _table(self) -> NDArray[Any]:
        """The value of each 16-bit integer, by its bits."""
        numbers = np.arange(65536, dtype="uint16").view("int16").astype("float64")
        values = (numbers * (self.scale or 1.0) + self.offset).astype(self.source)
        values[np.uint16(MISSING & 0xFFFF)] = np.array(self.nodata).astype(self.source)
        return values

    def to_json(self) -> dict[str, Any]:
        """As JSON members; NaN as text."""
        return {"source": self.source, "nodata": repr(float(self.nodata)), "scale": self.scale, "offset": self.offset}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        scale = document["scale"]
        return cls(document["source"], float(document["nodata"]), scale, document["offset"])


def kept(codec: Codec) -> IntegerPacking:
    """The packing that keeps values as the COGs have them."""
    return IntegerPacking(codec.dtype, codec.fill)


def proposed(samples: NDArray[Any], codec: Codec) -> IntegerPacking:
    """The packing that fits sample cells, with the coarsest scale and an offset only where it is needed."""
    if not codec.is_float:
        return kept(codec)
    valid = samples[codec.valid(samples)].astype("float64")
    if not valid.size:
        return kept(codec)
    middle = float(np.rint((valid.min() + valid.max()) / 2))
    for scale in _SCALES:
        for offset in (0.0, middle):
            packing = IntegerPacking(codec.dtype, codec.fill, scale, offset)
            try:
                packing.packed(samples, codec)
            except NotExactError:
                continue
            return packing
    return kept(codec)
