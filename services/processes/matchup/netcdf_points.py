"""Discrete sampling geometries (CF 9): pairs written as a NetCDF file of points, and points read from such files."""

from __future__ import annotations

import base64
import binascii
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cftime
import netCDF4
import numpy as np

from cog.writers.array_netcdf import NamedArray, write_arrays
from cog.writers.netcdf import LIBRARY
from config.errors import InvalidInput, TooLarge
from config.times import gregorian, parse_time
from services.processes.matchup.points import MOST_POINTS, Point

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

_EPOCH: Final = "seconds since 1970-01-01T00:00:00Z"
_STANDARD: Final = {"lon": "longitude", "lat": "latitude", "time": "time"}
_UNITS: Final = {"lon": ("degrees_east", "degree_east"), "lat": ("degrees_north", "degree_north")}
_UTC: Final = {"units_metadata": "leap_seconds: none"}
_TEXTS: Final = ("id", "refused")


def write_pairs(rows: Sequence[Mapping[str, Any]], *, unit: str | None, measured_unit: str | None, field: str) -> bytes:
    """The rows of `pairs` as a NetCDF-4 file of feature type `point` (CF 1.11, H.1).

    Args:
        rows: Every point, with `value` and what goes with it, or the reason of its refusal.
        unit: Unit of the values; None where nobody states one.
        measured_unit: Unit of the measurements, likewise.
        field: The field in words.
    """
    seconds = [gregorian(parse_time(row["time"]).start or 0).timestamp() for row in rows]
    place = {"coordinates": "time lat lon"}
    one = {"units": "1"}
    arrays = [
        _array("time", seconds, {"standard_name": "time", "axis": "T", "units": _EPOCH, "calendar": "standard"} | _UTC),
        _array("lat", _column(rows, "lat"), {"standard_name": "latitude", "axis": "Y", "units": "degrees_north"}),
        _array("lon", _column(rows, "lon"), {"standard_name": "longitude", "axis": "X", "units": "degrees_east"}),
        _array("measured", _column(rows, "measured"), {"long_name": "measurement", **_unit(measured_unit), **place}),
        _array("value", _column(rows, "value"), {"long_name": f"value of {field}", **_unit(unit), **place}),
        _array(
            "hours",
            _column(rows, "hours"),
            {"long_name": "time of measurement less that of value", "units": "hour"} | place,
        ),
        _array("cell_lat", _column(rows, "cell_lat"), {"long_name": "middle of the cell, northward", **one, **place}),
        _array("cell_lon", _column(rows, "cell_lon"), {"long_name": "middle of the cell, eastward", **one, **place}),
        _array("cells", _column(rows, "cells"), {"long_name": "number of cells with data", **one, **place}),
        _array("cv", _column(rows, "cv"), {"long_name": "coefficient of variation", **one, **place}),
        *(_text(name, [row[name] or "" for row in rows], place) for name in _TEXTS),
    ]
    attributes = {"Conventions": "CF-1.11", "featureType": "point", "title": f"Match-ups with {field}"}
    attributes["history"] = "Paired by the process match-up of Graticule"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.nc"
        write_arrays(path, arrays, {"obs": len(rows)}, attributes)
        return path.read_bytes()


def _unit(unit: str | None) -> dict[str, str]:
    return {} if unit is None else {"units": unit}


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> list[float]:
    return [np.nan if row[name] is None else float(row[name]) for row in rows]


def _array(name: str, values: Sequence[float], attributes: Mapping[str, Any]) -> NamedArray:
    array = np.array(values, dtype="float64")
    fill = {} if name in _STANDARD else {"_FillValue": np.float64(np.nan)}
    return _named(name, array, {**attributes, **fill}, np.dtype("float64"))


def _text(name: str, values: Sequence[str], attributes: Mapping[str, Any]) -> NamedArray:
    long_names = {"id": "identifier of the measurement", "refused": "why there is no value"}
    return _named(name, np.array(values, dtype=object), {"long_name": long_names[name], **attributes}, np.dtype(str))


def _named(name: str, values: NDArray[Any], attributes: Mapping[str, Any], dtype: np.dtype[Any]) -> NamedArray:
    def blocks() -> Iterator[tuple[tuple[slice, ...], NDArray[Any]]]:
        yield (slice(0, len(values)),), values

    return NamedArray(name=name, dimensions=("obs",), dtype=dtype, attributes=attributes, blocks=blocks)


