"""Legends drawn as PNG, with fonts of the system."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from records.datasets.models import text_in
from services.drawing.legends.fonts import Fonts
from services.drawing.legends.legend_layout import LegendBox, LegendOptions, LegendText, layout_of

if TYPE_CHECKING:
    from services.drawing.legends.legend import Color, Legend

log = logging.getLogger(__name__)

_INK = (34, 34, 34, 255)
_FRAME = (51, 51, 51, 255)


@dataclass(frozen=True, kw_only=True)
class LegendPicture:
    """A drawn legend, and the language that it could be drawn in."""

    content: bytes
    language: str


def to_png(legend: Legend, options: LegendOptions, fonts: Fonts) -> LegendPicture:
    """The legend as PNG: in English, or by ids and values, where no font has the letters of the language."""
    legend, options = drawable(legend, options, fonts)
    layout = layout_of(legend, options, fonts.width)
    image = Image.new("RGBA", (layout.width, layout.height), (255, 255, 255, 0 if options.transparent else 255))
    canvas = ImageDraw.Draw(image)
    for box in layout.boxes:
        _fill(image, legend, box)
        canvas.rectangle((box.x - 1, box.y - 1, box.x + box.width, box.y + box.height), outline=_FRAME)
    for mark in layout.marks:
        x, y = (round(mark.x), round(mark.y) + 1) if mark.down else (round(mark.x) + 1, round(mark.y))
        canvas.line((x, y, x, y + 4) if mark.down else (x, y, x + 4, y), fill=_FRAME)
    for words in layout.words:
        _write(canvas, replace(words, text=fonts.legible(words.text)), fonts)
    content = io.BytesIO()
    image.save(content, "PNG", optimize=False, compress_level=6)
    return LegendPicture(content=content.getvalue(), language=options.language)


def drawable(legend: Legend, options: LegendOptions, fonts: Fonts) -> tuple[Legend, LegendOptions]:
    """The legend with such texts only as there are letters for, and the language they are in."""
    if options.language == "en" or all(_has_all(fonts, text) for text in _texts(legend, options.language)):
        language = options.language
    else:
        language = "en"
        log.warning("no font has the letters of a legend in %s: it is drawn in English", options.language)
    title = legend.title if _has_all(fonts, text_in(legend.title, language)) else {}
    entries = tuple(e if _has_all(fonts, e.name(language)) else replace(e, title={}) for e in legend.entries)
    return replace(legend, title=title, entries=entries), replace(options, language=language)


def _has_all(fonts: Fonts, text: str) -> bool:
    """Whether all of a text can be drawn, with plain signs for rare ones."""
    return sum(map(str.isalnum, fonts.legible(text))) >= sum(map(str.isalnum, text))


def _texts(legend: Legend, language: str) -> list[str]:
    return [legend.heading(language), *(entry.name(language) for entry in legend.entries)]


def _fill(image: Image.Image, legend: Legend, box: LegendBox) -> None:
    """Colour a box, over what is there: a bar pixel by pixel, in the colours of the tiles."""
    size = (box.width, box.height)
    patch = Image.new("RGBA", size, box.color) if box.color is not None else _bar(legend, box)
    image.alpha_composite(patch, (box.x, box.y))


def _bar(legend: Legend, box: LegendBox) -> Image.Image:
    upright = box.bar == "vertical"
    length = box.height if upright else box.width
    colors: list[Color] = [legend.color_at(n / max(1, length - 1)) for n in range(length)]
    strip = Image.new("RGBA", (1, length) if upright else (length, 1))
    strip.putdata(colors[::-1] if upright else colors)
    return strip.resize((box.width, box.height), Image.Resampling.NEAREST)


def _write(canvas: ImageDraw.ImageDraw, words: LegendText, fonts: Fonts) -> None:
    runs = fonts.runs(words.text, words.size, bold=words.bold)
    width = sum(font.getlength(piece) for font, piece in runs)
    x = words.x - {"start": 0.0, "middle": width / 2, "end": width}[words.anchor]
    for font, piece in runs:
        canvas.text((x, words.y + words.size * 0.36), piece, fill=_INK, font=font, anchor="ls")
        x += font.getlength(piece)
