"""Values at a point as documents: GeoJSON, HTML, plain text and GML, each bounded by the number of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

import orjson

from config.vocabulary import JSON
from services.ows.markup import DECLARATION, element, leaf

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from services.ows.point_values import PointPlace, PointValue

HTML: Final = "text/html"
TEXT: Final = "text/plain"
GML: Final = "application/vnd.ogc.gml"
GML_3: Final = "application/vnd.ogc.gml/3.1.1"


def geojson(values: Sequence[PointValue], place: PointPlace, language: str) -> bytes:
    """A FeatureCollection with a point for each layer (RFC 7946); without a geometry where it has no longitude."""
    coordinates = [place.longitude, place.latitude]
    geometry = None if None in coordinates else {"type": "Point", "coordinates": coordinates}
    features = [
        {"type": "Feature", "id": value.layer.name, "geometry": geometry, "properties": _members(value, language)}
        for value in values
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def html(values: Sequence[PointValue], place: PointPlace, language: str) -> bytes:
    """A table."""
    rows = "".join(
        f"<tr><th>{escape(value.layer.title(language))}</th><td>{escape(_written(value))}</td>"
        f"<td>{escape(value.time or '')}</td><td>{escape(_level(value))}</td></tr>"
        for value in values
    )
    head = f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(_where(place))}</title>'
    return f"{head}</head><body><table><caption>{escape(_where(place))}</caption>{rows}</table></body></html>".encode()


def plain(values: Sequence[PointValue], place: PointPlace, language: str) -> bytes:
    """A line for each layer."""
    lines = [_where(place)]
    for value in values:
        moment = ", ".join(part for part in (value.time or "", _level(value)) if part)
        lines.append(f"{value.layer.title(language)}: {_written(value)}" + (f" ({moment})" if moment else ""))
    return ("\n".join(lines) + "\n").encode()


def gml(values: Sequence[PointValue], place: PointPlace, language: str) -> bytes:
    """A wfs:FeatureCollection with a member for each layer, as clients of WMS read it (GML 3.1.1, OGC 03-105r1)."""
    point = ""
    if place.longitude is not None and place.latitude is not None:
        position = leaf("gml:pos", f"{place.longitude!r} {place.latitude!r}")
        point = element("g:geometry", element("gml:Point", position, {"srsName": "urn:ogc:def:crs:OGC:1.3:CRS84"}))
    members = "".join(
        element(
            "gml:featureMember",
            element(
                f"g:{_xml_name(value.layer.name)}",
                point + "".join(leaf(f"g:{name}", text) for name, text in _members(value, language).items() if text),
                {"gml:id": f"{_xml_name(value.layer.name)}.1"},
            ),
        )
        for value in values
    )
    spaces = {
        "xmlns:wfs": "http://www.opengis.net/wfs",
        "xmlns:gml": "http://www.opengis.net/gml",
        "xmlns:g": "urn:graticule:feature-info",
    }
    return (DECLARATION + element("wfs:FeatureCollection", members, spaces)).encode()


WRITERS: Final[dict[str, Callable[[Sequence[PointValue], PointPlace, str], bytes]]] = {
    JSON: geojson,
    HTML: html,
    TEXT: plain,
    GML: gml,
    GML_3: gml,
}
"""The formats by media type."""
WMTS_FORMATS: Final = (JSON, HTML, TEXT)


def _members(value: PointValue, language: str) -> dict[str, Any]:
    members: dict[str, Any] = {
        "layer": value.layer.name,
        "title": value.layer.title(language),
        "value": value.value if len(value.values) == 1 else list(value.values),
        "unit": value.layer.variable.unit,
        "class": value.class_name,
        "time": value.time,
        "level": value.level,
        "member": value.member,
    }
    return {name: member for name, member in members.items() if member is not None or name == "value"}


def _written(value: PointValue) -> str:
    """The values with their unit, or the name of the class."""
    if value.value is None:
        return "no data"
    numbers = ", ".join("no data" if number is None else f"{number:.7g}" for number in value.values)
    unit = value.layer.variable.unit
    text = f"{numbers} {unit}" if unit and unit != "1" else numbers
    return f"{value.class_name} ({text})" if value.class_name else text


def _level(value: PointValue) -> str:
    axis = value.layer.variable.levels
    return f"{value.level} {axis.unit or ''}".strip() if axis is not None and value.level is not None else ""


def _where(place: PointPlace) -> str:
    if place.longitude is None or place.latitude is None:
        return f"{place.x:.10g}, {place.y:.10g}"
    return f"{place.longitude:.6f}, {place.latitude:.6f}"


def _xml_name(name: str) -> str:
    return name if name[0].isalpha() else f"_{name}"
