"""The legend of a layer's style as capabilities link it: a picture whose size the link fixes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from records.datasets.models import text_in
from services.drawing.legends.legend import Legend, LegendEntry
from services.drawing.legends.legend_layout import MAX_SIZE, MIN_SIZE, LegendOptions, layout_of
from services.drawing.rendering import MAX_COLORS

if TYPE_CHECKING:
    from records.datasets.models import Style
    from services.ows.layers import ServiceLayer
    from services.web.negotiation import Language

_LETTER = 0.62
"""Width of a letter by its size, about: the link fixes the size, so that texts which turn out wider are cut."""


class LegendLink(NamedTuple):
    """A link to a PNG of that many pixels."""

    href: str
    width: int
    height: int


def legend_link(base_url: str, layer: ServiceLayer, style: Style, language: Language) -> LegendLink:
    """The upright legend of a style, from GetLegendGraphic: QGIS adds the parameters of that to every legend's URL."""
    variable = layer.variable
    has_classes = variable.kind == "categorical" and bool(variable.classes)
    names = tuple(text_in(c.title, language) or str(c.value) for c in variable.classes) if has_classes else ()
    is_ramp = not has_classes and variable.kind != "rgb" and style.range is not None
    width, height = _size(layer.variable_title(language), variable.unit, names, is_ramp=is_ramp)
    query = (
        f"SERVICE=WMS&VERSION=1.3.0&REQUEST=GetLegendGraphic&LAYER={layer.name}&STYLE={style.id}&FORMAT=image/png"
        f"&WIDTH={width}&HEIGHT={height}&LANG={language}"
    )
    return LegendLink(f"{base_url}/collections/{layer.dataset.id}/wms?{query}", width, height)


@lru_cache(maxsize=1024)
def _size(title: str, unit: str | None, names: tuple[str, ...], *, is_ramp: bool) -> tuple[int, int]:
    """(width, height) of a legend: of all styles of a variable, and of all that are called alike."""
    entries = tuple(LegendEntry(color=(0, 0, 0, 0), value=n, title={"en": name}) for n, name in enumerate(names))
    legend = Legend(
        variable="",
        style="",
        title={"en": title},
        unit=unit,
        entries=entries,
        colors=((0, 0, 0, 0),) * MAX_COLORS if is_ramp else (),
        range=(0.0, 1.0) if is_ramp else None,
    )
    layout = layout_of(legend, LegendOptions(orientation="vertical"), _estimated)
    width, height = (min(max(edge, MIN_SIZE), MAX_SIZE) for edge in (layout.width, layout.height))
    return width, height


def _estimated(text: str, size: int, *, bold: bool = False) -> float:
    return len(text) * size * _LETTER * (1.1 if bold else 1.0)
