"""A style as QML, which QGIS loads as the style of a raster layer; and its renderer as `.qlr` files hold it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lxml import etree

from records.exports import xml
from services.drawing.style_documents.stops import rgb, stops_of

if TYPE_CHECKING:
    from records.datasets.models import Style, Variable

_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"


def qml(variable: Variable, style: Style, language: str) -> bytes:
    """The document; values are those of the file, so that scale and offset of the file have to be applied."""
    root = etree.Element("qgis", hasScaleBasedVisibilityFlag="0")
    root.append(pipe(variable, style, language))
    content: bytes = etree.tostring(root, encoding="UTF-8", doctype=_DOCTYPE, pretty_print=True)
    return content


def pipe(variable: Variable, style: Style, language: str) -> Any:
    """The element `pipe`: a palette for classes, a ramp for quantities, three bands for true colour."""
    element = etree.Element("pipe")
    colors = stops_of(variable, style, language)
    common = {"opacity": "1", "alphaBand": "-1"}
    if not colors.stops:
        bands = {"redBand": "1", "greenBand": "2", "blueBand": "3"}
        xml.sub(element, "rasterrenderer", type="multibandcolor", **bands, **common)
        return element
    if colors.are_classes:
        renderer = xml.sub(element, "rasterrenderer", type="paletted", band="1", **common)
        palette = xml.sub(renderer, "colorPalette")
        for stop in colors.stops:
            named = {"value": f"{stop.value:g}", "label": stop.label}
            xml.sub(palette, "paletteEntry", color=rgb(stop.color), alpha=str(stop.color[3]), **named)
        return element
    ends = {
        "classificationMin": repr(colors.stops[0].value),
        "classificationMax": repr(colors.stops[-1].value),
    }
    renderer = xml.sub(element, "rasterrenderer", type="singlebandpseudocolor", band="1", **common, **ends)
    shader = xml.sub(
        xml.sub(renderer, "rastershader"),
        "colorrampshader",
        colorRampType="DISCRETE" if colors.are_intervals else "INTERPOLATED",
        clip="0",
        minimumValue=repr(colors.stops[0].value),
        maximumValue=repr(colors.stops[-1].value),
    )
    for stop in colors.stops:
        # the upper end of an interval belongs to it in QGIS, to the next one here
        is_open = colors.are_intervals and math.isfinite(stop.value)
        value = math.nextafter(stop.value, -math.inf) if is_open else stop.value
        named = {"value": repr(value), "label": stop.label}
        xml.sub(shader, "item", color=rgb(stop.color), alpha=str(stop.color[3]), **named)
    return element
