"""The grid of a GRIB message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import copysign
from pathlib import Path
from typing import Any

import numpy as np
import pyproj

from cog.grids.georeference import places
from cog.sources.axes import edge_and_step
from cog.sources.centres import Centres
from cog.sources.crs import grid_crs
from cog.sources.declared import MAX_CELLS
from cog.sources.grib.messages import GribError, Message
from config.errors import SourceRefused
from config.grids import Grid

_WGS84 = 5
"""Code of the WGS 84 ellipsoid (GRIB 2 code table 3.2)."""
_REGRID = "regrid it to a regular grid first, for example with cdo remapbil or grib_to_netcdf"
_WHY = {
    "sh": "spherical harmonic coefficients, not a grid of points",
    "unstructured_grid": "an unstructured grid",
    "healpix": "a HEALPix grid",
}


@dataclass(frozen=True, kw_only=True)
class GribGrid:
    """The grid of a message as stored, from its first point on.

    Attributes:
        grid: Regular rows and columns; None where rows are uneven.
        uneven: The centres of uneven rows, and of columns; those of the longest row of a reduced grid.
        kind: What an uneven grid is, for people.
        row_points: Number of points of each row of a reduced grid; empty for any other.
        notes: What was done to its CRS.
    """

    grid: Grid | None = None
    uneven: Centres | None = None
    kind: str = ""
    row_points: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, each row of a reduced grid being as long as the longest."""
        if self.grid is not None:
            return self.grid.height, self.grid.width
        assert self.uneven is not None
        return self.uneven.y.size, self.uneven.x.size


def grib_grid(message: Message, *, path: Path) -> GribGrid:
    """The grid of a message; raises SourceRefused."""
    kind = str(message.get("gridType"))
    if kind in _GAUSSIAN:
        return _gaussian(message, kind, path)
    grid, notes = _regular_grid(message, kind, path)
    return GribGrid(grid=grid, notes=notes)


_GAUSSIAN = {
    "regular_gg": "a Gaussian grid, whose rows are not evenly spaced",
    "reduced_gg": "a reduced Gaussian grid, whose rows have different numbers of points",
    "reduced_ll": "a reduced grid of latitudes and longitudes, whose rows have different numbers of points",
}


def _gaussian(message: Message, kind: str, path: Path) -> GribGrid:
    """A Gaussian or reduced grid; each row of a reduced one begins at Greenwich and goes round the globe.

    Those of waves leave out the rows at the poles, which then have no points.
    """
    try:
        latitudes = message.array("distinctLatitudes")
        row_points = tuple(int(n) for n in message.array("pl") if n) if kind.startswith("reduced") else ()
    except GribError as error:
        raise SourceRefused(path, f"the rows of its grid cannot be read: {error}", _REGRID) from error
    width = max(row_points) if row_points else int(message.get("Ni") or 0)
    first, last = (float(message.get(f"longitudeOf{w}GridPointInDegrees")) for w in ("First", "Last"))
    points = sum(row_points) if row_points else width * latitudes.size
    is_whole = not row_points or (first == 0 and len(row_points) == latitudes.size)
    if not is_whole or points != message.get("numberOfDataPoints") or width < 2:
        raise SourceRefused(path, f"its fields are on a part of {_GAUSSIAN[kind]}", _REGRID)
    last = 360.0 - 360.0 / width if row_points else last + 360.0 * (last < first)
    text, notes = grid_crs(_geodetic_crs(message), path=path)
    rows = latitudes[::-1] if message.get("jScansPositively") == (latitudes[0] > latitudes[-1]) else latitudes
    centres = Centres(crs=text, x=np.linspace(first, last, width), y=rows, degrees=True, notes=notes)
    return GribGrid(uneven=centres, kind=_GAUSSIAN[kind], row_points=row_points, notes=notes)


def _regular_grid(message: Message, kind: str, path: Path) -> tuple[Grid, tuple[str, ...]]:
    if kind in ("regular_ll", "rotated_ll", *_PROJECTIONS):
        _require_size(message, kind, path)
    if kind == "regular_ll":
        return _regular(message, path)
    if kind == "rotated_ll":
        return _rotated(message, path)
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


def _geodetic_crs(message: Message) -> pyproj.CRS:
    """Longitudes and latitudes on the Earth of a message."""
    if message.get("edition") != 1 and message.get("shapeOfTheEarth") == _WGS84:
        return pyproj.CRS.from_epsg(4326)
    return pyproj.CRS.from_dict({"proj": "longlat", **_geodetic(message), "no_defs": True})


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
    text, notes = grid_crs(_geodetic_crs(message), path=path)
    return Grid(crs=text, transform=(dx, 0.0, left, 0.0, dy, top), width=width, height=height), notes


def _rotated(message: Message, path: Path) -> tuple[Grid, tuple[str, ...]]:
    """A grid of latitudes and longitudes whose south pole is elsewhere (GRIB 2, template 3.1)."""
    if message.get("angleOfRotationInDegrees") or message.get("angleOfRotation"):
        raise SourceRefused(path, "its rotated grid is turned about its new pole, too", _REGRID)
    latitude, longitude = (float(message.get(f"{n}OfSouthernPoleInDegrees")) for n in ("latitude", "longitude"))
    crs = pyproj.CRS.from_cf(
        {
            "grid_mapping_name": "rotated_latitude_longitude",
            "grid_north_pole_latitude": -latitude,
            "grid_north_pole_longitude": (longitude + 360.0) % 360.0 - 180.0,
            "north_pole_grid_longitude": 0.0,
        }
    )
    plain, _ = _regular(message, path)
    a, b, c, d, e, f = plain.transform
    c -= 360.0 * round((c + a * plain.width / 2) / 360.0)
    text, notes = grid_crs(crs, path=path)
    grid = Grid(crs=text, transform=(a, b, c, d, e, f), width=plain.width, height=plain.height)
    _require_last_point(
        message, crs, (c + a * (grid.width - 0.5), f + e * (grid.height - 0.5)), kind="rotated_ll", path=path
    )
    return grid, notes


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
    west, east = (float(message.get(f"longitudeOf{w}GridPointInDegrees")) for w in ("First", "Last"))
    east += 360.0 if east < west else 0.0
    # PROJ places longitudes within half a turn of the central one: a grid across 180 degrees has its own
    centre = (west + east) / 2 if west < 180.0 < east else 0.0
    return {"proj": "merc", "lat_ts": message.get("LaDInDegrees"), "lon_0": centre}


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
    (lon,), (lat,) = places(crs, np.array([last[0]]), np.array([last[1]]))
    off = max(abs((lon - expected[0] + 180) % 360 - 180), abs(lat - expected[1]))
    if off > 1e-2:
        cause = f"its {kind} grid ends {off:.3g} degrees from where the GRIB library puts its last point"
        raise SourceRefused(path, cause, _REGRID)
