"""HDF-EOS 2: grids from `StructMetadata.0`, times from `CoreMetadata.0`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import copysign
from pathlib import Path

import cftime
import pyproj
from pyproj.exceptions import CRSError

from cog.sources.crs import grid_crs
from cog.sources.models import TimeStep
from config.errors import SourceRefused
from config.grids import Grid
from config.times import key_label, order_key

_GROUP = re.compile(r"\s*GROUP=(GRID_\d+)\s(.*?)\sEND_GROUP=\1", re.DOTALL)
_FIELD = re.compile(r"OBJECT=(DataField_\d+)\s(.*?)END_OBJECT=\1", re.DOTALL)
_ORIGINS = {
    "HDFE_GD_UL": (True, True),
    "HDFE_GD_UR": (False, True),
    "HDFE_GD_LL": (True, False),
    "HDFE_GD_LR": (False, False),
}
"""Whether columns are counted from the west and rows from the north, by the corner that a grid begins at."""
_SPHERES = {
    0: (6378206.4, 6356583.8),
    8: (6378137.0, 6356752.31414),
    12: (6378137.0, 6356752.314245),
    19: (6370997.0, 6370997.0),
    20: (6371228.0, 6371228.0),
}
"""GCTP's sphere codes: semi-axes in metres of Clarke 1866, GRS 80, WGS 84 and two spheres."""


@dataclass(frozen=True, kw_only=True)
class EosGrid:
    """A grid of an HDF-EOS file, and the names of the dimensions of each field on it."""

    name: str
    grid: Grid
    notes: tuple[str, ...]
    dimensions: dict[str, tuple[str, ...]]

    @property
    def fields(self) -> frozenset[str]:
        """The names of its fields."""
        return frozenset(self.dimensions)


def eos_grids(structure: str, *, path: Path) -> list[EosGrid]:
    """The grids of `StructMetadata.0`; raises SourceRefused for one that is not understood, or for none."""
    grids = [_eos_grid(body, path) for _, body in _GROUP.findall(structure)]
    if not grids:
        what = "swaths" if re.search(r"GROUP=SWATH_\d", structure) else "no grid"
        remedy = "resample it to a grid first, for example with the HEG tool or gdalwarp -geoloc"
        raise SourceRefused(path, f"it is an HDF-EOS file of {what}", remedy)
    return grids


def _eos_grid(body: str, path: Path) -> EosGrid:
    name = _text(body, "GridName")
    projection, origin = _text(body, "Projection"), _text(body, "GridOrigin") or "HDFE_GD_UL"
    if origin not in _ORIGINS:
        raise SourceRefused(path, f"grid {name} counts its rows from {origin}", "convert it to GeoTIFF first")
    try:
        width, height = int(_text(body, "XDim")), int(_text(body, "YDim"))
        corners = [*_numbers(body, "UpperLeftPointMtrs"), *_numbers(body, "LowerRightMtrs")]
        if projection == "GCTP_GEO":
            corners = [_degrees(v) for v in corners]
        sphere, zone = (int(_text(body, key) or -1) for key in ("SphereCode", "ZoneCode"))
        crs = _crs(projection, _numbers(body, "ProjParams"), sphere, zone)
        left, top, right, bottom = corners
        text, notes = grid_crs(crs, path=path)
        across, down = (right - left) / width, (bottom - top) / height
        from_west, from_north = _ORIGINS[origin]
        transform = (
            across if from_west else -across,
            0.0,
            left if from_west else right,
            0.0,
            down if from_north else -down,
            top if from_north else bottom,
        )
        grid = Grid(crs=text, transform=transform, width=width, height=height)
    except (ValueError, KeyError, IndexError, CRSError) as error:
        cause = f"its grid {name} in projection {projection} is not understood: {_in_short(error)}"
        raise SourceRefused(path, cause, "convert it to GeoTIFF first, or declare `grid`") from error
    dimensions = {
        _text(field, "DataFieldName"): tuple(re.findall(r'"([^"]+)"', _text(field, "DimList") + '"'))
        for _, field in _FIELD.findall(body)
    }
    return EosGrid(name=name, grid=grid, notes=notes, dimensions=dimensions)


def _in_short(error: Exception) -> str:
    """What is wrong with a grid, without the internals of a library."""
    if isinstance(error, KeyError):
        return "the projection or the code of its sphere is unknown"
    return "its parameters make no projection" if isinstance(error, CRSError) else str(error)


def _text(body: str, key: str) -> str:
    match = re.search(rf"^\s*{key}=\"?(.*?)\"?\s*$", body, re.MULTILINE)
    return match[1] if match else ""


def _numbers(body: str, key: str) -> list[float]:
    return [float(part) for part in _text(body, key).strip("()").split(",") if part.strip()]


