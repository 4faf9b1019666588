"""A style as other programs write styles: colours at values, or of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from services.drawing.legends.legend import legend_of
from services.drawing.legends.ticks import value_at, written

if TYPE_CHECKING:
    from records.datasets.models import Style, Variable
    from services.drawing.legends.legend import Color

_LOG_STOPS: Final = 65
"""Stops of a logarithmic style: other programs interpolate linearly between them."""


class ColorStop(NamedTuple):
    """A colour at a value, and its name in a legend."""

    value: float
    color: Color
    label: str


class StyleStops(NamedTuple):
    """The colours of a style: of classes, or at values between which they are interpolated; neither for true colour."""

    stops: tuple[ColorStop, ...]
    are_classes: bool
    are_intervals: bool = False
    """Whether each value is the upper end of an interval of its colour, which belongs to the next one."""


def stops_of(variable: Variable, style: Style, language: str) -> StyleStops:
    """The colours of a style that is complete with its range. Beyond the range the outer colours apply."""
    if style.stops and style.shading != "values":
        named = (ColorStop(stop.value, stop.color, stop.label or written(stop.value)) for stop in style.stops)
        return StyleStops(tuple(named), are_classes=False, are_intervals=style.shading == "intervals")
    legend = legend_of(variable, style)
    if legend.entries:
        entries = (ColorStop(float(e.value or 0), e.color, e.name(language)) for e in legend.entries)
        return StyleStops(tuple(entries), are_classes=True)
    if legend.range is None:
        return StyleStops((), are_classes=False)
    if legend.scale == "log":
        shares = [n / (_LOG_STOPS - 1) for n in range(_LOG_STOPS)]
        pairs = [(value_at(share, *legend.range, scale="log"), legend.color_at(share)) for share in shares]
    else:
        pairs = [(value, color) for _, value, color in legend.stops()]
    return StyleStops(tuple(ColorStop(value, color, written(value)) for value, color in pairs), are_classes=False)


def rgb(color: Color) -> str:
    """A colour as #rrggbb."""
    return "#" + "".join(f"{part:02x}" for part in color[:3])
