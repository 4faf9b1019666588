"""Variables of a NetCDF file by their paths, and the ones that a name means in a group (CF conventions 2.7)."""

from __future__ import annotations

from collections.abc import Iterator

import netCDF4

from cog.sources.netcdf.cf import NcVariable

MAX_DEPTH = 32
"""Groups within groups that are looked into."""


def variables_by_path(file: netCDF4.Dataset) -> dict[str, NcVariable]:
    """Every variable by its path from the root group, without a leading slash: `lat`, `Grid/precipitation`."""
    return {path_of(variable): variable for group in _groups(file, MAX_DEPTH) for variable in group.variables.values()}


def _groups(group: netCDF4.Dataset, depth: int) -> Iterator[netCDF4.Dataset]:
    yield group
    if depth:
        for child in group.groups.values():
            yield from _groups(child, depth - 1)


def path_of(variable: NcVariable) -> str:
    """The path of a variable from the root group, without a leading slash."""
    return f"{variable.group().path}/{variable.name}".lstrip("/")


def find(home: NcVariable, name: str) -> NcVariable | None:
    """The variable that a name means in another's group: by path, else in that group or the nearest one around it."""
    group: netCDF4.Dataset | None = home.group()
    if "/" in name:
        return _by_path(group, name)
    while group is not None:
        if name in group.variables:
            return group.variables[name]
        group = group.parent
    return None


def _by_path(group: netCDF4.Dataset | None, path: str) -> NcVariable | None:
    """The variable of an absolute path, or of one relative to a group, in which `..` is the group around it."""
    if path.startswith("/"):
        while group is not None and group.parent is not None:
            group = group.parent
    *folders, name = [part for part in path.split("/") if part not in ("", ".")]
    for folder in folders:
        if group is None:
            return None
        group = group.parent if folder == ".." else group.groups.get(folder)
    return None if group is None else group.variables.get(name)


def neighbours(home: NcVariable) -> list[NcVariable]:
    """The variables of another's group and of those around it, nearest first."""
    group: netCDF4.Dataset | None = home.group()
    by_name: dict[str, NcVariable] = {}
    while group is not None:
        for name, variable in group.variables.items():
            by_name.setdefault(name, variable)
        group = group.parent
    return list(by_name.values())