def _degrees(packed: float) -> float:
    """Degrees of an angle packed as DDDMMMSSS.SS (GCTP)."""
    value = abs(packed)
    degrees, minutes, seconds = value // 1e6, value % 1e6 // 1e3, value % 1e3
    return copysign(degrees + minutes / 60 + seconds / 3600, packed)


def _crs(projection: str, parameters: list[float], sphere: int, zone: int) -> pyproj.CRS:
    """The CRS of a GCTP projection; raises KeyError for an unknown one. A UTM zone below 0 is a southern one."""
    if projection == "GCTP_UTM":
        a, b = _SPHERES[sphere if sphere in _SPHERES else 12]
        if not 1 <= abs(zone) <= 60:
            raise ValueError(f"{zone} is no UTM zone")
        if sphere in (-1, 12):
            return pyproj.CRS.from_epsg((32700 if zone < 0 else 32600) + abs(zone))
        south = {"south": True} if zone < 0 else {}
        return pyproj.CRS.from_dict({"proj": "utm", "zone": abs(zone), "a": a, "b": b, "units": "m"} | south)
    p = [*parameters, *[0.0] * 13]
    if projection == "GCTP_GEO" and not p[0]:
        return pyproj.CRS.from_epsg(4326)
    a, b = (p[0], p[1] or p[0]) if p[0] > 0 else _SPHERES[sphere]
    if p[0] > 0 and 0 < abs(p[1]) < 1:
        b = a * (1 - abs(p[1])) ** 0.5  # the second parameter may be the square of the eccentricity, of any sign
    shape = {"a": a, "b": b, "units": "m", "no_defs": True}
    centre = {"lon_0": _degrees(p[4]), "x_0": p[6], "y_0": p[7]}
    definitions: dict[str, dict[str, float | str]] = {
        "GCTP_GEO": {"proj": "longlat"},
        "GCTP_SNSOID": {"proj": "sinu", **centre},
        "GCTP_LAMAZ": {"proj": "laea", "lat_0": _degrees(p[5]), **centre},
        "GCTP_PS": {"proj": "stere", "lat_0": copysign(90, p[5]), "lat_ts": _degrees(p[5]), **centre},
        "GCTP_CEA": {"proj": "cea", "lat_ts": _degrees(p[5]), **centre},
        "GCTP_BCEA": {"proj": "cea", "lat_ts": _degrees(p[5]), **centre},
        "GCTP_ALBERS": {
            "proj": "aea",
            "lat_1": _degrees(p[2]),
            "lat_2": _degrees(p[3]),
            "lat_0": _degrees(p[5]),
            **centre,
        },
        "GCTP_LAMCC": {
            "proj": "lcc",
            "lat_1": _degrees(p[2]),
            "lat_2": _degrees(p[3]),
            "lat_0": _degrees(p[5]),
            **centre,
        },
    }
    return pyproj.CRS.from_dict({**definitions[projection], **shape})


def eos_time(core: str) -> TimeStep | None:
    """The time of `CoreMetadata.0`: its beginning, with bounds to the second after its end; None without one."""
    dates = {key: _inventory(core, key) for key in _TIME_KEYS}
    if not dates["RANGEBEGINNINGDATE"] or not dates["RANGEENDINGDATE"]:
        return None
    start = _moment(dates["RANGEBEGINNINGDATE"], dates["RANGEBEGINNINGTIME"], extra=0)
    end = _moment(dates["RANGEENDINGDATE"], dates["RANGEENDINGTIME"] or "23:59:59", extra=1)
    if start is None or end is None:
        return None
    return TimeStep(
        label=key_label(start),
        calendar="standard",
        key=start,
        start=key_label(start),
        end=key_label(end),
        start_key=start,
        end_key=end,
    )


_TIME_KEYS = ("RANGEBEGINNINGDATE", "RANGEBEGINNINGTIME", "RANGEENDINGDATE", "RANGEENDINGTIME")


def _inventory(core: str, key: str) -> str:
    match = re.search(rf"OBJECT\s*=\s*{key}\b.*?VALUE\s*=\s*\"([^\"]*)\"", core, re.DOTALL)
    return match[1] if match else ""


def _moment(date: str, time: str, *, extra: int) -> int | None:
    """The order key of a date and a time of day, whole seconds, plus `extra` seconds."""
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?Z?", f"{date}T{time or '00:00:00'}")
    if match is None:
        return None
    try:
        moment = cftime.datetime(*(int(part) for part in match.groups()), calendar="standard")
    except ValueError:
        return None
    later = cftime.num2date(
        cftime.date2num(moment, "seconds since 1970-01-01", "standard") + extra, "seconds since 1970-01-01", "standard"
    )
    return order_key(later.year, later.month, later.day, later.hour, later.minute, later.second)
