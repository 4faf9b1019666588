"""Reasons, in a data manager's words, why a variable of a NetCDF file is on no regular grid."""

from __future__ import annotations

from pathlib import Path

import netCDF4

from cog.sources.netcdf import cf
from cog.sources.netcdf.cf import NcVariable
from cog.sources.netcdf.scope import find, neighbours, variables_by_path
from config.errors import SourceRefused

_REGRID = "regrid it to a regular grid first, for example with cdo remapbil or xesmf"
_IRREGULAR = ("is on a", "is stored by")
_SEEN = 6


def no_grid_reason(variable: NcVariable) -> str:
    """The reason why a variable has no two horizontal axes, as the rest of a sentence that begins with its name."""
    dims = set(variable.dimensions)
    for place in _places(variable):
        if place.ndim == 2 and set(place.dimensions) <= dims:
            what = "longitude" if cf.axis_of(place) == "x" else "latitude"
            return f"is on a curvilinear grid: its {what} {place.name} has two dimensions, and it has no other"
        if place.ndim == 1 and set(place.dimensions) <= dims:
            return f"is on an unstructured or reduced grid: its cells lie along the one dimension {place.dimensions[0]}"
    if any(cf.words(v, "compress") for d in dims if (v := find(variable, d)) is not None):
        return "is stored by gathering: only some cells of its grid are there"
    return "has no two horizontal axes"


def refusal(file: netCDF4.Dataset, skipped: list[tuple[str, str]], *, path: Path) -> SourceRefused:
    """The refusal of a file that has no variable on a grid."""
    feature = _feature_type(file)
    if feature:
        cause = f"it holds observations of the feature type {feature!r} (CF conventions 9), not a grid"
        return SourceRefused(path, cause, "grid the observations first; only gridded data become coverages")
    irregular = next(((name, why) for name, why in skipped if why.startswith(_IRREGULAR)), None)
    if irregular is not None:
        return SourceRefused(path, f"variable {irregular[0]} {irregular[1]}", _REGRID)
    seen = "; ".join(f"{name} {why}" for name, why in skipped[:_SEEN]) or "it has no variables"
    remedy = "declare each variable's `dims`, the `grid` and the `time`"
    return SourceRefused(path, f"no variable has two horizontal axes it states ({seen})", remedy)


def _feature_type(file: netCDF4.Dataset) -> str:
    """The feature type of a file of discrete sampling geometries, stated or seen from its trajectories and profiles."""
    for name in file.ncattrs():
        if name.lower() == "featuretype":
            return str(file.getncattr(name))
    roles = {cf.words(v, "cf_role") for v in variables_by_path(file).values()} - {""}
    return next((role.removesuffix("_id") for role in sorted(roles) if role.endswith("_id")), "")


def _places(variable: NcVariable) -> list[NcVariable]:
    """Coordinates of a variable that hold latitudes or longitudes and are not coordinates of an axis."""
    auxiliary = [find(variable, n) for n in cf.words(variable, "coordinates").split()]
    coordinates = [
        *(v for v in auxiliary if v is not None),
        *(v for v in neighbours(variable) if v.name != variable.name),
    ]
    return [v for v in coordinates if cf.is_position(v) and v.dimensions != (v.name,) and v.ndim > 0]
