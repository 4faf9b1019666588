"""SLD 1.0 and 1.1 (Symbology Encoding): the RasterSymbolizer of a style."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from config.errors import SourceRefused
from services.drawing.style_documents.imported_style import ImportedStyle

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES: Final = {"ramp": "ramp", "intervals": "intervals", "values": "values"}
_BEYOND: Final = {
    "ContrastEnhancement": "ContrastEnhancement is not understood beside a ColorMap",
    "ShadedRelief": "ShadedRelief is not understood",
    "OverlapBehavior": "OverlapBehavior is not understood",
    "ImageOutline": "ImageOutline is not understood",
    "Geometry": "Geometry is not understood",
}
_HUGE: Final = 1e37
"""Quantities from here on are written for an interval without an upper end."""


def read_sld(root: Any, name: str) -> ImportedStyle:
    """Read a document; raises SourceRefused for one without a RasterSymbolizer, and for colours of several bands."""
    symbolizers = list(_named(root, "RasterSymbolizer"))
    if not symbolizers:
        raise SourceRefused(name, "it has no RasterSymbolizer", "a style of raster data is needed")
    style = ImportedStyle(name=name)
    if len(symbolizers) > 1:
        style.unknown(f"it has {len(symbolizers)} RasterSymbolizers, of which the first is read")
    symbolizer = symbolizers[0]
    style.title = _title(root)
    for element in ("MinScaleDenominator", "MaxScaleDenominator", "Filter"):
        if _first(root, element) is not None:
            style.unknown(f"{element} is not understood: the style applies everywhere")
    opacity = _first(symbolizer, "Opacity")
    if opacity is not None:
        style.opacity = style.share(_text(opacity), "Opacity")
    _require_one_band(symbolizer, style)
    color_map = _first(symbolizer, "ColorMap")
    normalize = _first(symbolizer, "Normalize")
    if normalize is not None and _stretched(normalize, style):
        return style
    if color_map is None:
        raise SourceRefused(name, "its RasterSymbolizer has no ColorMap", "give it one")
    for element, sentence in _BEYOND.items():
        found = _first(symbolizer, element)
        if found is not None and (len(found) or _text(found)):
            style.unknown(sentence)
    _colors(color_map, style)
    return style


def _require_one_band(symbolizer: Any, style: ImportedStyle) -> None:
    channels = _first(symbolizer, "ChannelSelection")
    if channels is None:
        return
    if _first(channels, "RedChannel") is not None:
        raise SourceRefused(style.name, "it colours several bands", "styles of one band's values can be imported")
    source = _text(_first(channels, "SourceChannelName"))
    if source not in ("", "1"):
        style.unknown(f"SourceChannelName {source[:40]!r} is taken for the variable's own band")


def _colors(color_map: Any, style: ImportedStyle) -> None:
    interpolate, categorize = _first(color_map, "Interpolate"), _first(color_map, "Categorize")
    if interpolate is not None:
        style.expect(interpolate.attrib, {"mode": {"linear"}, "method": {"color"}})
        for point in _named(interpolate, "InterpolationPoint"):
            style.add(_text(_first(point, "Data")), _text(_first(point, "Value")))
        return
    if categorize is not None:
        _categories(categorize, style)
        return
    written = color_map.get("type", "ramp").lower()
    if written not in _TYPES:
        raise SourceRefused(style.name, f"ColorMap type {written[:40]!r} is unknown", f"it is {', '.join(_TYPES)}")
    style.shading = _TYPES[written]  # type: ignore[assignment]  # one of its three words
    style.expect(color_map.attrib, {"extended": {"true", "false"}})
    for entry in _named(color_map, "ColorMapEntry"):
        alpha = style.share(entry.get("opacity", "1"), "opacity of an entry")
        quantity = entry.get("quantity", "")
        if style.shading == "intervals" and style.number(quantity, "quantity", infinite=True) >= _HUGE:
            quantity = "inf"
        style.add(quantity, entry.get("color", ""), alpha=alpha, label=entry.get("label", ""))


def _categories(categorize: Any, style: ImportedStyle) -> None:
    """Value, Threshold, Value, ...: a colour below each threshold, and one above all (OGC 05-077r4, 11.6.1)."""
    style.shading = "intervals"
    belongs = categorize.get("thresholdsBelongTo") or categorize.get("threshholdsBelongTo") or "succeeding"
    values = [_text(element) for element in _named(categorize, "Value")]
    ends = [_text(element) for element in _named(categorize, "Threshold")]
    if len(values) != len(ends) + 1:
        raise SourceRefused(
            style.name, f"Categorize has {len(values)} colours and {len(ends)} thresholds", "one colour more is needed"
        )
    for end, color in zip((*ends, "inf"), values, strict=True):
        text = end
        if belongs == "preceding" and end != "inf":
            text = repr(math.nextafter(style.number(end, "Threshold"), math.inf))
        style.add(text, color)


def _stretched(normalize: Any, style: ImportedStyle) -> bool:
    """Whether a stretch of grey states its ends, as QGIS writes it: its ColorMap of 0 to 255 then says nothing."""
    options = {option.get("name"): _text(option) for option in _named(normalize, "VendorOption")}
    if not {"minValue", "maxValue"} <= options.keys():
        return False
    algorithm = options.get("algorithm", "StretchToMinimumMaximum")
    if algorithm != "StretchToMinimumMaximum":
        style.unknown(f"Normalize with {algorithm[:60]!r} is taken for StretchToMinimumMaximum")
    style.add(options["minValue"], "#000000")
    style.add(options["maxValue"], "#ffffff")
    return True


def _title(root: Any) -> str | None:
    user = _first(root, "UserStyle")
    if user is None:
        return None
    return next((text for name in ("Title", "Name") if (text := _text(_first(user, name)))), None)


def _named(parent: Any, name: str) -> Iterator[Any]:
    """Descendants of a local name, whatever their namespace: programs write sld:, se: and none."""
    return (e for e in parent.iter() if isinstance(e.tag, str) and etree.QName(e).localname == name)


def _first(parent: Any, name: str) -> Any:
    return next(_named(parent, name), None)


def _text(element: Any) -> str:
    return "" if element is None else "".join(element.itertext()).strip()
