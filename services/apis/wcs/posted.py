"""Requests of WCS 2.0.1 in XML (OGC 09-148r1 and the extensions) as the keywords of their KVP form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from services.ows.faults import OwsFault, invalid, missing
from services.ows.kvp import Keywords
from services.ows.xml_body import parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALLOWED: Final = {
    "GetCapabilities": {"AcceptVersions", "Sections", "AcceptFormats", "AcceptLanguages"},
    "DescribeCoverage": {"CoverageId", "Extension"},
    "GetCoverage": {"CoverageId", "DimensionTrim", "DimensionSlice", "format", "mediaType", "Extension"},
}
"""Elements below the root of each operation."""
_SIMPLE: Final = {"subsettingCrs": "subsettingcrs", "outputCrs": "outputcrs", "globalInterpolation": "interpolation"}
_SCALES: Final = {
    "ScaleAxesByFactor": ("scaleaxes", "scaleFactor"),
    "ScaleToSize": ("scalesize", "targetSize"),
    "ScaleToExtent": ("scaleextent", "low"),
}


def read_posted(body: bytes) -> Keywords:
    """The keywords of a document; raises OwsFault for one that is no request."""
    root = parse_xml(body, "request")
    operation = _name(root)
    if operation not in _ALLOWED:
        raise OwsFault("OperationNotSupported", operation[:80], f"there are {', '.join(_ALLOWED)}")
    if not root.get("service"):
        raise missing("service")
    for child in _children(root):
        if _name(child) not in _ALLOWED[operation]:
            raise invalid("request", _name(child), f"{operation} has {', '.join(sorted(_ALLOWED[operation]))}")
    items = [("service", str(root.get("service"))), ("request", operation)]
    if root.get("version"):
        items.append(("version", str(root.get("version"))))
    return Keywords.of([*items, *_items(root, operation)])


def _items(root: Any, operation: str) -> Iterator[tuple[str, str]]:
    if operation == "GetCapabilities":
        versions = [_text(e) for e in _descendants(root) if _name(e) == "Version"]
        if versions:
            yield "acceptversions", ",".join(versions)
        return
    identifiers = [_text(e) for e in _children(root) if _name(e) == "CoverageId"]
    if operation == "GetCoverage" and len(identifiers) > 1:
        raise invalid("coverageId", ",".join(identifiers), "GetCoverage answers one coverage")
    yield "coverageid", ",".join(identifiers)
    for child in _descendants(root):
        yield from _item(child)


def _item(element: Any) -> Iterator[tuple[str, str]]:
    """The keyword of an element that has one."""
    name = _name(element)
    if name == "DimensionTrim":
        ends = (_part(element, "TrimLow") or "*", _part(element, "TrimHigh") or "*")
        yield "subset", f"{_part(element, 'Dimension')}({ends[0]},{ends[1]})"
    elif name == "DimensionSlice":
        yield "subset", f"{_part(element, 'Dimension')}({_part(element, 'SlicePoint')})"
    elif name in ("format", "mediaType"):
        yield name.lower(), _text(element)
    elif name in _SIMPLE:
        yield _SIMPLE[name], _text(element)
    elif name == "ScaleByFactor":
        yield "scalefactor", _part(element, "scaleFactor")
    elif name in _SCALES:
        keyword, size = _SCALES[name]
        parts = []
        for axis in _children(element):
            value = _part(axis, size)
            value += f":{_part(axis, 'high')}" if keyword == "scaleextent" else ""
            parts.append(f"{_part(axis, 'axis')}({value})")
        yield keyword, ",".join(parts)
    elif name == "RangeSubset":
        yield "rangesubset", ",".join(map(_field, _children(element)))


def _field(item: Any) -> str:
    """A RangeItem: one component, or an interval of them."""
    interval = next((e for e in _descendants(item) if _name(e) == "RangeInterval"), None)
    if interval is not None:
        return f"{_part(interval, 'startComponent')}:{_part(interval, 'endComponent')}"
    return _part(item, "RangeComponent") or _text(item)


def _part(element: Any, name: str) -> str:
    """The text of the first descendant of that name, whatever the case of its first letter."""
    wanted = name.lower()
    return next((_text(e) for e in _descendants(element) if _name(e).lower() == wanted), "")


def _name(element: Any) -> str:
    return str(etree.QName(element).localname)


def _text(element: Any) -> str:
    return (element.text or "").strip()


def _children(element: Any) -> list[Any]:
    return [child for child in element if isinstance(child.tag, str)]


def _descendants(element: Any) -> list[Any]:
    return [child for child in element.iter() if isinstance(child.tag, str) and child is not element]
