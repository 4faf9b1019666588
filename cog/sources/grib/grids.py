"""The grid of a GRIB message."""

from __future__ import annotations

from collections.abc import Callable
from math import copysign
from pathlib import Path
from typing import Any

import numpy as np
import pyproj

from cog.sources.axes import edge_and_step
from cog.sources.crs import grid_crs
from cog.sources.declared import MAX_CELLS
from cog.sources.grib.messages import Message
from config.errors import SourceRefused
from config.grids import Grid

_WGS84 = 5
"""Code of the WGS 84 ellipsoid (GRIB 2 code table 3.2)."""
_REGRID = "regrid it to a regular grid first, for example with cdo remapbil or grib_to_netcdf"
_WHY = {
    "reduced_gg": "a reduced Gaussian grid, whose rows have different numbers of points",
    "reduced_ll": "a reduced grid, whose rows have different numbers of points",
    "regular_gg": "a Gaussian grid, whose rows are not evenly spaced",
    "rotated_ll": "a rotated grid, whose pole is not the Earth's",
    "sh": "spherical harmonic coefficients, not a grid of points",
    "unstructured_grid": "an unstructured grid",
    "healpix": "a HEALPix grid",
}


def grib_grid(message: Message, *, path: Path) -> tuple[Grid, tuple[str, ...]]:
    """The grid of a message as stored, from its first point on, and notes on its CRS; raises SourceRefused."""
    kind = str(message.get("gridType"))
    if kind in ("regular_ll", *_PROJECTIONS):
        _require_size(message, kind, path)
    if kind == "regular_ll":
        return _regular(message, path)
    if kind in _PROJECTIONS:
        return _projected(message, kind, path)
    raise SourceRefused(path, f"its fields are on {_WHY.get(kind, f'a grid of the type {kind}')}", _REGRID)


def _require_size(message: Message, kind: str, path: Path) -> None:
    """Raise SourceRefused unless the rows and columns of a grid hold as many points as the message states."""
    width, height = (message.get(f"N{x}") or message.get(f"N{i}") for x, i in (("x", "i"), ("y", "j")))
    points = message.get("numberOfDataPoints")
    sound = all(isinstance(number, int) and number > 0 for number in (width, height, points))
    if not sound or width * height != points or points > MAX_CELLS:
        cause = f"the section of its {kind} grid is damaged: it states {width} x {height} points, and {points} of all"
        raise SourceRefused(path, cause, "check that the file is whole")


def _geodetic(message: Message) -> dict[str, float]:
    """The semi-axes of the Earth in metres, as the message states them."""
    radius = message.get("radius")
    if radius:
        return {"a": float(radius), "b": float(radius)}
    major, minor = message.get("earthMajorAxisInMetres"), message.get("earthMinorAxisInMetres")
    return {"a": float(major or 6371229), "b": float(minor or 6371229)}


def _regular(message: Message, path: Path) -> tuple[Grid, tuple[str, ...]]:
    width, height = int(message.get("Ni")), int(message.get("Nj"))
    west, east = (float(message.get(f"longitudeOf{w}GridPointInDegrees")) for w in ("First", "Last"))
    north, south = (float(message.get(f"latitudeOf{w}GridPointInDegrees")) for w in ("First", "Last"))
    if not message.get("iScansNegatively") and east < west:
        east += 360
    if message.get("iScansNegatively") and east > west:
        east -= 360
    # messages round degrees to 1e-6 (edition 2) or 1e-3 (edition 1)
    unit = 1e-3 if message.get("edition") == 1 else 1e-6
    edges = [
        edge_and_step(np.linspace(*ends, count), name=name, path=path, degrees=True, rounding=unit)
        for name, ends, count in (("longitude", (west, east), width), ("latitude", (north, south), height))
    ]
    (left, dx), (top, dy) = edges
    if message.get("edition") != 1 and message.get("shapeOfTheEarth") == _WGS84:
        crs = pyproj.CRS.from_epsg(4326)
    else:
        crs = pyproj.CRS.from_dict({"proj": "longlat", **_geodetic(message), "no_defs": True})
    text, notes = grid_crs(crs, path=path)
    return Grid(crs=text, transform=(dx, 0.0, left, 0.0, dy, top), width=width, height=height), notes


