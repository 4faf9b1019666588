"""The legend of a style, as values a template can draw without inline styles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rio_tiler.colormap import cmap

from records.models import text_in

if TYPE_CHECKING:
    from records.models import Style, Variable

_STOPS = 33
_TICKS = 5


@dataclass(frozen=True, kw_only=True)
class Legend:
    """Colours and what they mean: a gradient with ticks, or classes; both empty for RGB.

    Attributes:
        stops: (percent of the bar, #rrggbb, opacity 0..1) from the low end to the high end.
        ticks: Labels at equal distances along the bar, in the variable's unit.
        classes: (#rrggbb, name) of each class.
        unit: Unit of the ticks; empty if there is none.
    """

    stops: tuple[tuple[float, str, float], ...] = ()
    ticks: tuple[str, ...] = ()
    classes: tuple[tuple[str, str], ...] = ()
    unit: str = ""


def legend(variable: Variable, style: Style, *, language: str) -> Legend:
    """The legend of one style of a variable."""
    unit = "" if variable.unit in (None, "1") else str(variable.unit)
    if style.colormap is None or style.range is None:
        named = tuple((_hex(c.color), text_in(c.title, language) or str(c.value)) for c in variable.classes)
        return Legend(classes=named, unit=unit)
    low, high = style.range
    labels = tuple(tick(low + (high - low) * n / (_TICKS - 1)) for n in range(_TICKS))
    return Legend(stops=_gradient(style.colormap), ticks=labels, unit=unit)


def tick(value: float) -> str:
    """A number with four significant digits and a true minus sign."""
    return f"{value:.4g}".replace("-", "−")


def _gradient(name: str) -> tuple[tuple[float, str, float], ...]:
    if name not in cmap.list():
        return ()
    colors = cmap.get(name)
    if not isinstance(colors, dict):  # a list of intervals: no gradient
        return ()
    keys = sorted(int(key) for key in colors)
    picked = [keys[round(n * (len(keys) - 1) / (_STOPS - 1))] for n in range(_STOPS)]
    return tuple(
        (round(100 * n / (_STOPS - 1), 2), _hex(colors[key]), round(float(colors[key][3]) / 255, 3))
        for n, key in enumerate(picked)
    )


def _hex(color: tuple[int, ...]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color[:3])
