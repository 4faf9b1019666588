"""The layout of a drawn legend; `legend_svg` and `legend_png` draw the same layout.

Lengths are pixels, from the upper left corner, y down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from services.drawing.legends.ticks import written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.drawing.legends.legend import Color, Legend, LegendEntry

Orientation = Literal["horizontal", "vertical"]


class Measure(Protocol):
    """Tells how wide a text is at a size, both in pixels."""

    def __call__(self, text: str, size: int, *, bold: bool = False) -> float:
        """Width of a text."""


MIN_SIZE, MAX_SIZE = 60, 2000
"""Bounds of width and height."""

_MARGIN, _GAP = 12, 6
_TITLE, _LABEL = 13, 11
"""Sizes of the letters."""
_LINE = 18
_BAR = 16
_TICK = 4
_BOX = (22, 14)
_ROW = 22
_MOST_LINES = 3


@dataclass(frozen=True, kw_only=True)
class LegendText:
    """A text: (x, y) is the middle of its left end, centre or right end."""

    x: float
    y: float
    text: str
    size: int = _LABEL
    bold: bool = False
    anchor: Literal["start", "middle", "end"] = "start"


@dataclass(frozen=True, kw_only=True)
class LegendBox:
    """A filled rectangle with a thin frame; a `bar` is filled with the legend's colours, low at the left or below."""

    x: int
    y: int
    width: int
    height: int
    color: Color | None = None
    bar: Orientation | None = None


@dataclass(frozen=True, kw_only=True)
class LegendMark:
    """A short line from (x, y), downwards or to the right."""

    x: float
    y: float
    down: bool


@dataclass(frozen=True, kw_only=True)
class LegendLayout:
    """A drawing: its size and its parts."""

    width: int
    height: int
    words: tuple[LegendText, ...]
    boxes: tuple[LegendBox, ...]
    marks: tuple[LegendMark, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LegendOptions:
    """The options of a drawn legend; a width or height of None is as large as the legend needs."""

    language: str = "en"
    orientation: Orientation = "horizontal"
    width: int | None = None
    height: int | None = None
    transparent: bool = False


def layout_of(legend: Legend, options: LegendOptions, measure: Measure) -> LegendLayout:
    """Lay out a legend. Texts that do not fit are cut, with an ellipsis, and entries, with their number."""
    upright = options.orientation == "vertical"
    width = options.width or (140 if upright and not legend.entries else 220 if upright else 320)
    title, top = _title(legend.name(options.language), legend.unit_label, width, measure)
    if legend.entries:
        return _entries(legend.entries, options, width, title, top, measure)
    if legend.range is None:
        return LegendLayout(width=width, height=options.height or top + _GAP, words=title, boxes=())
    if upright:
        return _upright(legend, options, width, title, top, measure)
    return _level(legend, options, width, title, top, measure)


def _title(name: str, unit: str, width: int, measure: Measure) -> tuple[tuple[LegendText, ...], int]:
    """The lines of the title, and where the rest begins."""
    lines = _lines(name, unit, width - 2 * _MARGIN, measure)
    words = tuple(
        LegendText(x=_MARGIN, y=_MARGIN + _LINE * (n + 0.4), text=line, size=_TITLE, bold=True)
        for n, line in enumerate(lines)
    )
    return words, _MARGIN + _LINE * len(lines)


def _lines(name: str, unit: str, width: float, measure: Measure) -> list[str]:
    """Name and unit in at most three lines; where that is not enough the name is cut, never the unit."""
    whole = _wrapped(f"{name} {unit}".rstrip(), width, measure)
    if len(whole) <= _MOST_LINES:
        return [_cut(line, width, _TITLE, measure) for line in whole]
    first, *rest = _wrapped(name, width, measure)
    lines = [first, " ".join(rest)] if unit else [first, rest[0], " ".join(rest[1:])]
    return [_cut(line, width, _TITLE, measure) for line in ([*lines, unit] if unit else lines)]


def _wrapped(text: str, width: float, measure: Measure) -> list[str]:
    """A text in lines, broken at blanks, or anywhere in Chinese."""
    lines: list[str] = [""]
    for piece in _pieces(text):
        if lines[-1].strip() and measure((lines[-1] + piece).strip(), _TITLE, bold=True) > width:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def _pieces(text: str) -> list[str]:
    """Pieces between which a line may be broken: words with the blank before them, and single Chinese characters."""
    pieces = [""]
    for character in text:
        if character == " " or ord(character) >= 0x2E80:
            pieces.append("")
        pieces[-1] += character
        if ord(character) >= 0x2E80:
            pieces.append("")
    return [piece for piece in pieces if piece]


def _cut(text: str, width: float, size: int, measure: Measure) -> str:
    """A text, shortened to a width with an ellipsis."""
    bold = size == _TITLE
    if measure(text, size, bold=bold) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle] + "\u2026", size, bold=bold) <= width else (low, middle - 1)
    return text[:low].rstrip() + "\u2026"


