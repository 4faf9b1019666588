"""Coordinate reference systems of sources, as `config.grids.Grid.crs` holds them."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from pyproj.exceptions import CRSError
from rasterio.io import MemoryFile

from config.errors import SourceRefused
from config.grids import CRS84

_WGS84 = ("WGS 84", "WGS84", "World Geodetic System 1984")
_EQUAL_COORDINATES = (
    "Longitudes and latitudes refer to {name}; they are served as OGC:CRS84 with equal coordinates, "
    "without a datum shift."
)


def raster_crs(crs: str) -> rasterio.CRS:
    """A `Grid.crs` as rasterio writes it; longitude and latitude on WGS 84 is EPSG:4326 in a GeoTIFF."""
    return rasterio.CRS.from_user_input("EPSG:4326" if crs == CRS84 else crs)


def grid_crs(crs: pyproj.CRS, *, path: Path) -> tuple[str, tuple[str, ...]]:
    """The text of `Grid.crs` for a CRS, and what was done to it; raises SourceRefused for one a GeoTIFF cannot hold."""
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    if crs.is_compound:
        text, notes = grid_crs(crs.sub_crs_list[0], path=path)
        return text, (*notes, f"The vertical part of its coordinate reference system {crs.name!r} was left out.")
    if crs.is_geographic and not crs.is_derived:
        return _geographic(crs)
    if not crs.is_projected:
        cause = f"its coordinate reference system {crs.name!r} ({crs.type_name}) is neither geographic nor projected"
        raise SourceRefused(path, cause, "warp it to a geographic or projected one first")
    code = crs.to_epsg(min_confidence=100)
    text = f"EPSG:{code}" if code else crs.to_wkt("WKT2_2019")
    if not code and not _survives_geotiff(text):
        raise SourceRefused(path, f"a GeoTIFF cannot hold its projection {crs.name!r}", "warp it to an EPSG one first")
    return text, ()


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


def _survives_geotiff(text: str) -> bool:
    """Whether a GeoTIFF gives the CRS back that was written to it."""
    original = rasterio.CRS.from_user_input(text)
    options: dict[str, Any] = {"driver": "GTiff", "width": 1, "height": 1, "count": 1, "dtype": "uint8"}
    with MemoryFile() as memory:
        with memory.open(**options, crs=original, transform=rasterio.Affine(2, 0, 10, 0, -2, 10)):
            pass
        with memory.open() as dataset:
            return bool(dataset.crs == original)


def parsed_crs(text: str, *, path: Path) -> pyproj.CRS:
    """A CRS from a declaration's or a file's text; raises SourceRefused."""
    try:
        return pyproj.CRS.from_user_input(text)
    except CRSError as error:
        cause = f"the coordinate reference system {text[:80]!r} is unknown"
        raise SourceRefused(path, cause, "write OGC:CRS84, EPSG:<code> or WKT") from error


def cf_crs(mapping: dict[str, Any], *, path: Path) -> tuple[pyproj.CRS, tuple[str, ...]]:
    """The CRS of a CF grid mapping (CF conventions, appendix F), and what was decided; raises SourceRefused.

    Where the file also states its CRS in another form (`crs_wkt`, `spatial_ref`, `proj4text`, `srid`), all must mean
    the same places. Where two or more other forms agree and CF's parameters alone differ, the other forms are right.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # names of unknown datums, which the result keeps
            parameters = {k: v for k, v in mapping.items() if k not in (*_OTHER_FORMS, "srid")}
            by_parameters = pyproj.CRS.from_cf(parameters)
            by_text = _by_text(mapping)
    except (CRSError, KeyError, ValueError) as error:
        name = mapping.get("grid_mapping_name")
        raise SourceRefused(path, f"grid mapping {name!r} cannot be understood: {error}", "declare `grid`") from error
    if all(_same_places(by_parameters, other) for other in by_text.values()):
        return by_parameters, ()
    registered = _by_code(mapping)
    alternatives = by_text | ({"srid": registered} if registered is not None else {})
    texts = {str(mapping[k]) for k in alternatives}
    first = next(iter(alternatives.values()))
    if len(texts) < _ENOUGH or not all(_same_places(first, other) for other in alternatives.values()):
        cause = "its grid mapping's CF parameters and its CRS text mean different projections"
        raise SourceRefused(path, cause, "declare `grid: {crs: EPSG:<code>}` with the right one")
    note = (
        "The grid mapping's CF parameters mean another projection than its "
        f"{' and '.join(alternatives)}, which agree with each other; the latter were taken."
    )
    return registered or first, (note,)


def _by_text(mapping: dict[str, Any]) -> dict[str, pyproj.CRS]:
    """The CRS that a grid mapping states in other forms than CF's parameters, by attribute."""
    return {k: pyproj.CRS.from_user_input(str(mapping[k])) for k in _OTHER_FORMS if mapping.get(k)}


def _by_code(mapping: dict[str, Any]) -> pyproj.CRS | None:
    """The CRS whose code a grid mapping gives as `srid`."""
    text = str(mapping.get("srid") or "")
    try:
        return pyproj.CRS.from_user_input(text) if text else None
    except CRSError:
        return None


