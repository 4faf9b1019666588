"""Values as pictures: the colours that rio-tiler gives, to the bit, prepared once for many tiles.

A stored value of one or two bytes has few possible values: what rio-tiler makes of each of them is computed once, and a
tile is a table look-up. Other values are rescaled by the same arithmetic as rio-tiler's, in the same order.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from cachetools import LRUCache
from rio_tiler.colormap import apply_cmap

from cog.tiles.encode import Colored, Indexed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cog.tiles.encode import Picture
    from cog.tiles.source import ImageCells, RasterSource

ColorMap = dict[int, tuple[int, int, int, int]] | list[Any]
"""rio-tiler's: colours by value, or [((low, high), colour), ...] by interval."""

Ranges = tuple[tuple[float, float], ...]

_AT_ONCE: Final = 65_536
"""Values that are rescaled at once: those of a tile; more would not stay in the processor's cache."""
_COLORS = 256
_OPAQUE = 255
_RGB = 3
_TABLE_BYTES = 2
"""Bytes of a stored integer up to which every value has its place in a table."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Values that are not evenly spread over the bytes.

    Attributes:
        values: Rising values: knots between which values are interpolated, or the upper ends of intervals, each of
            which belongs to the next one.
        is_stepped: Whether they are intervals: a value in the interval n is the byte n; else the knots are evenly
            spread over 0 to 255.
    """

    values: tuple[float, ...]
    is_stepped: bool = False

    def places(self, values: NDArray[np.generic]) -> NDArray[np.uint8]:
        """Values as bytes; NaN is 0."""
        numbers = np.nan_to_num(values.astype("float64"), nan=self.values[0], posinf=np.inf, neginf=-np.inf)
        knots = np.linspace(0.0, _COLORS - 1, len(self.values))
        places: NDArray[Any] = (
            np.searchsorted(self.values, numbers, side="right")
            if self.is_stepped
            else np.rint(np.interp(numbers, self.values, knots))
        )
        return places.astype("uint8")


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
    """The way in which the physical values of a raster become colours.

    Attributes:
        ranges: (low, high) of each band, or one for all, that become 0 and 255; None: values are bytes or classes.
        colors: The colour map of a single band; None: grey, or red, green and blue.
        logarithmic: Whether values spread by their decimal logarithm; what is not positive is drawn as the low end.
        spread: How values become bytes instead, where colours stand at uneven values.
    """

    ranges: Ranges | None = None
    colors: ColorMap | None = None
    logarithmic: bool = False
    spread: Spread | None = None

    @cached_property
    def is_table(self) -> bool:
        """Whether the colour map has a colour for each byte, as rio-tiler's named ones have."""
        return _ramp_of(self.colors) is not None


_ramps: Final[LRUCache[int, tuple[Any, NDArray[np.uint8] | None]]] = LRUCache(64)
"""The last colour maps, by the id of each, which is kept so that no other has it: rio-tiler gives the same by name."""
_ramps_lock: Final = threading.Lock()


def _ramp_of(colors: ColorMap | None) -> NDArray[np.uint8] | None:
    """(byte, 4): the colour of each byte, not to be changed; None if a map has not one for each."""
    if not isinstance(colors, dict):
        return None
    with _ramps_lock:
        kept = _ramps.get(id(colors))
    if kept is None:
        whole = len(colors) == _COLORS and set(colors) == set(range(_COLORS))
        is_ramp = whole and not any(isinstance(key, float) for key in colors)
        table = np.array([colors[i] for i in range(_COLORS)], "uint8") if is_ramp else None
        kept = (colors, table)
        with _ramps_lock:
            _ramps[id(colors)] = kept
    return kept[1]


def table_bytes(dtype: str) -> int:
    """Bytes that a painter keeps for values of a type, about: a place in the palette for each value, twice, or none."""
    kind = np.dtype(dtype)
    return 2 * (1 << 8 * kind.itemsize) if kind.kind in "iu" and kind.itemsize <= _TABLE_BYTES else 0


