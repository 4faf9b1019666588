"""Figures without pyplot, whose bytes are the same for the same numbers.

Letters come from two fonts: the one that matplotlib brings along, and for Chinese characters the one of this package
(`services/drawing/typeface`). No font of the machine is looked at, so that every worker draws the same.
"""

from __future__ import annotations

import io
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from config.vocabulary import PNG, SVG

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

BLUE: Final = "#1f5fa8"
RED: Final = "#b2182b"
GREY: Final = "#777777"
_DOTS_PER_INCH: Final = 110
_PANEL: Final = (5.2, 4.6)
"""Inches of a panel."""
_LATIN: Final = "DejaVu Sans"
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")


@cache
def _families() -> list[str]:
    """The families of the fonts, the first that has a letter draws it."""
    folder = resources.files("services.drawing") / "typeface"
    with resources.as_file(folder / "GraticuleSansSC.otf") as path:
        font_manager.fontManager.addfont(path)
        return [_LATIN, font_manager.FontProperties(fname=str(path)).get_name()]


def _parameters() -> Any:
    """Parameters that hold while a figure is made or written: text is made of both fonts, and repeats in its bytes."""
    return mpl.rc_context(
        {
            "font.family": _families(),
            "axes.unicode_minus": True,
            "text.parse_math": False,
            "svg.hashsalt": "graticule",
            "svg.fonttype": "path",
        }
    )


def new_figure(
    panels: int, *, wide: bool = False, size: tuple[float, float] | None = None, columns: int | None = None
) -> tuple[Figure, list[Axes]]:
    """A figure of some panels side by side, two a row.

    Args:
        panels: Their number.
        wide: Whether a lone panel is wider than high.
        size: Width and height of a panel in inches.
        columns: Panels in a row, if not two.
    """
    columns = columns or min(2, panels)
    rows = -(-panels // columns)
    across, down = size or (_PANEL[0] * (1.8 if wide and columns == 1 else 1), _PANEL[1])
    with _parameters():
        figure = Figure(figsize=(across * columns, down * rows), layout="constrained")
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
    with _parameters():
        for text in figure.findobj(mpl.text.Text):
            text.set_fontfamily(_families())
            text.set_parse_math(False)
        if media_type == PNG:
            FigureCanvasAgg(figure)
            figure.savefig(buffer, format="png", dpi=_DOTS_PER_INCH, metadata={"Software": None})
        else:
            assert media_type == SVG
            FigureCanvasSVG(figure)
            figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def plain_text(text: str, *, most: int = 120) -> str:
    """A text of others as it can be drawn: on one line, and not too long."""
    line = _CONTROLS.sub(" ", text).strip()
    return line if len(line) <= most else line[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"


def plain_numbers(axis: Axis) -> None:
    """Write the marks of a logarithmic axis as numbers instead of powers, which would be formulae."""
    axis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.set_minor_formatter(lambda _value, _: "")
