"""The pictures of an animation: a map with its date above, and the legend below."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw
from titiler.core.resources.enums import ImageType

from services.drawing import colormaps
from services.drawing.coast import coast_within
from services.drawing.legends.fonts import packaged_fonts
from services.drawing.legends.legend import OwnDrawing, legend_of
from services.drawing.legends.legend_layout import LegendOptions
from services.drawing.legends.legend_png import to_png
from services.drawing.maps import draw_map
from services.drawing.rendering import Rendering
from services.drawing.styles import style_of
from services.processes.plot.reading import map_drawing

if TYPE_CHECKING:
    from config.grids import Grid
    from services.drawing.maps import MapDrawing
    from services.processes.fields.field import ProcessField
    from services.web.context import Context

_HEAD: Final = 30
_LETTERS: Final = 15
_MARGIN: Final = 10
_PAPER: Final = (255, 255, 255)
_LAND: Final = (232, 228, 218)
_INK: Final = (34, 34, 34)
_COAST: Final = (70, 70, 70)


@dataclass(frozen=True, kw_only=True)
class FrameLook:
    """What the pictures of an animation have in common.

    Attributes:
        pixels: The grid of the map.
        size: Width and height of the map on the picture.
        style: Id of the style; None: the default one.
        colormap: Instead of that of the style.
        range: Instead of that of the style.
        title: Left above the map.
        has_coast: Whether the coast is drawn.
        language: Of title and legend.
    """

    pixels: Grid
    size: tuple[int, int]
    style: str | None
    colormap: str | None
    range: tuple[float, float] | None
    title: str
    has_coast: bool
    language: str


class FramePainter:
    """Draws the pictures of some times.

    Args:
        context: The catalogue and the store.
        field: What is drawn.
        look: What the pictures have in common.
    """

    def __init__(self, context: Context, field: ProcessField, look: FrameLook) -> None:
        self._context, self._field, self._look = context, field, look
        self._fonts = packaged_fonts()
        self._legend = self._draw_legend()
        self._coast = self._lay_out_coast() if look.has_coast else []

    def draw(self, time: str | None) -> Image.Image:
        """The picture of a time."""
        look = self._look
        width, height = look.size
        picture = Image.new("RGB", (width, _HEAD + height + self._legend.height), _PAPER)
        picture.paste(self._map(time), (0, _HEAD))
        canvas = ImageDraw.Draw(picture)
        for line in self._coast:
            canvas.line(line, fill=_COAST, width=1)
        canvas.rectangle((0, 0, width, _HEAD - 1), fill=_PAPER)  # a coast may reach beyond the map
        picture.paste(self._legend, (0, _HEAD + height))
        date = (time or "").removesuffix("T00:00:00Z").replace("T", " ").removesuffix("Z")
        room = width - 2 * _MARGIN - self._fonts.width(date, _LETTERS) - 20
        self._write(canvas, self._fitting(look.title, room), _MARGIN)
        self._write(canvas, date, round(width - _MARGIN - self._fonts.width(date, _LETTERS)))
        return picture

    def _map(self, time: str | None) -> Image.Image:
        rgba = Image.fromarray(draw_map(self._context, self._drawing(time)).rgba())
        ground = Image.new("RGBA", rgba.size, (*_LAND, 255))
        return Image.alpha_composite(ground, rgba).convert("RGB").resize(self._look.size, Image.Resampling.NEAREST)

    def _drawing(self, time: str | None) -> MapDrawing:
        look, variable = self._look, self._field.variable
        plain = map_drawing(self._context, self._field, time, look.pixels)
        table = None if look.colormap is None else colormaps.table(look.colormap)
        rendering = Rendering(ranges=None if look.range is None else (look.range,), colormap=table)
        return replace(
            plain,
            rendering=rendering,
            coloring=rendering.coloring(variable, style_of(variable, look.style), ImageType.png),
        )

    def _draw_legend(self) -> Image.Image:
        look, variable = self._look, self._field.variable
        own = OwnDrawing(
            range=look.range,
            colors=None if look.colormap is None else colormaps.table(look.colormap),
            colormap=look.colormap,
        )
        legend = legend_of(variable, style_of(variable, look.style), own)
        options = LegendOptions(language=look.language, width=min(480, look.size[0]))
        drawn = Image.open(io.BytesIO(to_png(legend, options, self._fonts).content)).convert("RGB")
        strip = Image.new("RGB", (look.size[0], drawn.height), _PAPER)
        strip.paste(drawn, (0, 0))
        return strip

    def _lay_out_coast(self) -> list[list[tuple[float, float]]]:
        west, south, east, north = self._look.pixels.bounds
        width, height = self._look.size
        across, down = width / (east - west), height / (north - south)
        return [
            [((x - west) * across, _HEAD + (north - y) * down) for x, y in line.tolist()]
            for line in coast_within(self._look.pixels)
        ]

    def _fitting(self, text: str, room: float) -> str:
        """A text that is cut where there is no room for it."""
        text = " ".join(text.split())
        while text and self._fonts.width(text, _LETTERS) > room:
            text = text.removesuffix("\N{HORIZONTAL ELLIPSIS}")[:-1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
            if text == "\N{HORIZONTAL ELLIPSIS}":
                return ""
        return text

    def _write(self, canvas: ImageDraw.ImageDraw, text: str, x: float) -> None:
        for font, piece in self._fonts.runs(self._fonts.legible(text), _LETTERS):
            canvas.text((x, _HEAD - 10), piece, fill=_INK, font=font, anchor="ls")
            x += font.getlength(piece)
