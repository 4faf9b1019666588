"""The colours of a map by the habits of ncWMS and ERDDAP: range, logarithm, bands, and what lies beyond the range."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from config.errors import InvalidParameter
from services.drawing.backgrounds import parse_background
from services.drawing.maps import Extremes
from services.drawing.rendering import MAX_COLORS, Rendering
from services.ows.faults import invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from titiler.core.resources.enums import ImageType

    from records.datasets.models import Style, Variable
    from services.drawing.maps import Rgba
    from services.drawing.rendering import Coloring, ColorMap
    from services.ows.kvp import Keywords

_CLEAR: Final = (0, 0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class ColorHabits:
    """The colour parameters of a request beside its styles.

    Attributes:
        ends: COLORSCALERANGE; None: that of the style.
        is_auto: Whether the range is that of the values in the map.
        logarithmic: LOGSCALE; None: as the style has it.
        bands: NUMCOLORBANDS; None: all colours.
        extremes: BELOWMINCOLOR and ABOVEMAXCOLOR.
    """

    ends: tuple[float, float] | None = None
    is_auto: bool = False
    logarithmic: bool | None = None
    bands: int | None = None
    extremes: Extremes | None = None

    @property
    def is_none(self) -> bool:
        """Whether the style alone says how a map is drawn."""
        return self == ColorHabits()

    def coloring(
        self, variable: Variable, style: Style, image: ImageType, measure: Callable[[], tuple[float, float]]
    ) -> Coloring:
        """The way from values to colours. Raises InvalidParameter.

        Args:
            variable: What is drawn; classes and true colour have no range.
            style: The style.
            image: The format.
            measure: Finds the least and the greatest value in the map.
        """
        if variable.kind != "continuous":
            return Rendering().coloring(variable, style, image)
        ends = measure() if self.is_auto else self.ends
        rendering = Rendering(ranges=None if ends is None else (ends,))
        coloring = rendering.coloring(variable, style, image)
        logarithmic = self.logarithmic if self.logarithmic is not None else style.scale == "log"
        if coloring.ranges and logarithmic != coloring.logarithmic:
            if logarithmic and coloring.ranges[0][0] <= 0:
                low, high = coloring.ranges[0]
                remedy = f"a logarithmic scale needs a range above 0, and this one is {low:g} to {high:g}"
                raise InvalidParameter("LOGSCALE", "true", remedy)
            coloring = replace(coloring, logarithmic=logarithmic, spread=None)
        if self.bands is not None and isinstance(coloring.colormap, dict):
            coloring = replace(coloring, colormap=_banded(coloring.colormap, self.bands))
        return coloring


def color_habits(keywords: Keywords) -> ColorHabits:
    """Read the parameters; raises OwsFault or InvalidParameter."""
    text = keywords.text("colorscalerange")
    is_auto = text.lower() in ("auto", "extract")
    ends = None
    if text and not is_auto and text.lower() != "default":
        low, high = keywords.numbers("colorscalerange", 2)
        if not low < high:
            raise invalid("COLORSCALERANGE", text, "the smaller number comes first")
        ends = (low, high)
    bands = keywords.integer("numcolorbands") if keywords.text("numcolorbands") else None
    if bands is not None and not 1 <= bands <= MAX_COLORS:
        raise invalid("NUMCOLORBANDS", str(bands), f"1 to {MAX_COLORS} bands are possible")
    below, above = _color(keywords, "belowmincolor"), _color(keywords, "abovemaxcolor")
    return ColorHabits(
        ends=ends,
        is_auto=is_auto,
        logarithmic=keywords.flag("logscale") if keywords.text("logscale") else None,
        bands=bands,
        extremes=Extremes(below=below, above=above) if below or above else None,
    )


def _color(keywords: Keywords, name: str) -> Rgba | None:
    """A colour as 0xRRGGBB, 0xAARRGGBB, #RRGGBB or a name; `transparent`; None for `extend`, the default."""
    text = keywords.text(name)
    if not text or text.lower() == "extend":
        return None
    if text.lower() == "transparent":
        return _CLEAR
    digits = text.lower().removeprefix("0x").removeprefix("#")
    alpha = 255
    if len(digits) == 8 and all(digit in "0123456789abcdef" for digit in digits):
        alpha, text = int(digits[:2], 16), digits[2:]
    red, green, blue = parse_background(text, transparent=False).color or (0, 0, 0)
    return red, green, blue, alpha


def _banded(colors: ColorMap, count: int) -> ColorMap:
    """A colour map of 256 bytes in a number of equal bands."""
    assert isinstance(colors, dict)
    if set(colors) != set(range(MAX_COLORS)):
        return colors
    bands = np.arange(MAX_COLORS) * count // MAX_COLORS
    positions = np.rint(bands * (MAX_COLORS - 1) / max(1, count - 1)).astype(int)
    return {byte: colors[int(position)] for byte, position in enumerate(positions)}
