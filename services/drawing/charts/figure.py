"""Figures without pyplot, whose bytes are the same for the same numbers."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from config.vocabulary import PNG, SVG

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE: Final = "#1f5fa8"
RED: Final = "#b2182b"
GREY: Final = "#777777"
_DOTS_PER_INCH: Final = 110
_PANEL: Final = (5.2, 4.6)
"""Inches of a panel."""


def new_figure(panels: int, *, wide: bool = False) -> tuple[Figure, list[Axes]]:
    """A figure of some panels side by side, two a row."""
    columns = min(2, panels)
    rows = -(-panels // columns)
    width = _PANEL[0] * (1.8 if wide and columns == 1 else columns)
    figure = Figure(figsize=(width, _PANEL[1] * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for axis in axes[panels:]:
        axis.remove()
    for axis in axes[:panels]:
        axis.grid(visible=True, color="#dddddd", linewidth=0.6)
        axis.set_axisbelow(True)
    return figure, axes[:panels]


def save_figure(figure: Figure, media_type: str) -> bytes:
    """The bytes of a figure as SVG or PNG, without dates, names of software or random ids."""
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "graticule", "svg.fonttype": "path"}):
        if media_type == PNG:
            FigureCanvasAgg(figure)
            figure.savefig(buffer, format="png", dpi=_DOTS_PER_INCH, metadata={"Software": None})
        else:
            assert media_type == SVG
            FigureCanvasSVG(figure)
            figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
