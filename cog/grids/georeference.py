"""The coordinate reference system of a COG: in its GeoTIFF keys where they can express it, else in a tag of ours.

The catalogue's CRS is the one that counts. Keys know no rotated pole, for example; then the file names its CRS in the
metadata item `CRS_WKT2`, has no keys of one, and `cog.reading.opener` gives it back to whatever reads the file.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from rasterio.io import MemoryFile

from config.grids import CRS84

CRS_TAG = "CRS_WKT2"
"""Metadata item of a GeoTIFF that holds, as WKT2, the CRS that its keys cannot express."""
_SAME = 1e-7
"""Degrees of arc, about a centimetre, by which places of one CRS may differ from those of its copy."""
_REACH = 2e6
"""Metres around the origin of a projection at which places are compared."""


def raster_crs(crs: str) -> rasterio.CRS:
    """A `Grid.crs` as rasterio writes it; longitude and latitude on WGS 84 is EPSG:4326 in a GeoTIFF."""
    return rasterio.CRS.from_user_input("EPSG:4326" if crs == CRS84 else crs)


def is_same_reference(one: rasterio.CRS | None, crs: str) -> bool:
    """Whether what a raster states is a `Grid.crs`: alike for GDAL, or meaning the same places."""
    expected = raster_crs(crs)
    if one is None:
        return False
    return bool(one == expected) or same_places(pyproj.CRS.from_wkt(one.to_wkt()), pyproj.CRS.from_user_input(crs))


@lru_cache(maxsize=64)
def keys_express(crs: str) -> bool:
    """Whether a GeoTIFF gives a `Grid.crs` back that was written to its keys."""
    if crs == CRS84 or crs.startswith("EPSG:"):
        return True
    options: dict[str, Any] = {"driver": "GTiff", "width": 1, "height": 1, "count": 1, "dtype": "uint8"}
    place = rasterio.Affine(2, 0, 10, 0, -2, 10)
    with MemoryFile() as memory:
        with memory.open(**options, crs=raster_crs(crs), transform=place):
            pass
        content = bytes(memory.getbuffer())  # without the side file that GDAL writes for the rest
    with MemoryFile(content) as copy, copy.open() as dataset:
        return is_same_reference(dataset.crs, crs)


def written_crs(crs: str) -> tuple[rasterio.CRS | None, dict[str, str]]:
    """What to write to the keys of a COG, and to its metadata, for a `Grid.crs`."""
    if keys_express(crs):
        return raster_crs(crs), {}
    return None, {CRS_TAG: crs}


def same_places(first: pyproj.CRS, second: pyproj.CRS, *, tolerance: float = _SAME) -> bool:
    """Whether coordinates round the origin mean the same places in two CRSs, to a tolerance in degrees of arc."""
    kinds = [(crs.is_geographic, base_of(crs) is not None) for crs in (first, second)]
    if kinds[0] != kinds[1]:
        return False
    if first.is_geographic and base_of(first) is None:
        return bool(first.equals(second, ignore_axis_order=True))
    reach = (170.0, 80.0) if first.is_geographic else (_REACH, _REACH)
    x, y = (v.ravel() for v in np.meshgrid(*(np.linspace(-r, r, 5) for r in reach)))
    return arcs_apart(*places(first, x, y), *places(second, x, y)) <= tolerance


def base_of(crs: pyproj.CRS) -> pyproj.CRS | None:
    """The geographic CRS from which a rotated one is derived, or that a projection has; None for another."""
    if crs.is_bound and crs.source_crs is not None:
        return base_of(crs.source_crs)
    if crs.is_geographic:
        return crs.source_crs if crs.is_derived else None
    return crs.geodetic_crs


def places(crs: pyproj.CRS, x: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Longitudes and latitudes, in degrees on the CRS's own datum, of its coordinates; infinite where it has none."""
    base = base_of(crs)
    if base is None:
        return np.asarray(x), np.asarray(y)
    transformer = pyproj.Transformer.from_crs(crs, base, always_xy=True)
    lon, lat = transformer.transform(x, y)
    return np.asarray(lon), np.asarray(lat)


def arcs_apart(lon: NDArray[Any], lat: NDArray[Any], other_lon: NDArray[Any], other_lat: NDArray[Any]) -> float:
    """The greatest distance of pairs of places, in degrees of arc; not finite ones are left out, 180 if all are."""
    with np.errstate(invalid="ignore"):
        a, b = np.radians(lat), np.radians(other_lat)
        turn = np.radians(other_lon - lon)
        haversine = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(turn / 2) ** 2
        arcs = np.degrees(2 * np.arcsin(np.sqrt(np.clip(haversine, 0, 1))))
    finite = arcs[np.isfinite(arcs)]
    return float(finite.max()) if finite.size else 180.0
