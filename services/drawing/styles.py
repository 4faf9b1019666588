"""The style that a request draws a variable in, complete with its range."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from config.errors import StyleNotFound
from records.datasets.models import Style

if TYPE_CHECKING:
    from records.datasets.models import Variable

_DEFAULT = "default"
_FALLBACK_RANGE = (0.0, 1.0)


def style_of(variable: Variable, style_id: str | None) -> Style:
    """Return the style of that id, with a colour map and a range where the variable needs them.

    Without an id, `default`; a variable that has no style of that name has its first one, or a plain one, as default.
    Raises StyleNotFound.
    """
    style_id = style_id or _DEFAULT
    try:
        style = variable.style(style_id)
    except StyleNotFound:
        if style_id != _DEFAULT:
            raise
        style = variable.styles[0] if variable.styles else Style(id=_DEFAULT)
    if style.stops or (style.colormap and style.range):
        return style
    if variable.kind == "continuous":
        return replace(style, colormap=style.colormap or "viridis", range=style.range or _usual_range(variable))
    return style


def _usual_range(variable: Variable) -> tuple[float, float]:
    """The range that holds most values: percentiles 2 to 98, else all of them."""
    statistics = variable.statistics
    if statistics is None:
        return _FALLBACK_RANGE
    low, high = statistics.percentile_2, statistics.percentile_98
    if not low < high:
        low, high = statistics.minimum, statistics.maximum
    return (low, high) if low < high else (low, low + 1.0)