def _level(
    legend: Legend, options: LegendOptions, width: int, title: tuple[LegendText, ...], top: int, measure: Measure
) -> LegendLayout:
    """A bar from left to right with its numbers below."""
    below = _TICK + _LABEL + _MARGIN
    thick = max(4, options.height - top - _GAP - below) if options.height else _BAR
    bar = LegendBox(x=_MARGIN, y=top + _GAP, width=width - 2 * _MARGIN, height=thick, bar="horizontal")
    foot = bar.y + bar.height
    marks, words, taken = [], [], 0.0
    for share, value in legend.marks(most=max(2, min(10, bar.width // 50))):
        x, text = bar.x + share * bar.width, written(value)
        half = measure(text, _LABEL) / 2
        marks.append(LegendMark(x=x, y=foot, down=True))
        middle = min(max(x, half + 2), width - half - 2)
        if middle - half >= taken:
            words.append(LegendText(x=middle, y=foot + _TICK + _LABEL * 0.75, text=text, anchor="middle"))
            taken = middle + half + 4
    size = {"width": width, "height": options.height or foot + below}
    return LegendLayout(**size, words=(*title, *words), boxes=(bar,), marks=tuple(marks))


def _upright(
    legend: Legend, options: LegendOptions, width: int, title: tuple[LegendText, ...], top: int, measure: Measure
) -> LegendLayout:
    """A bar from below to above with its numbers to the right."""
    height = options.height or max(240, top + 160)
    long = max(4, height - top - _GAP - _MARGIN)
    bar = LegendBox(x=_MARGIN, y=top + _GAP, width=_BAR + 2, height=long, bar="vertical")
    left = bar.x + bar.width
    marks, words = [], []
    for share, value in legend.marks(most=max(2, min(12, long // 24))):
        y = bar.y + (1 - share) * bar.height
        text = _cut(written(value), width - left - _TICK - 4, _LABEL, measure)
        marks.append(LegendMark(x=left, y=y, down=False))
        words.append(LegendText(x=left + _TICK + 4, y=min(max(y, _LABEL / 2), height - _LABEL / 2), text=text))
    return LegendLayout(width=width, height=height, words=(*title, *words), boxes=(bar,), marks=tuple(marks))


def _entries(
    entries: Sequence[LegendEntry],
    options: LegendOptions,
    width: int,
    title: tuple[LegendText, ...],
    top: int,
    measure: Measure,
) -> LegendLayout:
    """A colour and a name each: below one another, or in rows that fill the width if it is horizontal."""
    names = [_cut(e.name(options.language), width - 2 * _MARGIN - _BOX[0] - 8, _LABEL, measure) for e in entries]
    step = _column(names, width, measure) if options.orientation == "horizontal" else width
    columns = max(1, (width - _MARGIN) // step)
    most_rows = max(1, ((options.height or MAX_SIZE) - top - _GAP) // _ROW)
    room = most_rows * columns
    count = len(entries) if len(entries) <= room else room - 1
    rows = -(-min(len(entries), room) // columns)
    places = [(_MARGIN + n % columns * step, top + _GAP + n // columns * _ROW) for n in range(min(len(entries), room))]
    boxes = tuple(
        LegendBox(x=x, y=y, width=_BOX[0], height=_BOX[1], color=e.color)
        for (x, y), e in zip(places[:count], entries[:count], strict=True)
    )
    words = [
        LegendText(x=x + _BOX[0] + 8, y=y + _BOX[1] / 2, text=name)
        for (x, y), name in zip(places[:count], names[:count], strict=True)
    ]
    if count < len(entries):
        x, y = places[count]
        words.append(LegendText(x=x, y=y + _BOX[1] / 2, text=f"+ {len(entries) - count}"))
    height = options.height or top + _GAP + rows * _ROW + 2
    return LegendLayout(width=width, height=height, words=(*title, *words), boxes=boxes)


def _column(names: Sequence[str], width: int, measure: Measure) -> int:
    """Width of a column that holds the longest name."""
    longest = max(measure(name, _LABEL) for name in names)
    return min(width - _MARGIN, int(longest) + _BOX[0] + 8 + 16)
