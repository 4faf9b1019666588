"""A style as SLD 1.0.0 (OGC 02-070) with a RasterSymbolizer, as GeoServer, MapServer and GeoTools read it."""

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

SLD: Final = Namespace("http://www.opengis.net/sld")
_SCHEMA: Final = f"{SLD.uri} http://schemas.opengis.net/sld/1.0.0/StyledLayerDescriptor.xsd"
_OPAQUE: Final = 255
_HIGHEST: Final = 1e38
"""Upper end of an interval without one: a quantity is a finite number."""
_TYPES: Final = {(True, False): "values", (False, False): "ramp", (False, True): "intervals"}
_CHANNELS: Final = ("RedChannel", "GreenChannel", "BlueChannel")


def sld(layer_name: str, variable: Variable, style: Style, language: str) -> bytes:
    """The document: a ramp of quantities, the values of classes, or three channels of true colour."""
    root = xml.root(SLD("StyledLayerDescriptor"), {None: SLD.uri}, _SCHEMA)
    root.set("version", "1.0.0")
    layer = sub(root, SLD("NamedLayer"))
    sub(layer, SLD("Name"), layer_name)
    user = sub(layer, SLD("UserStyle"))
    sub(user, SLD("Name"), style.id)
    sub(user, SLD("Title"), text_in(style.title, language) or style.id)
    symbolizer = at(user, SLD("FeatureTypeStyle"), SLD("Rule"), SLD("RasterSymbolizer"))
    sub(symbolizer, SLD("Opacity"), "1.0")
    colors = stops_of(variable, style, language)
    if colors.stops:
        _color_map(symbolizer, colors)
    else:
        channels = sub(symbolizer, SLD("ChannelSelection"))
        for number, name in enumerate(_CHANNELS):
            sub(sub(channels, SLD(name)), SLD("SourceChannelName"), str(number + 1))
    return xml.document(root)


def _color_map(symbolizer: Any, colors: StyleStops) -> None:
    color_map = sub(symbolizer, SLD("ColorMap"), type=_TYPES[(colors.are_classes, colors.are_intervals)])
    for stop in colors.stops:
        quantity = repr(stop.value) if math.isfinite(stop.value) else repr(_HIGHEST)
        attributes = {"color": rgb(stop.color), "quantity": quantity, "label": stop.label}
        if stop.color[3] != _OPAQUE:
            attributes["opacity"] = f"{stop.color[3] / _OPAQUE:.6f}"
        sub(color_map, SLD("ColorMapEntry"), **attributes)
