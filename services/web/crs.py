"""Coordinate reference systems as clients name them, and the axis order in which their coordinates are told."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Self

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from config.errors import InvalidParameter
from config.grids import CRS84
from config.vocabulary import CRS84_URI, epsg_uri

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from config.grids import Grid

METRES_PER_DEGREE = 111_319.490_793_273_58

_KNOWN_CRSS = 256
"""CRS texts whose properties are kept: comparing one with the register takes a quarter of a second."""
_LONGEST = 300
_PLACES = 23
"""Points along each axis of an area at which a CRS is tried."""
_NAME = re.compile(
    r"\[?(?:(?:https?://www\.opengis\.net/def/crs/|urn:ogc:def:crs:)?"
    r"(?P<authority>EPSG|OGC)(?:[/:][0-9.]*)?[/:](?P<code>[0-9]{4,6}|CRS84h?)|(?P<short>CRS:?84))\]?",
    re.ASCII | re.IGNORECASE,
)
_REMEDY = "name it as http://www.opengis.net/def/crs/EPSG/0/3857, [EPSG:3857] or [OGC:CRS84]"
_WORLD = (-180.0, -90.0, 180.0, 90.0)

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A CRS of a request or an answer.

    Attributes:
        crs: As grids have it: `OGC:CRS84`, `EPSG:<code>` or WKT2, its coordinates always (east, north).
        uri: As clients are told it.
        north_first: Whether its own axis order, in which boxes are written, is north before east.
    """

    crs: str
    uri: str
    north_first: bool

    @property
    def is_degrees(self) -> bool:
        """Whether its coordinates are longitudes and latitudes."""
        return self.crs == CRS84 or bool(_crs(self.crs).is_geographic)

    @property
    def area(self) -> Bounds:
        """Where the CRS is meant to be used: (west, south, east, north) in degrees; west > east across 180."""
        area = None if self.crs == CRS84 else _crs(self.crs).area_of_use
        return _WORLD if area is None else area.bounds

    def ordered(self, box: Bounds) -> Bounds:
        """A box between (west, south, east, north) and the axis order of the CRS, either way."""
        first, second, third, fourth = box
        return (second, first, fourth, third) if self.north_first else box

    @classmethod
    def of(cls, grid: Grid, collection_url: str) -> Self:
        """The CRS of a grid."""
        north_first = False if grid.is_geographic else _north_first(grid.crs)
        return cls(crs=grid.crs, uri=crs_uri(grid, collection_url), north_first=north_first)


def parse_crs(text: str, *, name: str, native: Reference | None = None) -> Reference:
    """The CRS that a parameter names by URI, URN or CURIE: CRS84, any horizontal EPSG one, or the stored one.

    Args:
        text: As the client wrote it.
        name: The parameter, for messages.
        native: The stored CRS, which its own URI names, also where no register has it.

    Raises InvalidParameter.
    """
    if native is not None and text in (native.uri, f"[{native.uri}]"):
        return native
    match = _NAME.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if match is None or text.strip().startswith("[") != text.strip().endswith("]"):
        raise InvalidParameter(name, text, f"no CRS is known by that name; {_REMEDY}")
    code = match["code"]
    if match["short"] or not code.isdecimal():
        return Reference(crs=CRS84, uri=CRS84_URI, north_first=False)
    if match["authority"].upper() != "EPSG":
        raise InvalidParameter(name, text, f"no CRS is known by that name; {_REMEDY}")
    return _registered(int(code), text, name)


def _registered(code: int, text: str, name: str) -> Reference:
    try:
        north_first = _north_first(f"EPSG:{code}")
    except (CRSError, ProjError) as error:
        raise InvalidParameter(name, text, f"EPSG has no CRS {code} that maps can be in; {_REMEDY}") from error
    # WGS 84 with latitude first has the cells of CRS84: one name inside, two outside
    return Reference(crs=CRS84 if code == 4326 else f"EPSG:{code}", uri=epsg_uri(code), north_first=north_first)


def crs_uri(grid: Grid, collection_url: str) -> str:
    """The URI of a grid's CRS: of OGC where the register has it, else the resource of ours that defines it.

    It stands in a collection's `crs` and `storageCrs`, in its domain set and in Content-Crs.
    """
    if grid.is_geographic:
        return CRS84_URI
    code = _epsg(grid.crs)
    return f"{collection_url}/coverage/crs/{crs_key(grid.crs)}" if code is None else epsg_uri(code)


def crs_key(crs: str) -> str:
    """What tells the unregistered CRSs of one collection apart."""
    return hashlib.sha256(crs.encode()).hexdigest()[:12]


def metres_per_unit(crs: str) -> float:
    """Metres in a unit of a CRS's coordinates; a degree is counted along the equator (OGC 17-083r4, 6.2)."""
    return METRES_PER_DEGREE if crs == CRS84 else _metres(crs)


def bounds_text(grid: Grid, reference: Reference) -> str:
    """A grid's bounds as in a Content-Bbox header: low corner, high corner, in the axis order of the CRS."""
    return ",".join(repr(float(v)) for v in reference.ordered(grid.bounds))


@lru_cache(maxsize=_KNOWN_CRSS)
def _crs(crs: str) -> CRS:
    return CRS.from_user_input(crs)


@lru_cache(maxsize=_KNOWN_CRSS)
def _epsg(crs: str) -> int | None:
    code = CRS.from_user_input(crs).to_epsg(min_confidence=100)
    return None if code is None else int(code)


@lru_cache(maxsize=_KNOWN_CRSS)
def _metres(crs: str) -> float:
    parsed = _crs(crs)
    return METRES_PER_DEGREE if parsed.is_geographic else float(parsed.axis_info[0].unit_conversion_factor)


@lru_cache(maxsize=_KNOWN_CRSS)
def _north_first(crs: str) -> bool:
    """Whether a horizontal CRS has north before east; raises CRSError or ProjError for one of another kind.

    Asked of PROJ itself: the directions of polar axes, both south, do not tell.
    """
    parsed = _crs(crs)
    if not (parsed.is_geographic or parsed.is_projected) or len(parsed.axis_info) != 2:
        raise CRSError(f"{crs} is not of a plane")
    plain, eastward = Transformer.from_crs(CRS84, parsed), Transformer.from_crs(CRS84, parsed, always_xy=True)
    for longitudes, latitudes in _places(parsed):
        points = np.array(plain.transform(longitudes, latitudes)), np.array(eastward.transform(longitudes, latitudes))
        known = np.isfinite(points).all(axis=(0, 1))
        if known.any():
            return bool((points[0] != points[1])[:, known].any())
    raise CRSError(f"{crs} has no place for any point of its area")


def _places(crs: CRS) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Iterate over (longitudes, latitudes) at which to try a CRS: the middle of its area, all over it, over the earth.

    The middle need not be on the earth that the CRS shows: of a view from space, which has no area of its own, it is
    (0, 0).
    """
    area = crs.area_of_use
    west, south, east, north = _WORLD if area is None else area.bounds
    box = west, south, east + 360 if east < west else east, north
    for (left, bottom, right, top), count in ((box, 1), (box, _PLACES), (_WORLD, _PLACES)):
        along, up = (np.arange(count) + 0.5) / count, (np.arange(count) + 0.5) / count
        xs, ys = np.meshgrid(left + (right - left) * along + 0.5, bottom + (top - bottom) * up + 0.25)
        yield xs.ravel(), ys.ravel()
