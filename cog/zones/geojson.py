"""Polygons with properties from GeoJSON (RFC 7946), and the CRS of their coordinates. Everything is bounded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

from config.errors import InvalidInput, InvalidParameter, TooLarge
from config.grids import CRS84

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_FEATURES = 10_000
MOST_VERTICES = 500_000

_NUMBERS = (int, float)
_MOST_WKT = 20_000
_CODE = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/|urn:ogc:def:crs:|\[)?"
    r"(?P<authority>EPSG|OGC|ESRI|IGNF|IAU_2015)[:/](?:[0-9.]{0,12}[:/])?(?P<code>[A-Za-z0-9]{1,20})\]?",
    re.ASCII | re.IGNORECASE,
)
_WKT = re.compile(r"\s*(PROJCRS|PROJECTEDCRS|GEOGCRS|GEOGRAPHICCRS|GEODCRS|PROJCS|GEOGCS)\s*\[", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A polygon with properties.

    Attributes:
        number: Its place in its collection, from 0.
        id: Its id, if it has one.
        properties: As they were given.
        geometry: As it was given, or None.
        polygons: Of each polygon its rings, shell first, each closed, (n, 2) float64 as (x, y).
    """

    number: int
    id: str | int | float | None
    properties: dict[str, Any]
    geometry: dict[str, Any] | None
    polygons: tuple[tuple[NDArray[np.float64], ...], ...]

    @property
    def name(self) -> str:
        """The feature in words, for messages."""
        return f"feature {self.number}" + ("" if self.id is None else f" (id {str(self.id)[:80]!r})")


def parse_features(document: Any) -> list[Feature]:
    """The features of a FeatureCollection, a Feature, or a bare Polygon or MultiPolygon.

    Raises InvalidInput naming the feature and the reason, or TooLarge.
    """
    items = _features_of(document)
    if len(items) > MOST_FEATURES:
        raise TooLarge(f"{len(items)} features are more than {MOST_FEATURES}; ask for fewer at a time")
    features, vertices = [], 0
    for number, each in enumerate(items):
        feature = _feature(number, each)
        vertices += sum(len(ring) for rings in feature.polygons for ring in rings)
        if vertices > MOST_VERTICES:
            raise TooLarge(f"the polygons have more than {MOST_VERTICES} vertices; simplify them, or ask for fewer")
        features.append(feature)
    return features


def _features_of(document: Any) -> list[Any]:
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list) or not features:
            raise InvalidInput("polygons: a FeatureCollection has a member `features` with at least one feature")
        return features
    if kind == "Feature":
        return [document]
    if kind in ("Polygon", "MultiPolygon"):
        return [{"type": "Feature", "properties": {}, "geometry": document}]
    raise InvalidInput("polygons: a GeoJSON FeatureCollection, Feature, Polygon or MultiPolygon is needed")


def _feature(number: int, item: Any) -> Feature:
    if not isinstance(item, dict) or item.get("type") != "Feature":
        raise InvalidInput(f"feature {number}: no GeoJSON Feature")
    properties, geometry, id_ = item.get("properties"), item.get("geometry"), item.get("id")
    if not isinstance(properties, dict | None) or not isinstance(geometry, dict | None):
        raise InvalidInput(f"feature {number}: `properties` and `geometry` are objects or null")
    if not isinstance(id_, str | int | float | None) or isinstance(id_, bool):
        raise InvalidInput(f"feature {number}: an id is text or a number")
    try:
        polygons = _polygons(geometry) if geometry is not None else ()
    except InvalidInput as error:
        raise InvalidInput(f"feature {number}: {error.detail}") from error
    return Feature(number=number, id=id_, properties=properties or {}, geometry=geometry, polygons=polygons)


def _polygons(geometry: dict[str, Any]) -> tuple[tuple[NDArray[np.float64], ...], ...]:
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "Polygon":
        return (_rings(coordinates),)
    if kind != "MultiPolygon":
        raise InvalidInput(f"a geometry of type {str(kind)[:40]!r} is no Polygon and no MultiPolygon")
    if not isinstance(coordinates, list) or not coordinates:
        raise InvalidInput("the MultiPolygon has no polygon")
    return tuple(_rings(rings) for rings in coordinates)


def _rings(coordinates: Any) -> tuple[NDArray[np.float64], ...]:
    if not isinstance(coordinates, list) or not coordinates:
        raise InvalidInput("a polygon has no ring")
    return tuple(_ring(number, ring) for number, ring in enumerate(coordinates))


def _ring(number: int, positions: Any) -> NDArray[np.float64]:
    if not isinstance(positions, list) or len(positions) < 4:
        raise InvalidInput(f"ring {number}: four or more positions are needed")
    if len(positions) > MOST_VERTICES:
        raise TooLarge(f"a ring of {len(positions)} positions is longer than {MOST_VERTICES}; simplify it")
    for position in positions:
        if not isinstance(position, list) or len(position) < 2 or any(type(v) not in _NUMBERS for v in position[:2]):
            raise InvalidInput(f"ring {number}: a position is a list of two or more numbers")
    try:
        ring = np.array([position[:2] for position in positions], dtype="float64")
    except OverflowError as error:
        raise InvalidInput(f"ring {number}: a coordinate is beyond the range of a double") from error
    if not np.isfinite(ring).all():
        raise InvalidInput(f"ring {number}: a coordinate is not finite")
    if not (ring[0] == ring[-1]).all():
        raise InvalidInput(f"ring {number}: it is not closed, its first and last position differ")
    return ring


def crs_of(document: dict[str, Any], override: str | None) -> CRS:
    """The CRS of a GeoJSON document's coordinates: declared apart, or in its `crs` member (GeoJSON 2008), else CRS84.

    Raises InvalidInput or InvalidParameter.
    """
    member = _legacy_name(document.get("crs"))
    references = [parse_crs(text, name=name) for text, name in ((override, "crs"), (member, "polygons.crs")) if text]
    if len(references) > 1 and not references[0].equals(references[1], ignore_axis_order=True):
        raise InvalidInput("crs: it differs from the `crs` member of the polygons; leave one of them out")
    return references[0] if references else CRS.from_user_input(CRS84)


def _legacy_name(member: Any) -> str | None:
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        raise InvalidInput('polygons.crs: only {"type": "name", "properties": {"name": "EPSG:3857"}} is understood')
    return name


def parse_crs(text: str, *, name: str = "crs") -> CRS:
    """A projected or geographic CRS by OGC URI, URN, `EPSG:<code>` or WKT; raises InvalidParameter."""
    match = _CODE.fullmatch(text.strip())
    if match is not None:
        source = f"{match['authority'].upper()}:{match['code']}"
    elif len(text) <= _MOST_WKT and _WKT.match(text):
        source = text
    else:
        raise InvalidParameter(name, text, "give an OGC URI such as http://www.opengis.net/def/crs/EPSG/0/3857, or WKT")
    try:
        crs = CRS.from_user_input(source)
    except CRSError as error:
        raise InvalidParameter(name, text, "PROJ knows no such CRS") from error
    if not (crs.is_geographic or crs.is_projected):
        raise InvalidParameter(name, text, "a geographic or projected CRS is needed")
    return crs
