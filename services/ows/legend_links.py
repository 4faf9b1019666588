"""The legend of a layer's style as capabilities link it: a picture whose size the link fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from services.drawing.legends.legend import legend_of
from services.drawing.legends.legend_layout import MAX_SIZE, MIN_SIZE, LegendOptions, layout_of

if TYPE_CHECKING:
    from records.datasets.models import Style
    from services.ows.layers import Layer
    from services.web.negotiation import Language

_LETTER = 0.62
"""Width of a letter by its size, about: the link fixes the size, so that texts which turn out wider are cut."""


class LegendLink(NamedTuple):
    """A link to a PNG of that many pixels."""

    href: str
    width: int
    height: int


def legend_link(base_url: str, layer: Layer, style: Style, language: Language) -> LegendLink:
    """The upright legend of a style."""
    options = LegendOptions(language=language, orientation="vertical")
    layout = layout_of(legend_of(layer.variable, style), options, _estimated)
    width, height = (min(max(edge, MIN_SIZE), MAX_SIZE) for edge in (layout.width, layout.height))
    query = {
        "f": "png",
        "variable": layer.variable.id,
        "orientation": "vertical",
        "width": width,
        "height": height,
        "lang": language,
    }
    here = f"{base_url}/collections/{layer.dataset.id}/styles/{style.id}/legend"
    return LegendLink(f"{here}?{urlencode(query)}", width, height)


def _estimated(text: str, size: int, *, bold: bool = False) -> float:
    return len(text) * size * _LETTER * (1.1 if bold else 1.0)
