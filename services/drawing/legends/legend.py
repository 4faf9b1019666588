"""Legends as values: what a style's colours mean. `services.drawing.legends.legend_layout` lays them out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from config.errors import InvalidParameter
from records.datasets.models import Style, Text, Variable, text_in
from services.drawing.legends.ticks import share_of, ticks, value_at, written
from services.drawing.rendering import MAX_COLORS, ColorMap, style_colormap

if TYPE_CHECKING:
    from collections.abc import Sequence

Color = tuple[int, int, int, int]
"""Red, green, blue and opacity, 0 to 255 each."""

_LAST = MAX_COLORS - 1
_TOLERANCE = 1
"""How far, of 255, an interpolated colour may lie from the colour map's own."""
_BYTES = (0.0, 255.0)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One colour with its meaning: a class, or an interval [low, high) of values."""

    color: Color
    value: int | None = None
    interval: tuple[float, float] | None = None
    title: Text

    def name(self, language: str) -> str:
        """The class's name, else its value, else the ends of the interval."""
        if self.interval is not None:
            return f"{written(self.interval[0])} \u2013 {written(self.interval[1])}"
        return text_in(self.title, language) or str(self.value)


@dataclass(frozen=True, kw_only=True)
class Legend:
    """What a style's colours mean: `colors` over `range`, or `entries`; neither for true colour.

    Attributes:
        variable: Id of the variable that is shown.
        style: Id of its style.
        title: What is shown, by language.
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
    entries: tuple[Entry, ...] = ()

    def name(self, language: str) -> str:
        """What is shown."""
        return text_in(self.title, language) or self.variable

    @property
    def unit_label(self) -> str:
        """The unit in brackets; empty without one, or with that of plain numbers."""
        return f"({self.unit})" if self.unit and self.unit != "1" else ""

    def heading(self, language: str) -> str:
        """What is shown, with its unit."""
        return f"{self.name(language)} {self.unit_label}".rstrip()

    def color_at(self, share: float) -> Color:
        """The colour at a share 0..1 of the bar: rio-tiler cuts the share, as a byte, and so does a tile."""
        return self.colors[min(int(share * _LAST), _LAST)]

    def marks(self, *, most: int = 6) -> list[tuple[float, float]]:
        """(share of the bar, value) of the round values along it."""
        if self.range is None:
            return []
        low, high = self.range
        found = ticks(low, high, scale=self.scale, most=most)
        return [(min(1.0, max(0.0, share_of(v, low, high, scale=self.scale))), v) for v in found]

    def stops(self) -> list[tuple[float, float, Color]]:
        """(share of the bar, value, colour): what is interpolated between them is the colour map's own colour."""
        if self.range is None:
            return []
        low, high = self.range
        shares = [(n / _LAST, self.colors[n]) for n in _simplified(self.colors)]
        return [(share, value_at(share, low, high, scale=self.scale), color) for share, color in shares]


@dataclass(frozen=True, kw_only=True)
class Own:
    """What a request draws with instead of the style: titiler's parameters."""

    range: tuple[float, float] | None = None
    colors: ColorMap | None = None
    colormap: str | None = None
    expression: str | None = None


def legend_of(variable: Variable, style: Style, own: Own | None = None) -> Legend:
    """The legend of a variable in a style that is complete with its range; raises InvalidParameter."""
    own = own or Own()
    shown = Legend(variable=variable.id, style=style.id, title=variable.title, unit=variable.unit)
    if own.expression:
        shown = replace(shown, title={"en": own.expression}, unit=None)
    if own.colors is not None and not _is_ramp(own.colors):
        return replace(shown, entries=_entries(own.colors, variable))
    if own.expression:
        if own.range is None:
            raise InvalidParameter("rescale", None, "an expression needs the range of its values, as rescale=0,1")
        return _ramp(shown, own, replace(style, colormap="gray", range=None, scale="linear"))
    if variable.kind == "categorical" and variable.classes and own == Own():
        classes = tuple(Entry(color=c.color, value=c.value, title=c.title) for c in variable.classes)
        return replace(shown, entries=classes)
    if variable.kind == "categorical" and variable.classes:
        return _ramp(shown, own, replace(style, colormap="gray", range=_BYTES, scale="linear"))
    if variable.kind == "rgb" or (style.range is None and own.range is None):
        return shown
    return _ramp(shown, own, style)


def _ramp(shown: Legend, own: Own, style: Style) -> Legend:
    """A continuous legend: the request's own range and colours, else those of the style.

    A range of the request's own is linear, as in the tiles that it draws.
    """
    ends = own.range or style.range
    assert ends is not None
    scale = style.scale if own.range is None and ends[0] > 0 else "linear"
    colors = own.colors if own.colors is not None else style_colormap(style)
    assert isinstance(colors, dict)
    table = tuple(_color(colors[n]) for n in range(MAX_COLORS))
    name = style.colormap if own.colors is None else own.colormap
    return replace(shown, colormap=name, colors=table, range=ends, scale=scale)


def _is_ramp(colors: ColorMap) -> bool:
    """Whether a colour map is looked up by bytes, as a named one is: not by values or intervals."""
    return isinstance(colors, dict) and set(colors) == set(range(MAX_COLORS))


def _entries(colors: ColorMap, variable: Variable) -> tuple[Entry, ...]:
    """What a colour map of single values or of intervals means."""
    if isinstance(colors, dict):
        names = {c.value: c.title for c in variable.classes}
        return tuple(Entry(color=_color(c), value=int(v), title=names.get(int(v), {})) for v, c in colors.items())
    return tuple(Entry(color=_color(c), interval=(float(low), float(high)), title={}) for (low, high), c in colors)


def _color(parts: Sequence[int]) -> Color:
    red, green, blue, alpha = (int(part) for part in parts)
    return red, green, blue, alpha


def _simplified(colors: Sequence[Color]) -> list[int]:
    """Positions of the fewest colours, the ends among them, from which linear interpolation gives all of them."""
    kept, open_spans = {0, len(colors) - 1}, [(0, len(colors) - 1)]
    while open_spans:
        first, last = open_spans.pop()
        worst, where = max(((_miss(colors, first, last, n), n) for n in range(first + 1, last)), default=(0.0, first))
        if worst > _TOLERANCE:
            kept.add(where)
            open_spans += [(first, where), (where, last)]
    return sorted(kept)


def _miss(colors: Sequence[Color], first: int, last: int, here: int) -> float:
    share = (here - first) / (last - first)
    ends = zip(colors[first], colors[last], colors[here], strict=True)
    return max(abs(low + share * (high - low) - own) for low, high, own in ends)


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


def _entries_json(entries: Sequence[Entry], language: str) -> dict[str, Any]:
    kind = "intervals" if entries[0].interval else "classes"
    items = [
        ({"interval": list(e.interval)} if e.interval else {"value": e.value})
        | {"color": hexadecimal(e.color), "title": e.name(language)}
        for e in entries
    ]
    return {"type": kind, kind: items}


def hexadecimal(color: Color) -> str:
    """A colour as #rrggbbaa."""
    return "#" + "".join(f"{part:02x}" for part in color)
