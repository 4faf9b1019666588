"""URLs of a dataset's pictures: a map of all of it (OGC API Maps), and its tiles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode, urlsplit

from config.layers import level_of, member_of

if TYPE_CHECKING:
    from records.datasets.models import Dataset, Variable

_LIMIT: Final = 85.05
"""Degrees of latitude that Web Mercator reaches."""
_EDGE: Final = 1000
_THUMB_EDGE: Final = 480
"""Pixels of the longer edge."""


def map_url(
    base: str,
    dataset: Dataset,
    variable: Variable,
    *,
    style: str,
    time: str | None,
    layer: str | None,
    edge: int = _EDGE,
) -> str:
    """A picture of the whole dataset in Web Mercator, as the page's map shows it; of the polar caps in its own CRS."""
    values = {"variable": variable.id, **_place(dataset.bbox, edge), "transparent": "true"}
    places = (("datetime", time), ("level", level_of(layer)), ("member", member_of(layer)))
    values |= {name: value for name, value in places if value is not None}
    return f"{base}/collections/{dataset.id}/styles/{quote(style, safe='')}/map?{urlencode(values, safe=':,')}"


def thumbnail(dataset: Dataset, base_url: str) -> str | None:
    """A small picture of a dataset: its first variable at its latest time; None if it has no variable."""
    if not dataset.variables:
        return None
    variable = dataset.variables[0]
    layer = variable.layers[0] if variable.layers else None
    prefix = urlsplit(base_url).path
    return map_url(prefix, dataset, variable, style="default", time=None, layer=layer, edge=_THUMB_EDGE)


def tiles_template(prefix: str, dataset_id: str, variable_id: str, *, style: str, time: str, layer: str | None) -> str:
    """Path of the XYZ tiles of a style, time (as in paths, or `latest`) and layer (`config.layers`)."""
    return f"{prefix}/xyz/{dataset_id}/{variable_id}/{style}/{time}{layer_segment(layer)}/{{z}}/{{x}}/{{y}}.png"


def layer_segment(layer: str | None) -> str:
    """The part of a path that names a layer, with the `/` before it: its key; empty without one."""
    return f"/{quote(layer, safe='@')}" if layer else ""


def _place(bbox: tuple[float, float, float, float], edge: int) -> dict[str, str]:
    """Box, CRS and the longer edge of a map of all of a box in degrees, whose west may be east of its east."""
    west, south, east, north = bbox
    low, high = max(south, -_LIMIT), min(north, _LIMIT)
    if high - low <= 0:
        return {"width": str(edge)}
    across = math.radians(east - west + (360 if east < west else 0))
    down = math.asinh(math.tan(math.radians(high))) - math.asinh(math.tan(math.radians(low)))
    box = ",".join(f"{value:.10g}" for value in (west, low, east, high))
    return {"bbox": box, "crs": "EPSG:3857", "width" if across >= down else "height": str(edge)}
