"""A style as SLD 1.1.0 with Symbology Encoding 1.1.0 (OGC 05-078r4, 05-077r4): Interpolate or Categorize."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from records.datasets.models import text_in
from records.exports import xml
from records.exports.xml import Namespace, at, sub
from services.drawing.style_documents.stops import rgb, stops_of

if TYPE_CHECKING:
    from records.datasets.models import Style, Variable
    from services.drawing.style_documents.stops import StyleStops

_SLD: Final = Namespace("http://www.opengis.net/sld")
_SE: Final = Namespace("http://www.opengis.net/se")
_SCHEMA: Final = f"{_SLD.uri} http://schemas.opengis.net/sld/1.1.0/StyledLayerDescriptor.xsd"
_CHANNELS: Final = ("RedChannel", "GreenChannel", "BlueChannel")
_TRANSPARENT: Final = "#00000000"


def sld11(layer_name: str, variable: Variable, style: Style, language: str) -> bytes:
    """The document. A colour that is not opaque is #aarrggbb, as GeoTools writes it: SE has no other way."""
    root = xml.root(_SLD("StyledLayerDescriptor"), {None: _SLD.uri, "se": _SE.uri}, _SCHEMA)
    root.set("version", "1.1.0")
    layer = sub(root, _SLD("NamedLayer"))
    sub(layer, _SE("Name"), layer_name)
    user = sub(layer, _SLD("UserStyle"))
    sub(user, _SE("Name"), style.id)
    sub(sub(user, _SE("Description")), _SE("Title"), text_in(style.title, language) or style.id)
    symbolizer = at(user, _SE("FeatureTypeStyle"), _SE("Rule"), _SE("RasterSymbolizer"))
    colors = stops_of(variable, style, language)
    sub(symbolizer, _SE("Opacity"), "1.0")
    if not colors.stops:
        channels = sub(symbolizer, _SE("ChannelSelection"))
        for number, name in enumerate(_CHANNELS):
            sub(sub(channels, _SE(name)), _SE("SourceChannelName"), str(number + 1))
        return xml.document(root)
    color_map = sub(symbolizer, _SE("ColorMap"))
    if colors.are_classes:
        _classes(color_map, colors)
    elif colors.are_intervals:
        _intervals(color_map, colors)
    else:
        _ramp(color_map, colors)
    return xml.document(root)


def _ramp(color_map: Any, colors: StyleStops) -> None:
    ramp = sub(color_map, _SE("Interpolate"), fallbackValue=_TRANSPARENT)
    sub(ramp, _SE("LookupValue"), "Rasterdata")
    for stop in colors.stops:
        point = sub(ramp, _SE("InterpolationPoint"))
        sub(point, _SE("Data"), repr(stop.value))
        sub(point, _SE("Value"), _color(stop.color))


def _classes(color_map: Any, colors: StyleStops) -> None:
    """Codes as intervals of one: Categorize has no single values."""
    steps = sub(color_map, _SE("Categorize"), fallbackValue=_TRANSPARENT)
    sub(steps, _SE("LookupValue"), "Rasterdata")
    sub(steps, _SE("Value"), _TRANSPARENT)
    stops = sorted(colors.stops)
    for stop, following in zip(stops, (*stops[1:], None), strict=True):
        sub(steps, _SE("Threshold"), repr(stop.value))
        sub(steps, _SE("Value"), _color(stop.color))
        if following is None or following.value > stop.value + 1:
            sub(steps, _SE("Threshold"), repr(stop.value + 1))
            sub(steps, _SE("Value"), _TRANSPARENT)


def _intervals(color_map: Any, colors: StyleStops) -> None:
    steps = sub(color_map, _SE("Categorize"), fallbackValue=_TRANSPARENT)
    sub(steps, _SE("LookupValue"), "Rasterdata")
    for stop in colors.stops:
        sub(steps, _SE("Value"), _color(stop.color))
        if math.isfinite(stop.value):
            sub(steps, _SE("Threshold"), repr(stop.value))
    if math.isfinite(colors.stops[-1].value):
        sub(steps, _SE("Value"), _TRANSPARENT)


def _color(color: tuple[int, int, int, int]) -> str:
    opaque = 255
    return rgb(color) if color[3] == opaque else f"#{color[3]:02x}{rgb(color)[1:]}"
