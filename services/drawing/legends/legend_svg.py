"""Legends drawn as SVG."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from services.drawing.legends.legend import hexadecimal
from services.drawing.legends.legend_layout import LegendOptions, layout_of

if TYPE_CHECKING:
    from services.drawing.legends.legend import Color, Legend
    from services.drawing.legends.legend_layout import LegendBox, LegendLayout, LegendMark, LegendText

_WIDE = 0x2E80
"""CJK characters begin there; they are as wide as they are high."""
_FONTS = "system-ui, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif"


def to_svg(legend: Legend, options: LegendOptions) -> str:
    """The legend as an SVG drawing."""
    layout = layout_of(legend, options, estimate)
    ramp = f"ramp-{legend.variable}-{legend.style}-{options.orientation}"  # several legends may stand in one page
    parts = [] if options.transparent else [f'<rect width="{layout.width}" height="{layout.height}" fill="#fff"/>']
    if any(box.bar for box in layout.boxes):
        parts.append(_gradient(legend, ramp, upright=options.orientation == "vertical"))
    parts += [_box(box, ramp) for box in layout.boxes]
    parts += [_mark(mark) for mark in layout.marks]
    parts += [_words(words) for words in layout.words]
    return _drawing(layout, legend.heading(options.language), "".join(parts))


def estimate(text: str, size: int, *, bold: bool = False) -> float:
    """About how wide a browser draws a text."""
    latin = 0.66 if bold else 0.6
    return sum(size if ord(character) >= _WIDE else latin * size for character in text)


def _drawing(layout: LegendLayout, title: str, content: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{layout.width}" height="{layout.height}" '
        f'viewBox="0 0 {layout.width} {layout.height}" font-family="{_FONTS}" fill="#222" role="img" '
        f'aria-label="{_text(title)}">{content}</svg>'
    )


def _gradient(legend: Legend, name: str, *, upright: bool) -> str:
    stops = "".join(
        f'<stop offset="{share:.4f}" {_paint("stop-color", "stop-opacity", color)}/>'
        for share, _, color in legend.stops()
    )
    course = 'x1="0" y1="1" x2="0" y2="0"' if upright else 'x1="0" y1="0" x2="1" y2="0"'
    return f'<defs><linearGradient id="{name}" {course}>{stops}</linearGradient></defs>'


def _box(box: LegendBox, ramp: str) -> str:
    fill = f'fill="url(#{ramp})"' if box.color is None else _paint("fill", "fill-opacity", box.color)
    return (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" {fill} '
        'stroke="#333" stroke-width="0.5"/>'
    )


def _paint(name: str, opacity: str, color: Color) -> str:
    paint = f'{name}="{hexadecimal(color)[:7]}"'
    return paint if color[3] == 255 else f'{paint} {opacity}="{color[3] / 255:.3f}"'


def _mark(mark: LegendMark) -> str:
    return f'<path d="M{mark.x:.1f} {mark.y:.1f}{"v" if mark.down else "h"}4" stroke="#333"/>'


def _words(words: LegendText) -> str:
    weight = ' font-weight="bold"' if words.bold else ""
    anchor = "" if words.anchor == "start" else f' text-anchor="{words.anchor}"'
    # a text stands on its base line, about a third of its size below its middle
    place = f'x="{words.x:.1f}" y="{words.y + words.size * 0.36:.1f}" font-size="{words.size}"'
    return f"<text {place}{weight}{anchor}>{_text(words.text)}</text>"


def _text(text: str) -> str:
    """A text as XML may hold it: escaped, without control characters."""
    return escape("".join(c for c in text if c.isprintable()))
