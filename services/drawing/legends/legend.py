"""Legends as values: the meaning of a style's colours. `services.drawing.legends.legend_layout` lays them out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from config.errors import InvalidParameter
from records.datasets.models import Style, Text, Variable, text_in
from services.drawing import colormaps
from services.drawing.imported import imported_ramp
from services.drawing.legends.ticks import share_of, ticks, value_at, written
from services.drawing.rendering import LOG_REMEDY, MAX_COLORS, ColorMap, style_colormap

if TYPE_CHECKING:
    from collections.abc import Sequence

Color = tuple[int, int, int, int]
"""Red, green, blue and opacity, 0 to 255 each."""

_LAST = MAX_COLORS - 1
_TOLERANCE = 1
"""How far, of 255, an interpolated colour may lie from the colour map's own."""
_BYTES = (0.0, 255.0)


@dataclass(frozen=True, kw_only=True)
class LegendEntry:
    """One colour with its meaning: a class, or an interval [low, high) of values."""

    color: Color
    value: int | None = None
    interval: tuple[float, float] | None = None
    title: Text

    def name(self, language: str) -> str:
        """The class's name, else its value, else the ends of the interval."""
        name = text_in(self.title, language)
        if self.interval is None or name:
            return name or str(self.value)
        low, high = self.interval
        if not math.isfinite(low):
            return f"< {written(high)}"
        return f"{written(low)} \u2013 {written(high)}" if math.isfinite(high) else f"\u2265 {written(low)}"


@dataclass(frozen=True, kw_only=True)
class Legend:
    """The meaning of a style's colours: `colors` over `range`, or `entries`; neither for true colour.

    Attributes:
        variable: Id of the variable.
        style: Id of its style.
        title: Title of the variable, by language.
        unit: Unit of the values; None without one.
        colormap: Name of the colour map, or None if it has none.
        colors: 256 colours from the low to the high end of `range`; empty for entries and for true colour.
        range: Physical values at both ends of the colours.
        scale: How values spread over the colours.
        entries: The classes or intervals, in order.
    """

    variable: str
    style: str
    title: Text
    unit: str | None
    colormap: str | None = None
    colors: tuple[Color, ...] = ()
    range: tuple[float, float] | None = None
    scale: Literal["linear", "log"] = "linear"
    entries: tuple[LegendEntry, ...] = ()

    def name(self, language: str) -> str:
        """Title in a language, else the id of the variable."""
        return text_in(self.title, language) or self.variable

    @property
    def unit_label(self) -> str:
        """The unit in brackets; empty without one, or with that of plain numbers."""
        return f"({self.unit})" if self.unit and self.unit != "1" else ""

    def heading(self, language: str) -> str:
        """Title with its unit."""
        return f"{self.name(language)} {self.unit_label}".rstrip()

    def color_at(self, share: float) -> Color:
        """The colour at a share 0..1 of the bar: rio-tiler cuts the share, as a byte, and so does a tile."""
        return self.colors[min(int(share * _LAST), _LAST)]

    def marks(self, *, most: int = 6) -> list[tuple[float, float]]:
        """(share of the bar, value) of the round values along it."""
        if self.range is None:
            return []
        low, high = self.range
        values = ticks(low, high, scale=self.scale, most=most)
        return [(min(1.0, max(0.0, share_of(v, low, high, scale=self.scale))), v) for v in values]

    def stops(self) -> list[tuple[float, float, Color]]:
        """(share of the bar, value, colour) of the points between which linear interpolation gives the colour map."""
        if self.range is None:
            return []
        low, high = self.range
        shares = [(n / _LAST, self.colors[n]) for n in _simplified(self.colors)]
        return [(share, value_at(share, low, high, scale=self.scale), color) for share, color in shares]


@dataclass(frozen=True, kw_only=True)
class OwnDrawing:
    """The range and colours of a request's own, instead of those of the style."""

    range: tuple[float, float] | None = None
    colors: ColorMap | None = None
    colormap: str | None = None
    expression: str | None = None
    scale: Literal["linear", "log"] | None = None


def legend_of(variable: Variable, style: Style, own: OwnDrawing | None = None) -> Legend:
    """The legend of a variable in a style that is complete with its range; raises InvalidParameter."""
    own = own or OwnDrawing()
    legend = Legend(variable=variable.id, style=style.id, title=variable.title, unit=variable.unit)
    if own.expression:
        legend = replace(legend, title={"en": own.expression}, unit=None)
    entries = _own_entries(variable, style, own)
    if entries:
        return replace(legend, entries=entries)
    if own.expression:
        if own.range is None:
            raise InvalidParameter("rescale", None, "an expression needs the range of its values, as rescale=0,1")
        return _ramp(legend, own, replace(style, colormap="gray", range=None, scale="linear"))
    if variable.kind == "categorical" and variable.classes:
        return _ramp(legend, own, replace(style, colormap="gray", range=_BYTES, scale="linear"))
    if variable.kind == "rgb" or (style.range is None and own.range is None):
        return legend
    return _ramp(legend, own, style)


def _own_entries(variable: Variable, style: Style, own: OwnDrawing) -> tuple[LegendEntry, ...]:
    """The entries of a drawing in single colours; empty for a ramp and for true colour."""
    if own.colors is not None and not _is_ramp(own.colors):
        return _entries(own.colors, variable)
    if own != OwnDrawing():
        return ()
    if style.stops and style.shading != "ramp":
        return _imported_entries(style)
    if variable.kind == "categorical" and not style.stops:
        return tuple(LegendEntry(color=c.color, value=c.value, title=c.title) for c in variable.classes)
    return ()