def points_of_netcdf(text: str, columns: Mapping[str, str]) -> list[Point]:
    """The points of a NetCDF file of points or trajectories, in base64, along one dimension of observations.

    Longitude, latitude and time are found by their standard names, units or axes, or as `columns` names them; masked
    values are none. Raises InvalidInput naming what is missing, or TooLarge.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(f"netcdf: this is no base64: {error}") from error
    try:
        with LIBRARY, netCDF4.Dataset("points.nc", memory=content) as file:
            return _points_of(file, columns)
    except OSError as error:
        raise InvalidInput(f"netcdf: the file cannot be read: {error}") from error


def _points_of(file: netCDF4.Dataset, columns: Mapping[str, str]) -> list[Point]:
    measured = _variable(file, "measured", columns)
    places = {name: _variable(file, name, columns) for name in _STANDARD}
    other = next((name for name, each in places.items() if each.dimensions != measured.dimensions), None)
    if len(measured.dimensions) != 1 or other is not None:
        raise InvalidInput(
            f"netcdf: {measured.name} has the dimensions {', '.join(measured.dimensions)}; points and trajectories "
            "along one dimension of observations are read, with longitude, latitude and time along the same"
        )
    if measured.size > MOST_POINTS:
        raise TooLarge(f"netcdf: {measured.size} observations are more than {MOST_POINTS}; send fewer at a time")
    values = np.ma.filled(measured[:].astype("float64"), np.nan)
    lon, lat = (np.ma.filled(places[name][:].astype("float64"), np.nan) for name in ("lon", "lat"))
    times = _times(places["time"])
    ids = [str(each) for each in file[columns["id"]][:]] if "id" in columns else [""] * len(values)
    points = []
    for row, time in enumerate(times):
        key = parse_time(time).start
        if not (-720 <= lon[row] <= 720 and -90 <= lat[row] <= 90) or key is None:  # NaN too
            raise InvalidInput(f"netcdf: observation {row}: longitude {lon[row]}, latitude {lat[row]} is no place")
        points.append(
            Point(
                row=row,
                id=ids[row],
                lon=float(lon[row]),
                lat=float(lat[row]),
                time=time,
                key=key,
                value=float(values[row]),
            )
        )
    return points


def _times(variable: Any) -> list[str]:
    """The times of a coordinate, in UTC as text; raises InvalidInput for another calendar than the Gregorian."""
    calendar = getattr(variable, "calendar", "standard")
    if calendar not in ("standard", "gregorian", "proleptic_gregorian"):
        raise InvalidInput(f"netcdf: the times are in the calendar {calendar!r:.40}; measurements have real dates")
    numbers = variable[:]
    if np.ma.is_masked(numbers):
        raise InvalidInput(f"netcdf: observation {int(np.flatnonzero(np.ma.getmaskarray(numbers))[0])} has no time")
    try:
        dates = cftime.num2date(np.ma.getdata(numbers), variable.units, "standard")
    except (ValueError, AttributeError, OverflowError) as error:
        raise InvalidInput(f"netcdf: the times have no units such as {_EPOCH}: {error}") from error
    return [date.strftime("%Y-%m-%dT%H:%M:%SZ") for date in dates]


def _variable(file: netCDF4.Dataset, role: str, columns: Mapping[str, str]) -> Any:
    """The variable of a role; raises InvalidInput naming those that there are."""
    there = ", ".join(file.variables)[:300]
    if role in columns:
        if columns[role] not in file.variables:
            raise InvalidInput(f"columns: there is no variable {columns[role]!r:.80}; there are {there}")
        return file[columns[role]]
    for variable in file.variables.values():
        standard, unit = getattr(variable, "standard_name", ""), getattr(variable, "units", "")
        if standard == _STANDARD.get(role) or unit in _UNITS.get(role, ()):
            return variable
        if role == "time" and " since " in str(unit) and getattr(variable, "axis", "T") == "T":
            return variable
    raise InvalidInput(f'columns: say which variable is {role}, such as {{"{role}": "..."}}; there are {there}')
