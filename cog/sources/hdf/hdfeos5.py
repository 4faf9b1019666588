"""HDF-EOS 5: grids of `StructMetadata.0`, which the fields do not state themselves, and the day of the granule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np

from cog.sources.hdf.hdfeos import eos_grids
from cog.sources.models import TimeStep
from config.errors import SourceRefused
from config.grids import Grid
from config.times import key_label, later, order_key

_STRUCTURE = ("HDFEOS INFORMATION", "StructMetadata.0")
_AXES = {"XDim": "x", "YDim": "y"}


@dataclass(frozen=True, kw_only=True)
class EosField:
    """A field of a grid: its grid as stored, with notes, and the axis of each dimension (`/` begins unknown ones)."""

    grid: Grid
    notes: tuple[str, ...]
    dims: tuple[str, ...]


def eos5_fields(file: netCDF4.Dataset, *, path: Path) -> dict[str, EosField]:
    """The fields of all grids by their paths; none of a file without a grid that is understood."""
    group = file.groups.get(_STRUCTURE[0])
    if group is None or _STRUCTURE[1] not in group.variables:
        return {}
    structure = str(np.asarray(group.variables[_STRUCTURE[1]][...]).item()).replace("HE5_", "")
    try:
        grids = eos_grids(structure, path=path)
    except SourceRefused:
        return {}
    return {
        f"HDFEOS/GRIDS/{grid.name}/Data Fields/{field}": EosField(grid=grid.grid, notes=grid.notes, dims=_dims(names))
        for grid in grids
        for field, names in grid.dimensions.items()
        if {"XDim", "YDim"} <= set(names)
    }


def _dims(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_AXES.get(name, f"/{name}") for name in names)


def eos5_day(file: netCDF4.Dataset) -> TimeStep | None:
    """The day of a granule, by the attributes of Aura's files."""
    hdfeos = file.groups.get("HDFEOS")
    additional = None if hdfeos is None else hdfeos.groups.get("ADDITIONAL")
    attributes = None if additional is None else additional.groups.get("FILE_ATTRIBUTES")
    names = ("GranuleYear", "GranuleMonth", "GranuleDay")
    if attributes is None or not set(names) <= set(attributes.ncattrs()):
        return None
    year, month, day = (int(np.asarray(attributes.getncattr(name)).reshape(-1)[0]) for name in names)
    start = order_key(year, month, day)
    end = later(start, "standard", days=1)
    return TimeStep(
        label=re.sub("T.*", "", key_label(start)),
        calendar="standard",
        key=start,
        start=key_label(start),
        end=key_label(end),
        start_key=start,
        end_key=end,
    )
