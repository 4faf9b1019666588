"""The colours of imported styles: a table of 256 colours, and how values find their place in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cog.tiles.render import Spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cog.tiles.render import ColorMap
    from records.datasets.models import Style

MAX_STOPS: Final = 255
"""Colours of a style: a byte names one of them, and one more place is for what lies beyond intervals."""
_COLORS: Final = 256
_CLEAR: Final = (0, 0, 0, 0)

Rgba = tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True)
class ImportedColors:
    """The way from values to colours.

    Attributes:
        ranges: The range of the values, once; None where colours are of single values.
        colors: 256 colours by byte, or colours by value.
        spread: How values become bytes; None: evenly over the range.
    """

    ranges: tuple[tuple[float, float], ...] | None
    colors: ColorMap
    spread: Spread | None = None


def imported_colors(style: Style) -> ImportedColors:
    """The colours of a style that has stops."""
    colors = [stop.color for stop in style.stops]
    values = tuple(stop.value for stop in style.stops)
    if style.shading == "values":
        return ImportedColors(ranges=None, colors={int(v): c for v, c in zip(values, colors, strict=True)})
    ends = (style.range or (0.0, 1.0),)
    if style.shading == "intervals":
        table = {n: colors[n] if n < len(colors) else _CLEAR for n in range(_COLORS)}
        return ImportedColors(ranges=ends, colors=table, spread=Spread(values=values, is_stepped=True))
    return ImportedColors(
        ranges=ends, colors=_mixed(colors, np.linspace(0, 255, len(colors))), spread=Spread(values=values)
    )


def imported_ramp(style: Style) -> dict[int, Rgba]:
    """256 colours evenly over the range of the values: what a request's own range is drawn in, and a legend shows."""
    values = np.array([stop.value for stop in style.stops])
    low, high = style.range or (0.0, 1.0)
    colors = [stop.color for stop in style.stops]
    if style.shading == "ramp":
        return _mixed(colors, (values - low) / (high - low) * 255)
    places = np.searchsorted(values, np.linspace(low, high, _COLORS), side="right")
    return {n: colors[min(int(place), len(colors) - 1)] for n, place in enumerate(places)}


def _mixed(colors: Sequence[Rgba], places: np.ndarray) -> dict[int, Rgba]:
    """256 colours between those at some places of 0 to 255."""
    table = np.array(colors, dtype="float64")
    bytes_ = np.arange(_COLORS)
    mixed = np.rint(np.stack([np.interp(bytes_, places, table[:, band]) for band in range(4)], axis=1)).astype(int)
    return {n: (int(r), int(g), int(b), int(a)) for n, (r, g, b, a) in enumerate(mixed)}