def _lambert(message: Message) -> dict[str, Any]:
    return {
        "proj": "lcc",
        "lat_1": message.get("Latin1InDegrees"),
        "lat_2": message.get("Latin2InDegrees"),
        "lat_0": message.get("LaDInDegrees"),
        "lon_0": message.get("LoVInDegrees"),
    }


def _stereographic(message: Message) -> dict[str, Any]:
    pole = -90 if message.get("projectionCentreFlag") else 90
    true_at = message.get("LaDInDegrees")
    return {
        "proj": "stere",
        "lat_0": pole,
        "lat_ts": copysign(60.0 if true_at is None else float(true_at), pole),
        "lon_0": message.get("orientationOfTheGridInDegrees"),
    }


def _mercator(message: Message) -> dict[str, Any]:
    return {"proj": "merc", "lat_ts": message.get("LaDInDegrees"), "lon_0": 0.0}


def _azimuthal(message: Message) -> dict[str, Any]:
    return {
        "proj": "laea",
        "lat_0": message.get("standardParallelInDegrees"),
        "lon_0": message.get("centralLongitudeInDegrees"),
    }


_PROJECTIONS: dict[str, Callable[[Message], dict[str, Any]]] = {
    "lambert": _lambert,
    "polar_stereographic": _stereographic,
    "mercator": _mercator,
    "lambert_azimuthal_equal_area": _azimuthal,
}


def _projected(message: Message, kind: str, path: Path) -> tuple[Grid, tuple[str, ...]]:
    """A grid of metres: its first point is projected, the others follow it at even steps."""
    try:
        crs = pyproj.CRS.from_dict({**_PROJECTIONS[kind](message), **_geodetic(message), "units": "m", "no_defs": True})
        place = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
        lon, lat = (float(message.get(f"{name}OfFirstGridPointInDegrees")) for name in ("longitude", "latitude"))
        x, y = place.transform(lon, lat)
        dx, dy = _steps_in_metres(message)
    except (TypeError, ValueError, pyproj.exceptions.ProjError) as error:
        raise SourceRefused(path, f"its {kind} grid is not understood: {error}", _REGRID) from error
    width, height = int(message.get("Nx") or message.get("Ni")), int(message.get("Ny") or message.get("Nj"))
    _require_last_point(message, crs, (x + dx * (width - 1), y + dy * (height - 1)), kind=kind, path=path)
    text, notes = grid_crs(crs, path=path)
    transform = (dx, 0.0, x - dx / 2, 0.0, dy, y - dy / 2)
    return Grid(crs=text, transform=transform, width=width, height=height), notes


def _steps_in_metres(message: Message) -> tuple[float, float]:
    across = next(
        float(v) for n in ("DxInMetres", "DiInMetres", "xDirectionGridLengthInMetres", "Dx") if (v := message.get(n))
    )
    down = next(
        float(v) for n in ("DyInMetres", "DjInMetres", "yDirectionGridLengthInMetres", "Dy") if (v := message.get(n))
    )
    return (-across if message.get("iScansNegatively") else across), (
        down if message.get("jScansPositively") else -down
    )


def _require_last_point(message: Message, crs: pyproj.CRS, last: tuple[float, float], *, kind: str, path: Path) -> None:
    """Raise SourceRefused unless the last point lies where the GRIB library puts it, if it computes points at all."""
    expected = message.last_point()
    if expected is None:
        return
    lon, lat = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True).transform(*last)
    off = max(abs((lon - expected[0] + 180) % 360 - 180), abs(lat - expected[1]))
    if off > 1e-2:
        cause = f"its {kind} grid ends {off:.3g} degrees from where the GRIB library puts its last point"
        raise SourceRefused(path, cause, _REGRID)
