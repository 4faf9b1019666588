"""Legends: what a style's colours mean, as data and as a drawing (SVG)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import Any

from records.models import ColorClass, Style, Text, Variable, text_in
from services.raster.rendering import ColorMap, style_colormap

STOPS = 17
"""Colours of a continuous legend; between them the drawing interpolates."""
_WIDTH, _MARGIN, _BAR = 320, 14, 16
_ROW = 22
_MAX_TICKS = 6


@dataclass(frozen=True, kw_only=True)
class Legend:
    """What a style's colours mean.

    Attributes:
        variable: The variable that is shown.
        style: Its style.
        stops: (physical value, (r, g, b, a)) from low to high; empty for classes and for true colour.
        classes: The classes of a categorical variable.
    """

    variable: Variable
    style: Style
    stops: tuple[tuple[float, tuple[int, int, int, int]], ...]
    classes: tuple[ColorClass, ...]


def legend_of(variable: Variable, style: Style) -> Legend:
    """The legend of a variable in a style that is complete with its range."""
    if variable.kind == "categorical" and variable.classes:
        return Legend(variable=variable, style=style, stops=(), classes=variable.classes)
    if style.range is None:
        return Legend(variable=variable, style=style, stops=(), classes=())
    low, high = style.range
    colors = style_colormap(style)
    shares = [i / (STOPS - 1) for i in range(STOPS)]
    stops = tuple((low + share * (high - low), _color(colors, share)) for share in shares)
    return Legend(variable=variable, style=style, stops=stops, classes=())


def _color(colors: ColorMap, share: float) -> tuple[int, int, int, int]:
    """The colour at a share 0..1 of the range, which is byte `share * 255` in a colour table or its intervals."""
    byte = share * 255
    if isinstance(colors, dict):
        found = colors.get(min(int(byte), 255), (0, 0, 0, 0))
    else:
        found = next((color for (low, high), color in colors if low <= byte < high), (0, 0, 0, 0))
    red, green, blue, alpha = (int(part) for part in found)
    return red, green, blue, alpha


def ticks(low: float, high: float) -> list[float]:
    """At most six round values from `low` to `high`, both included if they are round."""
    rough = (high - low) / (_MAX_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def to_json(legend: Legend, *, language: str) -> dict[str, Any]:
    """The legend as JSON: `stops` of a continuous variable, or `classes`; colours as #rrggbbaa."""
    body: dict[str, Any] = {
        "variable": legend.variable.id,
        "style": legend.style.id,
        "title": text_in(legend.variable.title, language) or legend.variable.id,
        "unit": legend.variable.unit,
    }
    if legend.classes:
        items = [
            {"value": c.value, "color": hexadecimal(c.color), "title": _class_name(c.title, c.value, language)}
            for c in legend.classes
        ]
        return body | {"type": "classes", "classes": items}
    if not legend.stops:
        return body | {"type": "color"}
    low, high = legend.stops[0][0], legend.stops[-1][0]
    return body | {
        "type": "continuous",
        "colormap": legend.style.colormap,
        "range": [low, high],
        "ticks": ticks(low, high),
        "stops": [{"value": value, "color": hexadecimal(color)} for value, color in legend.stops],
    }


def hexadecimal(color: tuple[int, int, int, int]) -> str:
    """A colour as #rrggbbaa."""
    return "#" + "".join(f"{part:02x}" for part in color)


def to_svg(legend: Legend, *, language: str) -> str:
    """The legend as an SVG drawing: a horizontal bar with ticks, or one row a class."""
    if legend.classes:
        return _class_drawing(legend, language)
    return _bar_drawing(legend, language) if legend.stops else _drawing(1, "")


def _bar_drawing(legend: Legend, language: str) -> str:
    low, high = legend.stops[0][0], legend.stops[-1][0]
    span = _WIDTH - 2 * _MARGIN
    gradient = "".join(
        f'<stop offset="{(value - low) / (high - low):.4f}" stop-color="{hexadecimal(color)[:7]}" '
        f'stop-opacity="{color[3] / 255:.3f}"/>'
        for value, color in legend.stops
    )
    marks = "".join(
        f'<path d="M{x:.1f} {24 + _BAR}v4" stroke="#333"/>'
        f'<text x="{x:.1f}" y="{38 + _BAR}" text-anchor="middle">{_number(value)}</text>'
        for value, x in ((v, _MARGIN + (v - low) / (high - low) * span) for v in ticks(low, high))
    )
    name = f"ramp-{legend.variable.id}-{legend.style.id}"  # several legends may stand in one page
    return _drawing(
        46 + _BAR,
        f'<defs><linearGradient id="{name}">{gradient}</linearGradient></defs>'
        f'<text x="{_MARGIN}" y="15" font-weight="bold">{_heading(legend.variable, language)}</text>'
        f'<text x="{_WIDTH - _MARGIN}" y="15" text-anchor="end">{_number(low)} \u2026 {_number(high)}</text>'
        f'<rect x="{_MARGIN}" y="24" width="{span}" height="{_BAR}" fill="url(#{name})" stroke="#333" '
        f'stroke-width="0.5"/>{marks}',
    )


def _class_drawing(legend: Legend, language: str) -> str:
    rows = "".join(
        f'<rect x="{_MARGIN}" y="{top}" width="22" height="14" fill="{hexadecimal(item.color)[:7]}" '
        f'fill-opacity="{item.color[3] / 255:.3f}" stroke="#333" stroke-width="0.5"/>'
        f'<text x="{_MARGIN + 30}" y="{top + 11}">{escape(_class_name(item.title, item.value, language))}</text>'
        for top, item in ((26 + _ROW * i, c) for i, c in enumerate(legend.classes))
    )
    title = f'<text x="{_MARGIN}" y="15" font-weight="bold">{_heading(legend.variable, language)}</text>'
    return _drawing(30 + _ROW * len(legend.classes), title + rows)


def _drawing(height: int, content: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="11" fill="#222">{content}</svg>'
    )


def _class_name(title: Text, value: int, language: str) -> str:
    return text_in(title, language) or str(value)


def _heading(variable: Variable, language: str) -> str:
    unit = f" ({variable.unit})" if variable.unit and variable.unit != "1" else ""
    return escape((text_in(variable.title, language) or variable.id) + unit)


def _number(value: float) -> str:
    return f"{value:.6g}".replace("-", "\N{MINUS SIGN}")
