"""The axis that each dimension of a NetCDF variable is, and the coordinates that say so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from netCDF4 import Dataset
from numpy.typing import NDArray

from cog.sources.calendars import as_numbers
from cog.sources.members import is_one_of_several, member_axis
from cog.sources.models import SourceAxis
from cog.sources.netcdf import cf
from cog.sources.netcdf.cf import NcVariable
from cog.sources.netcdf.curvilinear import places_of
from cog.sources.netcdf.scope import find, neighbours, path_of, variables_by_path
from config.declarations.datasets import DatasetDeclaration, VariableDeclaration
from config.layers import MEMBER

AXES = ("x", "y", "time", "level", MEMBER)
MEMBER_NAMES = frozenset(("member", "members", "ens", "ensemble", "ensemble_member", "realisation", "number"))
FURTHER = ("direction", "frequency")
"""Axes that stand in for levels where a variable has none, and of which each step else is a variable of its own."""
_FURTHER_NAMES = {
    "realization": MEMBER,
    "sea_surface_wave_frequency": "frequency",
    "wave_frequency": "frequency",
    "sea_surface_wave_to_direction": "direction",
    "sea_surface_wave_from_direction": "direction",
} | dict.fromkeys(MEMBER_NAMES, MEMBER)
"""Standard names, and names where there is none, of further axes."""
_UNKNOWN = "/"
"""Begins the name of a dimension that is no known axis, as no name in a file does."""


def roles(file: Dataset) -> dict[str, str]:
    """What variables are to others that use them, by path: bounds, grid mappings, auxiliary coordinates."""
    role_of: dict[str, str] = {}
    for variable in variables_by_path(file).values():
        for name, role in cf.references(variable).items():
            used = find(variable, name)
            if used is not None:
                role_of.setdefault(path_of(used), role)
    return role_of


def axes_of(variable: NcVariable, declared: VariableDeclaration | None = None) -> tuple[str, ...]:
    """The axis of each dimension: x, y, time, level, member, a further one, or `/` and the name of an unknown one.

    The dimensions of cells that have latitudes and longitudes of their own are y and x, too.
    """
    if declared is not None and declared.dims and len(declared.dims) == variable.ndim:
        return tuple(declared.dims)
    axes = []
    for dim in variable.dimensions:
        coordinate = coordinate_of(variable, dim)
        axis = cf.axis_of(coordinate) if coordinate is not None else None
        axes.append(axis or _further(coordinate, dim) or f"{_UNKNOWN}{dim}")
    places = None if {"x", "y"} <= set(axes) else places_of(variable)
    if places is not None:
        across = dict(zip(places[0].dimensions, ("y", "x"), strict=True))
        axes = [across.get(dim, axis) for dim, axis in zip(variable.dimensions, axes, strict=True)]
    return tuple(axes)


def _further(coordinate: NcVariable | None, dim: str) -> str | None:
    """The further axis that a dimension is, by the standard name of its coordinate, else by its name."""
    standard = cf.words(coordinate, "standard_name") if coordinate is not None else ""
    return _FURTHER_NAMES.get(standard or dim.lower())


def with_levels(axes: tuple[str, ...], shape: tuple[int, ...]) -> tuple[tuple[str, ...], str]:
    """Axes of which a further one stands in for levels where there are none, and the name of that one, or none.

    A single step of a further axis stands for nothing.
    """
    many = [axis for axis, size in zip(axes, shape, strict=True) if axis in FURTHER and size > 1]
    name = many[0] if many and "level" not in axes else ""
    return tuple("level" if axis == name else axis for axis in axes), name


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
    """The coordinate variable of a dimension, else the auxiliary one-dimensional one that is an axis.

    One of times that has no reference, or is that of the forecasts, gives way to the times that the data are valid at.
    """
    own = find(variable, dim)
    own = own if own is not None and own.dimensions == (dim,) else None
    if own is not None and not _is_no_time(own):
        return own
    auxiliary = [find(variable, name) for name in cf.words(variable, "coordinates").split()]
    others = auxiliary if own is None else [*auxiliary, *neighbours(variable)]
    fit = (c for c in others if c is not None and c.dimensions == (dim,) and (own is None or not _is_no_time(c)))
    other = next((c for c in fit if cf.axis_of(c) == "time" or (own is None and cf.axis_of(c))), own)
    return _texts_of(variable, dim) if other is None else other


def _texts_of(variable: NcVariable, dim: str) -> NcVariable | None:
    """The times of a dimension as texts of characters: `Times` of WRF, or one of its own name."""
    named = [find(variable, name) for name in (dim, f"{dim}s")] if dim.lower() == "time" else []
    texts = (it for it in named if it is not None and it.ndim == 2 and it.dimensions[0] == dim)
    return next((it for it in texts if getattr(it.dtype, "kind", "") == "S"), None)


def _is_no_time(coordinate: NcVariable) -> bool:
    """Whether a coordinate of times does not say when the data are valid."""
    standard, units = cf.words(coordinate, "standard_name"), cf.words(coordinate, "units")
    if standard == "forecast_reference_time":
        return True
    return cf.is_number(coordinate) and cf.axis_of(coordinate) == "time" and " since " not in units


def time_of(variable: NcVariable, axes: tuple[str, ...]) -> NcVariable | None:
    """The time coordinate: of the time dimension, else a scalar one among the auxiliary coordinates."""
    if "time" in axes:
        return coordinate_of(variable, variable.dimensions[axes.index("time")])
    auxiliary = [find(variable, name) for name in cf.words(variable, "coordinates").split()]
    scalars = [c for c in auxiliary if c is not None and c.size == 1 and cf.axis_of(c) == "time"]
    return scalars[0] if len(scalars) == 1 else None


def level_bounds(axis: NcVariable) -> NDArray[Any] | None:
    """The two ends of the layer of each level, (level, 2), if the file has them."""
    name = cf.words(axis, "bounds")
    edges = find(axis, name) if name else None
    if edges is None or edges.size != 2 * axis.size or not cf.is_number(edges):
        return None
    return as_numbers(edges[...]).reshape(-1, 2)


def members_of(
    variable: NcVariable,
    axes: tuple[str, ...],
    declared: VariableDeclaration,
    declaration: DatasetDeclaration,
    *,
    path: Path,
) -> SourceAxis | None:
    """The members of a variable: of its axis of members, else the one that a scalar coordinate names.

    One member alone counts only where it is one of several, as declared or by `is_one_of_several`.
    """
    if MEMBER not in axes:
        scalar = _scalar_member(variable)
        labels = None if scalar is None else _member_labels(scalar)
        is_declared = False
    else:
        number = axes.index(MEMBER)
        coordinate = coordinate_of(variable, variable.dimensions[number])
        labels = None if coordinate is None else _member_labels(coordinate)
        labels = labels or list(range(1, variable.shape[number] + 1))
        is_declared = MEMBER in (declared.dims or ())
    if not labels:
        return None
    if len(labels) == 1 and not is_declared:
        alone = labels[0]
        count = 1 if isinstance(alone, str) else int(alone)
        if not is_one_of_several(count, declared=declaration.ensemble):
            return None
    return member_axis(labels, path=path)


def _scalar_member(variable: NcVariable) -> NcVariable | None:
    """The scalar coordinate that names the member."""
    auxiliary = (find(variable, name) for name in cf.words(variable, "coordinates").split())
    return next((c for c in auxiliary if c is not None and c.size == 1 and _further(c, c.name) == MEMBER), None)


def _member_labels(coordinate: NcVariable) -> list[Any] | None:
    """The numbers or names of members; None where the coordinate holds neither."""
    if cf.is_number(coordinate):
        return list(as_numbers(coordinate[...]).reshape(-1))
    is_text = not isinstance(coordinate.dtype, np.dtype)
    return [str(name) for name in np.atleast_1d(coordinate[...])] if is_text else None
