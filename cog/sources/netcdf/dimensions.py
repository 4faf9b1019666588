"""The axis that each dimension of a NetCDF variable is, and the coordinates that say so."""

from __future__ import annotations

from netCDF4 import Dataset

from cog.sources.netcdf import cf
from cog.sources.netcdf.cf import NcVariable
from cog.sources.netcdf.curvilinear import places_of
from cog.sources.netcdf.scope import find, path_of, variables_by_path
from config.datasets import VariableDeclaration

AXES = ("x", "y", "time", "level")
_UNKNOWN = "/"
"""Begins the name of a dimension that is no known axis, as no name in a file does."""


def roles(file: Dataset) -> dict[str, str]:
    """What variables are to others that use them, by path: bounds, grid mappings, auxiliary coordinates."""
    found: dict[str, str] = {}
    for variable in variables_by_path(file).values():
        for name, role in cf.references(variable).items():
            used = find(variable, name)
            if used is not None:
                found.setdefault(path_of(used), role)
    return found


def axes_of(variable: NcVariable, declared: VariableDeclaration | None = None) -> tuple[str, ...]:
    """The axis of each dimension: x, y, time, level, or `/` and the name of an unknown one.

    The dimensions of cells that have latitudes and longitudes of their own are y and x, too.
    """
    if declared is not None and declared.dims and len(declared.dims) == variable.ndim:
        return tuple(declared.dims)
    axes = []
    for dim in variable.dimensions:
        coordinate = coordinate_of(variable, dim)
        axis = cf.axis_of(coordinate) if coordinate is not None else None
        axes.append(axis or f"{_UNKNOWN}{dim}")
    places = None if {"x", "y"} <= set(axes) else places_of(variable)
    if places is not None:
        across = dict(zip(places[0].dimensions, ("y", "x"), strict=True))
        axes = [across.get(dim, axis) for dim, axis in zip(variable.dimensions, axes, strict=True)]
    return tuple(axes)


def is_unknown(axis: str) -> bool:
    """Whether a dimension is no known axis."""
    return axis.startswith(_UNKNOWN)


def shown(axis: str) -> str:
    """The name of an axis, or of a dimension that is none, for people."""
    return axis.removeprefix(_UNKNOWN)


def example_of(axes: tuple[str, ...]) -> str:
    """The `dims` that may be meant, for a remedy: an unknown dimension of months is the time, another the levels."""
    taken = set(axes)
    example = []
    for axis in axes:
        name = shown(axis)
        if is_unknown(axis):
            is_time = any(word in name.lower() for word in ("time", "month", "year", "day", "date", "season", "hour"))
            name = "time" if "time" not in taken and (is_time or "level" in taken) else "level"
            taken.add(name)
        example.append(name)
    return ", ".join(example)


def coordinate_of(variable: NcVariable, dim: str) -> NcVariable | None:
    """The coordinate variable of a dimension, else the auxiliary one-dimensional one that is an axis."""
    own = find(variable, dim)
    if own is not None and own.dimensions == (dim,):
        return own
    auxiliary = (find(variable, name) for name in cf.words(variable, "coordinates").split())
    return next((c for c in auxiliary if c is not None and c.dimensions == (dim,) and cf.axis_of(c)), None)


def time_of(variable: NcVariable, axes: tuple[str, ...]) -> NcVariable | None:
    """The time coordinate: of the time dimension, else a scalar one among the auxiliary coordinates."""
    if "time" in axes:
        return coordinate_of(variable, variable.dimensions[axes.index("time")])
    auxiliary = [find(variable, name) for name in cf.words(variable, "coordinates").split()]
    scalars = [c for c in auxiliary if c is not None and c.size == 1 and cf.axis_of(c) == "time"]
    return scalars[0] if len(scalars) == 1 else None