def _ramp(legend: Legend, own: OwnDrawing, style: Style) -> Legend:
    """A continuous legend: the request's own range and colours, else those of the style.

    A range of the request's own is linear, as in the tiles that it draws, unless it says which scale.
    Raises InvalidParameter.
    """
    ends = own.range or style.range
    assert ends is not None
    scale = own.scale or (style.scale if own.range is None and ends[0] > 0 else "linear")
    if own.scale == "log" and ends[0] <= 0:
        raise InvalidParameter("color_scale", "log", LOG_REMEDY)
    if own.colors is None and style.stops:
        table = imported_ramp(style)
        colors, name = tuple(table[n] for n in range(MAX_COLORS)), None
    elif own.colors is None:
        style_colormap(style)  # raises where there is no map of that name
        colors, name = _named_colors((style.colormap or "viridis").lower()), style.colormap
    else:
        assert isinstance(own.colors, dict)
        colors, name = tuple(_color(own.colors[n]) for n in range(MAX_COLORS)), own.colormap
    return replace(legend, colormap=name, colors=colors, range=ends, scale=scale)


@lru_cache(maxsize=256)
def _named_colors(name: str) -> tuple[Color, ...]:
    table = colormaps.table(name)
    return tuple(table[n] for n in range(MAX_COLORS))


def _is_ramp(colors: ColorMap) -> bool:
    """Whether a colour map is looked up by bytes, as a named one is: not by values or intervals."""
    return isinstance(colors, dict) and set(colors) == set(range(MAX_COLORS))


def _entries(colors: ColorMap, variable: Variable) -> tuple[LegendEntry, ...]:
    """The entries of a colour map of single values or of intervals."""
    if isinstance(colors, dict):
        names = {c.value: c.title for c in variable.classes}
        return tuple(LegendEntry(color=_color(c), value=int(v), title=names.get(int(v), {})) for v, c in colors.items())
    return tuple(
        LegendEntry(color=_color(c), interval=(float(low), float(high)), title={}) for (low, high), c in colors
    )


def _imported_entries(style: Style) -> tuple[LegendEntry, ...]:
    """The entries of an imported style of single values or of intervals, with its own words."""
    stops = style.stops
    if style.shading == "values":
        return tuple(LegendEntry(color=s.color, value=int(s.value), title=_words(s.label)) for s in stops)
    lower = (-math.inf, *(stop.value for stop in stops))
    return tuple(
        LegendEntry(color=stop.color, interval=(low, stop.value), title=_words(stop.label))
        for low, stop in zip(lower, stops, strict=False)
    )


def _words(label: str) -> Text:
    return {"en": label, "zh": label} if label else {}


def _color(parts: Sequence[int]) -> Color:
    red, green, blue, alpha = (int(part) for part in parts)
    return red, green, blue, alpha


@lru_cache(maxsize=256)
def _simplified(colors: tuple[Color, ...]) -> tuple[int, ...]:
    """Positions of the fewest colours, the ends among them, from which linear interpolation gives all of them."""
    table = np.array(colors, dtype="float64")
    positions, open_spans = {0, len(colors) - 1}, [(0, len(colors) - 1)]
    while open_spans:
        first, last = open_spans.pop()
        inner = np.arange(first + 1, last)
        if not len(inner):
            continue
        share = ((inner - first) / (last - first))[:, np.newaxis]
        misses = np.abs(table[first] + share * (table[last] - table[first]) - table[inner]).max(axis=1)
        worst = np.flatnonzero(misses == misses.max())[-1]
        if misses[worst] > _TOLERANCE:
            split = int(inner[worst])
            positions.add(split)
            open_spans += [(first, split), (split, last)]
    return tuple(sorted(positions))


def to_json(legend: Legend, *, language: str) -> dict[str, Any]:
    """The legend as JSON: `stops` of a continuous variable, `classes` or `intervals`; colours as #rrggbbaa."""
    body: dict[str, Any] = {
        "variable": legend.variable,
        "style": legend.style,
        "title": legend.name(language),
        "unit": legend.unit,
    }
    if legend.entries:
        return body | _entries_json(legend.entries, language)
    if legend.range is None:
        return body | {"type": "color"}
    return body | {
        "type": "continuous",
        "colormap": legend.colormap,
        "range": list(legend.range),
        "scale": legend.scale,
        "ticks": [value for _, value in legend.marks()],
        "stops": [
            {"position": round(share, 4), "value": value, "color": hexadecimal(color)}
            for share, value, color in legend.stops()
        ],
    }


def _entries_json(entries: Sequence[LegendEntry], language: str) -> dict[str, Any]:
    kind = "intervals" if entries[0].interval else "classes"
    items: list[dict[str, Any]] = [
        (
            {"interval": [end if math.isfinite(end) else None for end in e.interval]}
            if e.interval
            else {"value": e.value}
        )
        | {"color": hexadecimal(e.color), "title": e.name(language)}
        for e in entries
    ]
    return {"type": kind, kind: items}


def _finite(end: float) -> float | None:
    return end if math.isfinite(end) else None


def hexadecimal(color: Color) -> str:
    """A colour as #rrggbbaa."""
    return "#" + "".join(f"{part:02x}" for part in color)