def cf_geographic_crs(mapping: dict[str, Any], *, path: Path) -> pyproj.CRS:
    """The CRS of a grid mapping whose axes are longitudes and latitudes, on the datum that it names.

    A datum may stand in a CRS text (`crs_wkt`, ...) or as `geographic_crs_name`. Raises SourceRefused where two CRS
    texts name different ones, and for another prime meridian than Greenwich, from which no axis counts here.
    """
    reference, _ = cf_crs(mapping, path=path)
    if not reference.is_geographic or reference.is_derived:
        return reference
    by_text = [(crs.source_crs or crs) if crs.is_bound else crs for crs in _by_text(mapping).values()]
    if len({grid_crs(crs, path=path) for crs in by_text}) > 1:
        cause = "its grid mapping states two different coordinate reference systems"
        raise SourceRefused(path, cause, "declare `grid` with the right `crs`")
    reference = by_text[0] if by_text else _registered_like(reference)
    meridian = reference.prime_meridian
    if meridian is not None and meridian.longitude != 0:
        cause = f"its longitudes count from the meridian {meridian.longitude:.6g} of {meridian.name}"
        raise SourceRefused(path, cause, "warp it to a CRS that counts from Greenwich first")
    return reference


def _registered_like(crs: pyproj.CRS) -> pyproj.CRS:
    """The known geographic CRS of the same name and ellipsoid, else the CRS as it is."""
    for name in (crs.name, (crs.datum.name if crs.datum else "").replace("_", " ")):
        candidate = _geographic_by_name(_GEOGRAPHIC_OF_DATUM.get(name, name))
        if candidate is not None and candidate.ellipsoid is not None and _same_ellipsoid(candidate, crs):
            return candidate
    return crs


@lru_cache(maxsize=64)
def _geographic_by_name(name: str) -> pyproj.CRS | None:
    """The geographic CRS of a name or code; PROJ looks for a second for one that it does not know."""
    if name.lower() in ("", "undefined", "unknown"):
        return None
    try:
        crs = pyproj.CRS.from_user_input(name)
    except CRSError:
        return None
    return crs if crs.is_geographic else None


_GEOGRAPHIC_OF_DATUM = {
    "North American Datum 1983": "EPSG:4269",
    "North American Datum 1927": "EPSG:4267",
    "European Terrestrial Reference System 1989": "EPSG:4258",
    "China 2000": "EPSG:4490",
}
"""CF's `horizontal_datum_name` names a datum, and PROJ looks geographic CRSs up by their own names."""


def _same_ellipsoid(first: pyproj.CRS, second: pyproj.CRS) -> bool:
    a, b = first.ellipsoid, second.ellipsoid
    if a is None or b is None:
        return False
    near = abs(a.semi_major_metre - b.semi_major_metre) < 1e-2
    return bool(near and abs(a.inverse_flattening - b.inverse_flattening) < 1e-6)


_ENOUGH = 2
"""Other forms that must agree, differently written, to count more than CF's parameters."""
_OTHER_FORMS = ("crs_wkt", "spatial_ref", "proj4text")


def _same_places(first: pyproj.CRS, second: pyproj.CRS) -> bool:
    """Whether a metre-scale net of coordinates round the origin means the same places, to a hundredth of a degree."""
    if not (first.is_projected and second.is_projected):
        return bool(first.is_geographic == second.is_geographic)
    x, y = (v.ravel() for v in np.meshgrid(np.linspace(-2e6, 2e6, 5), np.linspace(-2e6, 2e6, 5)))
    lon, lat = geographic(first, x, y)
    other_lon, other_lat = geographic(second, x, y)
    return _apart(lon, lat, other_lon, other_lat) <= 1e-2


def geographic(crs: pyproj.CRS, x: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Longitudes and latitudes, in degrees on the CRS's own datum, of projected coordinates."""
    transformer = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon, lat = transformer.transform(x, y)
    return np.asarray(lon), np.asarray(lat)


def _apart(lon: NDArray[Any], lat: NDArray[Any], other_lon: NDArray[Any], other_lat: NDArray[Any]) -> float:
    """The greatest distance of pairs of places, in degrees of arc; not finite ones are left out, 180 if all are."""
    a, b = np.radians(lat), np.radians(other_lat)
    turn = np.radians(other_lon - lon)
    haversine = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(turn / 2) ** 2
    arcs = np.degrees(2 * np.arcsin(np.sqrt(np.clip(haversine, 0, 1))))
    finite = arcs[np.isfinite(arcs)]
    return float(finite.max()) if finite.size else 180.0


def require_same_places(
    crs: pyproj.CRS,
    centres: tuple[NDArray[Any], NDArray[Any]],
    places: tuple[NDArray[Any], NDArray[Any]],
    *,
    cell: float,
    path: Path,
) -> None:
    """Raise SourceRefused unless projected centres (x, y) lie where the file's own (longitude, latitude) say.

    All arrays are (row, column); `cell` is the size of a cell in metres; a tenth of it, and 0.001 degrees, is allowed.
    """
    lon, lat = geographic(crs, *centres)
    apart = _apart(lon, lat, *places)
    allowed = max(1e-3, cell / 111_000 / 10)
    if apart > allowed:
        cause = f"its projected coordinates lie up to {apart:.4g} degrees from its own longitudes and latitudes"
        raise SourceRefused(path, cause, "declare `grid` with the right `crs`")
