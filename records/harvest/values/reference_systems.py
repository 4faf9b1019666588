"""The reference systems that sources name beside coordinates, and the way from these to longitude and latitude."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_CRS84 = "OGC:CRS84"
_NAME = re.compile(
    r"(?P<by_register>https?://www\.opengis\.net/def/crs/|urn:(?:x-)?ogc:def:crs:)?"
    r"(?:https?://www\.opengis\.net/gml/srs/epsg\.xml#|(?P<authority>EPSG|OGC|CRS)[/:][0-9.]*[/:]?|SRID=)?"
    r"(?P<code>[0-9]{4,6}|CRS84h?|84)",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True)
class ReferenceSystem:
    """A reference system, and the order in which its name says that coordinates stand.

    Attributes:
        crs: As PROJ reads it.
        by_register: Whether they stand in the order of the register (GeoSPARQL 1.1, 8.5; GML), else east first.
    """

    crs: str
    by_register: bool

    @property
    def is_degrees_east_first(self) -> bool:
        """Whether coordinates are what GeoJSON has."""
        return self.crs == _CRS84

    @property
    def is_geographic(self) -> bool:
        """Whether coordinates are degrees, on whatever datum."""
        return self.is_degrees_east_first or bool(CRS.from_user_input(self.crs).is_geographic)

    def to_degrees(self, shape: BaseGeometry) -> BaseGeometry | None:
        """A geometry in longitude and latitude on WGS 84; None where it has no place there."""
        if self.is_degrees_east_first:
            return shape
        try:
            transformer = _transformer(self.crs, self.by_register)
            return shapely.transform(shape, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))
        except (CRSError, ProjError):
            return None


def reference_system(name: str) -> ReferenceSystem | None:
    """The system that a URI, a URN, `EPSG:4326` or `SRID=4326` names; None if it is none that is known."""
    match = _NAME.fullmatch(name.strip().strip("<>;"))
    if match is None:
        return None
    code = match["code"]
    if not (code.isdecimal() and len(code) > 2):
        return ReferenceSystem(_CRS84, by_register=False)
    system = ReferenceSystem(f"EPSG:{code}", by_register=match["by_register"] is not None)
    try:
        _transformer(system.crs, system.by_register)
    except (CRSError, ProjError):
        return None
    return system


@lru_cache(maxsize=64)
def _transformer(crs: str, by_register: bool) -> Transformer:
    return Transformer.from_crs(crs, _CRS84, always_xy=not by_register)
