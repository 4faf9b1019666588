"""The legend of a style, as values a template can draw without inline styles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.drawing.legends.legend import hexadecimal, legend_of
from services.drawing.legends.ticks import written

if TYPE_CHECKING:
    from records.datasets.models import Style, Variable

_MOST_TICKS = 7
_ROOM = 94
"""Percent of the bar beyond which a tick's number would leave it."""


@dataclass(frozen=True, kw_only=True)
class PageLegend:
    """Colours and what they mean: a gradient with ticks, or classes; both empty for RGB.

    Attributes:
        stops: (percent of the bar, #rrggbb, opacity 0..1) from the low end to the high end.
        ticks: (percent of the bar, number, its anchor) of the round values.
        ends: The values at both ends, as text; empty without a gradient.
        classes: (#rrggbb, opacity, name) of each class.
        unit: Unit of the ticks; empty if there is none.
    """

    stops: tuple[tuple[float, str, float], ...] = ()
    ticks: tuple[tuple[float, str, str], ...] = ()
    ends: tuple[str, ...] = ()
    classes: tuple[tuple[str, float, str], ...] = ()
    unit: str = ""


def page_legend(variable: Variable, style: Style, *, language: str) -> PageLegend:
    """The legend of one style of a variable, which is complete with its range."""
    legend = legend_of(variable, style)
    return PageLegend(
        stops=tuple((round(100 * s, 2), hexadecimal(c)[:7], round(c[3] / 255, 3)) for s, _, c in legend.stops()),
        ticks=tuple((round(100 * s, 2), written(v), _anchor(100 * s)) for s, v in legend.marks(most=_MOST_TICKS)),
        ends=tuple(written(value) for value in legend.range or ()),
        classes=tuple((hexadecimal(e.color)[:7], round(e.color[3] / 255, 3), e.name(language)) for e in legend.entries),
        unit="" if variable.unit in (None, "1") else str(variable.unit),
    )


def _anchor(percent: float) -> str:
    """Return the text anchor of a number at its tick, so that it does not leave the bar."""
    return "start" if percent < 100 - _ROOM else "end" if percent > _ROOM else "middle"