def rescaled(
    values: NDArray[np.generic],
    bounds: tuple[float, float],
    *,
    logarithmic: bool = False,
    spread: Spread | None = None,
) -> NDArray[np.uint8]:
    """Values as bytes: `low` becomes 0 and `high` 255, as rio-tiler's `ImageData.rescale` does it.

    Its result passes through the values' own dtype before it becomes bytes, and so does this one.
    """
    if spread is not None:
        return spread.places(values)
    low, high = bounds
    if logarithmic:
        values, low, high = _logarithms(values, low), float(np.log10(low)), float(np.log10(high))
    if values.size <= _AT_ONCE:
        return _linear(values, low, high)
    flat, scaled = values.reshape(-1), np.empty(values.size, "uint8")
    for first in range(0, values.size, _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        scaled[part] = _linear(flat[part], low, high)
    return scaled.reshape(values.shape)


def _linear(values: NDArray[np.generic], low: float, high: float) -> NDArray[np.uint8]:
    scaled = values.astype("float64")
    np.clip(scaled, low, high, out=scaled)
    scaled -= low
    scaled /= np.float64(high - low)
    scaled *= 255.0
    with np.errstate(invalid="ignore"):  # NaN, which is masked
        return scaled.astype(values.dtype).astype("uint8")


def _logarithms(values: NDArray[np.generic], low: float) -> NDArray[np.float64]:
    """Decimal logarithms; of what is not above `low`, that of `low`."""
    logarithms: NDArray[np.float64] = np.log10(np.fmax(values.astype("float64"), low))
    return logarithms


@dataclass(frozen=True, kw_only=True, eq=False)
class _Table:
    """The colours of all stored values.

    Attributes:
        index: For every value its place in the palette.
        palette: (colour, 4) bytes, at most 256 colours.
    """

    index: NDArray[np.uint8]
    palette: NDArray[np.uint8]

    @classmethod
    def of(cls, colors: NDArray[np.uint8]) -> _Table | None:
        """The table of (value, 4) colours; None if there are too many of them."""
        palette, first, index = np.unique(colors.view("uint32")[:, 0], return_index=True, return_inverse=True)
        if len(palette) > _COLORS:
            return None
        order = np.argsort(first)  # colours in the order of the values that have them
        place = np.empty(len(order), "uint8")
        place[order] = np.arange(len(order))
        return cls(index=place[index], palette=palette[order].view("uint8").reshape(-1, 4))

    def places(self, values: NDArray[np.unsignedinteger[Any]]) -> NDArray[np.uint8]:
        """The place in the palette of each value; small class codes are their own places, and need no look-up."""
        if self._own_places and values.max() < self._own_places:
            return values.astype("uint8")
        return self.index.take(values)

    @cached_property
    def _own_places(self) -> int:
        """Number of first stored values that are their own places in the palette."""
        other = np.flatnonzero(self.index != np.arange(len(self.index)))
        return int(other[0]) if len(other) else len(self.index)


class Painter:
    """Draws the stored values of a raster. Made once for many tiles; may be used by several threads."""

    def __init__(self, source: RasterSource, dtype: str, drawing: Drawing) -> None:
        self.drawing = drawing
        self._codec = source.codec(dtype)
        self._dtype = np.dtype(dtype)
        self._has_table = self._dtype.kind in "iu" and self._dtype.itemsize <= _TABLE_BYTES

    def paint(self, cells: ImageCells) -> Picture | None:
        """The picture of cells, or None where rio-tiler must draw it."""
        count = len(cells.values)
        if cells.values.dtype != self._dtype or cells.fill is None:
            return None
        if count == 1:
            return self._paint_one(cells, cells.fill)
        if count == _RGB and self.drawing.colors is None and not self.drawing.logarithmic:
            return self._paint_three(cells)
        return None

    def _paint_one(self, cells: ImageCells, fill: float) -> Picture | None:
        if self._has_table:
            values = cells.values[0].view(f"u{self._dtype.itemsize}")
            if cells.is_marked and cells.fill == self._codec.nodata and self._marked is not None:
                return Indexed(index=self._marked.places(values), palette=self._marked.palette)
            if self._table is None:
                return None
            index, palette = self._table.places(values), self._table.palette
        elif self.drawing.ranges is not None and (self.drawing.colors is None or self.drawing.is_table):
            index, palette = self._bytes(cells.values[0], 0), self._ramp
        else:
            return None
        if cells.invalid is None:
            return Indexed(index=index, palette=palette)
        return _with_gaps(index, palette, cells.invalid[0], self._masked_color(fill))

    def _paint_three(self, cells: ImageCells) -> Picture | None:
        if self.drawing.ranges is None:
            if self._dtype != np.uint8:
                return None
            bands = cells.values.astype("uint8", copy=False)
        else:
            bands = np.stack([self._band(values, number) for number, values in enumerate(cells.values)])
        if cells.invalid is None:
            return Colored(bands=bands, alpha=None)
        if self.drawing.ranges is not None:
            bands[cells.invalid] = 0
        alpha = np.where(cells.invalid.all(axis=0), 0, _OPAQUE).astype("uint8")
        return Colored(bands=bands, alpha=alpha)

    def _band(self, values: NDArray[np.generic], number: int) -> NDArray[np.uint8]:
        if not self._has_table:
            return self._bytes(values, number)
        return self._tables[number].take(values.view(f"u{self._dtype.itemsize}"))

    def _bytes(self, values: NDArray[np.generic], number: int) -> NDArray[np.uint8]:
        """Stored values of a band as bytes, where there are ranges."""
        ranges = self.drawing.ranges or ()
        bounds = ranges[number] if len(ranges) > number else ranges[0]
        drawing = self.drawing
        return rescaled(self._codec.pixels(values), bounds, logarithmic=drawing.logarithmic, spread=drawing.spread)

    @property
    def _stored(self) -> NDArray[np.generic]:
        """Every stored value, in the order of its bits."""
        count = 1 << (8 * self._dtype.itemsize)
        return np.arange(count, dtype=f"u{self._dtype.itemsize}").view(self._dtype)

    @cached_property
    def _tables(self) -> list[NDArray[np.uint8]]:
        """For each of three bands what every stored value becomes."""
        return [self._bytes(self._stored, number) for number in range(_RGB)]

    @cached_property
    def _table(self) -> _Table | None:
        """The table of all stored values."""
        colors = self._colors(self._stored)
        return None if colors is None else _Table.of(colors)

    @cached_property
    def _marked(self) -> _Table | None:
        """The same where the source's own nodata value is drawn as what has no data."""
        colors, nodata = self._colors(self._stored), self._codec.nodata
        if colors is None or nodata is None:
            return None
        colors[self._stored == nodata] = self._masked_color(nodata)
        return _Table.of(colors)

    @cached_property
    def _ramp(self) -> NDArray[np.uint8]:
        """The colour of each byte."""
        colors = _ramp_of(self.drawing.colors)
        if colors is not None:
            return colors
        table = np.full((_COLORS, 4), _OPAQUE, "uint8")
        table[:, :3] = np.arange(_COLORS, dtype="uint8")[:, np.newaxis]
        return table

    def _masked_color(self, fill: float) -> NDArray[np.uint8]:
        """The colour, fully transparent, of cells without data: rio-tiler rescales them to 0."""
        if self.drawing.ranges is None and self._codec.is_packed:  # its physical value is NaN, which has no colour
            color = np.zeros(4, "uint8")
        elif self.drawing.ranges is None:
            colors = self._colors(np.array([fill]).astype(self._dtype))
            assert colors is not None
            color = colors[0].copy()
        elif self.drawing.colors is None or self.drawing.is_table:
            color = self._ramp[0].copy()
        else:
            color = _discrete(np.zeros(1, "uint8"), self.drawing.colors)[0]
        color[3] = 0
        transparent: NDArray[np.uint8] = color
        return transparent

    def _colors(self, stored: NDArray[np.generic]) -> NDArray[np.uint8] | None:
        """(value, 4): the colours of stored values, or None if they are no bytes and nothing makes them so."""
        drawing = self.drawing
        if drawing.ranges is not None:
            values: NDArray[np.generic] = self._bytes(stored, 0)
        else:
            values = self._codec.pixels(stored)
        if drawing.colors is not None and not drawing.is_table:
            return _discrete(values, drawing.colors)
        return self._ramp[values] if values.dtype == np.uint8 else None


def _discrete(values: NDArray[np.generic], colors: ColorMap) -> NDArray[np.uint8]:
    """(value, 4): colours of single values or of intervals; what has none is transparent black."""
    bands, alpha = apply_cmap(values[np.newaxis, np.newaxis], colors)
    return np.ascontiguousarray(np.concatenate((bands[:, 0], alpha)).T.astype("uint8"))


def _with_gaps(
    index: NDArray[np.uint8], palette: NDArray[np.uint8], invalid: NDArray[np.bool_], color: NDArray[np.uint8]
) -> Picture:
    """A picture with a colour of its own for what is invalid: in a free place of the palette, or without a palette."""
    if len(palette) < _COLORS:
        place, palette = len(palette), np.concatenate((palette, color[np.newaxis]))
    else:
        used = np.bincount(index.ravel(), weights=~invalid.ravel(), minlength=_COLORS)
        free = np.flatnonzero(used == 0)
        if not len(free):
            rgba = palette[index]
            rgba[invalid] = color
            return Colored(bands=np.moveaxis(rgba[..., :3], -1, 0), alpha=np.ascontiguousarray(rgba[..., 3]))
        place, palette = int(free[0]), palette.copy()
        palette[place] = color
    index[invalid] = place
    return Indexed(index=index, palette=palette)


def reference(values: np.ma.MaskedArray, drawing: Drawing) -> np.ma.MaskedArray:
    """Physical values (band, row, column) as rio-tiler rescales them, logarithms included; for what has no painter."""
    if drawing.ranges is None:
        return values
    mask = np.ma.getmaskarray(values)
    ranges = drawing.ranges if len(drawing.ranges) == len(values) else (drawing.ranges[0],) * len(values)
    bands = [
        rescaled(band, ends, logarithmic=drawing.logarithmic, spread=drawing.spread)
        for band, ends in zip(values.data, ranges, strict=True)
    ]
    return np.ma.MaskedArray(np.where(mask, 0, np.stack(bands)).astype("uint8"), mask=mask)
