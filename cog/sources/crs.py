"""Coordinate reference systems of sources, as `config.grids.Grid.crs` holds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyproj
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from cog.grids.georeference import arcs_apart, places
from config.errors import SourceRefused
from config.grids import CRS84

_EARTH_RADIUS = 6_378_137.0
_EARTH_TOLERANCE = 0.01
_WGS84 = ("WGS 84", "WGS84", "World Geodetic System 1984")
_EQUAL_COORDINATES = (
    "Longitudes and latitudes refer to {name}; they are served as OGC:CRS84 with equal coordinates, "
    "without a datum shift."
)


def grid_crs(crs: pyproj.CRS, *, path: Path) -> tuple[str, tuple[str, ...]]:
    """The text of `Grid.crs` for a CRS, and what was done to it; raises SourceRefused for one that is not served."""
    _require_earth(crs, path)
    if crs.is_compound:
        text, notes = grid_crs(crs.sub_crs_list[0], path=path)
        return text, (*notes, f"The vertical part of its coordinate reference system {crs.name!r} was left out.")
    if crs.is_bound and crs.source_crs is not None:
        return _bound(crs, path)
    if crs.is_geographic and not crs.is_derived:
        return _geographic(crs)
    if not (crs.is_projected or crs.is_geographic):
        cause = f"its coordinate reference system {crs.name!r} ({crs.type_name}) is neither geographic nor projected"
        raise SourceRefused(path, cause, "warp it to a geographic or projected one first, for example with gdalwarp")
    code = crs.to_epsg(min_confidence=100)
    return f"EPSG:{code}" if code else crs.to_wkt("WKT2_2019"), ()


def _bound(crs: pyproj.CRS, path: Path) -> tuple[str, tuple[str, ...]]:
    """A CRS that states how its datum is shifted to another: the shift counts where the datum is not a known one."""
    source = crs.source_crs
    assert source is not None
    shift = crs.coordinate_operation
    is_shifted = shift is not None and any(float(parameter.value) != 0 for parameter in shift.params)
    if not is_shifted or source.to_epsg(min_confidence=100):
        return grid_crs(source, path=path)
    return crs.to_wkt("WKT2_2019"), ()


def _require_earth(crs: pyproj.CRS, path: Path) -> None:
    """Raise SourceRefused for a CRS of another celestial body: of another size than the Earth's."""
    ellipsoid = crs.ellipsoid
    if ellipsoid is None or abs(ellipsoid.semi_major_metre / _EARTH_RADIUS - 1) < _EARTH_TOLERANCE:
        return
    cause = (
        f"its coordinate reference system {crs.name!r} is of another celestial body than the Earth: "
        f"its radius is {ellipsoid.semi_major_metre:.10g} m"
    )
    raise SourceRefused(path, cause, "give data of the Earth, or correct the ellipsoid")


def _geographic(crs: pyproj.CRS) -> tuple[str, tuple[str, ...]]:
    datum = crs.datum.name if crs.datum else ""
    if any(name in datum for name in _WGS84):
        return CRS84, ()
    code = crs.to_epsg(min_confidence=100)
    if code:
        return f"EPSG:{code}", ()
    ellipsoid = crs.ellipsoid
    if ellipsoid is not None and ellipsoid.inverse_flattening == 0:
        name = f"a sphere of radius {ellipsoid.semi_major_metre:.10g} m"
    elif ellipsoid is not None and datum.lower() in ("", "unknown"):
        name = (
            f"an ellipsoid of {ellipsoid.semi_major_metre:.10g} m and flattening 1/{ellipsoid.inverse_flattening:.9g}"
        )
    else:
        name = f"the datum {datum or 'unknown'}"
    return CRS84, (_EQUAL_COORDINATES.format(name=name),)


def parsed_crs(text: str, *, path: Path) -> pyproj.CRS:
    """A CRS from a declaration's or a file's text; raises SourceRefused."""
    try:
        return pyproj.CRS.from_user_input(text)
    except CRSError as error:
        cause = f"the coordinate reference system {text[:80]!r} is unknown"
        raise SourceRefused(path, cause, "write OGC:CRS84, EPSG:<code> or WKT") from error


def require_same_places(
    crs: pyproj.CRS,
    centres: tuple[NDArray[Any], NDArray[Any]],
    own: tuple[NDArray[Any], NDArray[Any]],
    *,
    cell: float,
    path: Path,
) -> None:
    """Raise SourceRefused unless projected centres (x, y) lie where the file's own (longitude, latitude) say.

    All arrays are (row, column); `cell` is the size of a cell in metres; a tenth of it, and 0.001 degrees, is allowed.
    """
    lon, lat = places(crs, *centres)
    apart = arcs_apart(lon, lat, *own)
    allowed = max(1e-3, cell / 111_000 / 10)
    if apart > allowed:
        cause = f"its coordinates lie up to {apart:.4g} degrees from its own longitudes and latitudes"
        raise SourceRefused(path, cause, "declare `grid` with the right `crs`")
