"""QML of QGIS (3.x): the rasterrenderer of a layer."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from config.errors import SourceRefused
from services.drawing.style_documents.imported_style import ImportedStyle

if TYPE_CHECKING:
    from collections.abc import Iterator

_BYTE: Final = 255
_TYPES: Final = {"INTERPOLATED": "ramp", "DISCRETE": "intervals", "EXACT": "values"}
_ONE_BAND: Final = "singlebandpseudocolor, paletted and singlebandgray"
_PLAIN: Final = {
    "brightnesscontrast": {"brightness": {"0"}, "contrast": {"0"}, "gamma": {"1"}},
    "huesaturation": {"saturation": {"0"}, "grayscaleMode": {"0"}, "colorizeOn": {"0"}, "invertColors": {"0"}},
    "rasterresampler": {"zoomedInResampler": {"nearest"}, "zoomedOutResampler": {"nearest"}},
}
"""Elements beside the renderer, and the values of theirs that change nothing."""


def read_qml(root: Any, name: str) -> ImportedStyle:
    """Read a document; raises SourceRefused for renderers without colours of values."""
    renderer = next(iter(root.iter("rasterrenderer")), None)
    if renderer is None:
        raise SourceRefused(name, "it has no rasterrenderer", "save the style of a raster layer, not of a vector layer")
    style = ImportedStyle(name=name)
    style.opacity = style.share(renderer.get("opacity", "1"), "opacity of the renderer")
    kind = renderer.get("type", "")
    readers = {"singlebandpseudocolor": _pseudocolor, "paletted": _paletted, "singlebandgray": _gray}
    if kind not in readers:
        raise SourceRefused(
            name, f"its renderer {kind[:60]!r} is no colouring of one band's values", f"use {_ONE_BAND}"
        )
    style.expect(renderer.attrib, {"band": {"1"}, "grayBand": {"1"}, "alphaBand": {"-1", "0"}})
    transparency = renderer.find("rasterTransparency")
    if transparency is not None and len(transparency):
        style.unknown("rasterTransparency (values of their own opacity) is not understood")
    readers[kind](renderer, style)
    for element, plain in _PLAIN.items():
        for found in root.iter(element):
            style.expect(found.attrib, plain)
    blend = next(iter(root.iter("blendMode")), None)
    if blend is not None and (blend.text or "0").strip() != "0":
        style.unknown(f"blendMode {blend.text.strip()[:20]} is not understood")
    return style


def _pseudocolor(renderer: Any, style: ImportedStyle) -> None:
    shader = next(iter(renderer.iter("colorrampshader")), None)
    if shader is None:
        raise SourceRefused(style.name, "its renderer has no colorrampshader", "classify the layer and save it again")
    written = shader.get("colorRampType", "INTERPOLATED").upper()
    if written not in _TYPES:
        raise SourceRefused(style.name, f"colorRampType {written[:40]!r} is unknown", f"it is {', '.join(_TYPES)}")
    style.shading = _TYPES[written]  # type: ignore[assignment]  # one of its three words
    style.expect(shader.attrib, {"clip": {"0"}})
    for item in _items(shader, "item"):
        value = item.get("value", "")
        style.add(value, item.get("color", ""), alpha=_alpha(item, style), label=item.get("label", ""))
    if style.shading == "intervals":  # the upper end belongs to the interval in QGIS, to the next one here
        style.stops = [replace(stop, value=math.nextafter(stop.value, math.inf)) for stop in style.stops]


def _paletted(renderer: Any, style: ImportedStyle) -> None:
    style.shading = "values"
    for item in _items(renderer, "paletteEntry"):
        style.add(item.get("value", ""), item.get("color", ""), alpha=_alpha(item, style), label=item.get("label", ""))


def _gray(renderer: Any, style: ImportedStyle) -> None:
    stretch = renderer.find("contrastEnhancement")
    algorithm = "" if stretch is None else (stretch.findtext("algorithm") or "").strip()
    if stretch is None or algorithm == "NoEnhancement":
        raise SourceRefused(style.name, "its grey has no minimum and maximum", "stretch it to a minimum and a maximum")
    if algorithm not in ("StretchToMinimumMaximum", "StretchAndClipToMinimumMaximum"):
        style.unknown(f"contrast enhancement {algorithm[:40]!r} is taken for StretchToMinimumMaximum")
    if algorithm == "StretchAndClipToMinimumMaximum":
        style.unknown("values beyond the stretch are not clipped, but drawn as its ends")
    colors = ("#000000", "#ffffff")
    if renderer.get("gradient") == "WhiteToBlack":
        colors = ("#ffffff", "#000000")
    for element, color in zip(("minValue", "maxValue"), colors, strict=True):
        style.add(stretch.findtext(element) or "", color)


def _items(parent: Any, name: str) -> Iterator[Any]:
    yield from parent.iter(name)


def _alpha(item: Any, style: ImportedStyle) -> float:
    return style.share(item.get("alpha", "255"), "alpha of a colour", whole=_BYTE)
