"""Charts of values over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.drawing.charts.figure import new_figure, plain_text, save_figure
from services.drawing.charts.labels import LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class SeriesLine:
    """A line: its name, years as decimal numbers, and values, NaN where there are none."""

    name: str
    years: NDArray[np.float64]
    values: NDArray[np.float64]


def draw_series(
    lines: Sequence[SeriesLine], label: str, media_type: str, *, title: str = "", language: str = "en"
) -> bytes:
    """Draw lines over time as SVG or PNG.

    Args:
        lines: At most some tens.
        label: Label of the axis of values, with the unit.
        media_type: SVG or PNG.
        title: Above the chart.
        language: Of the other labels.
    """
    figure, [axis] = new_figure(1, wide=True)
    for line in lines:
        marker = "." if len(line.years) <= 200 else ""
        axis.plot(
            line.years, line.values, marker=marker, markersize=4, linewidth=1, label=plain_text(line.name, most=60)
        )
    axis.set(xlabel=LABELS.text("year", language), ylabel=plain_text(label), title=plain_text(title))
    axis.ticklabel_format(axis="x", useOffset=False)
    if len(lines) > 1:
        axis.legend(frameon=False, fontsize=8)
    return save_figure(figure, media_type)
