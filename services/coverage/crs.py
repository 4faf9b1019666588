"""How a grid's CRS is named to clients, and in which order its coordinates are told."""

from __future__ import annotations

from functools import lru_cache

from pyproj import CRS

from config.grids import Grid
from config.vocabulary import CRS84_URI, epsg_uri

METRES_PER_DEGREE = 111_319.490_793_273_58

_KNOWN_CRSS = 256
"""CRS texts whose properties are kept: comparing one with the register takes a quarter of a second."""


def crs_uri(grid: Grid, collection_url: str) -> str:
    """The URI of a grid's CRS: of OGC where the register has it, else the resource of ours that defines it.

    It stands in a collection's `crs` and `storageCrs`, in its domain set and in Content-Crs.
    """
    if grid.is_geographic:
        return CRS84_URI
    code = _epsg(grid.crs)
    return f"{collection_url}/coverage/crs" if code is None else epsg_uri(code)


def metres_per_unit(grid: Grid) -> float:
    """Metres in a unit of the grid's coordinates; a degree is counted along the equator (OGC 17-083r4, 6.2)."""
    if grid.is_geographic:
        return METRES_PER_DEGREE
    return _metres(grid.crs)


def bounds_text(grid: Grid) -> str:
    """The grid's bounds as in a Content-Bbox header: low corner, high corner, in the axis order of the CRS."""
    west, south, east, north = grid.bounds
    ends = (south, west, north, east) if _north_first(grid) else (west, south, east, north)
    return ",".join(repr(float(v)) for v in ends)


def _north_first(grid: Grid) -> bool:
    return False if grid.is_geographic else _directions(grid.crs) == ("north", "east")


@lru_cache(maxsize=_KNOWN_CRSS)
def _epsg(crs: str) -> int | None:
    code = CRS.from_user_input(crs).to_epsg(min_confidence=100)
    return None if code is None else int(code)


@lru_cache(maxsize=_KNOWN_CRSS)
def _metres(crs: str) -> float:
    found = CRS.from_user_input(crs)
    return METRES_PER_DEGREE if found.is_geographic else float(found.axis_info[0].unit_conversion_factor)


@lru_cache(maxsize=_KNOWN_CRSS)
def _directions(crs: str) -> tuple[str, ...]:
    return tuple(axis.direction for axis in CRS.from_user_input(crs).axis_info[:2])
