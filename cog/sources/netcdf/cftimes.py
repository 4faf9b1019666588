"""The times of a NetCDF time coordinate: numbers with a reference, or texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
from numpy.typing import NDArray

from cog.sources.calendars import as_numbers, cf_steps, text_steps, without_year_nought
from cog.sources.models import TimeStep
from cog.sources.netcdf import cf
from cog.sources.netcdf.cf import NcVariable
from cog.sources.netcdf.scope import find


def coordinate_steps(time: NcVariable, *, path: Path) -> tuple[tuple[TimeStep, ...], bool, tuple[str, ...]]:
    """The steps of a time coordinate, whether they are those of a climatology, and what was assumed of them.

    Raises SourceRefused.
    """
    calendar = cf.words(time, "calendar").lower() or "standard"
    if not cf.is_number(time):
        return text_steps(_texts(time), calendar, path=path), False, ()
    values = np.atleast_1d(as_numbers(time[...]))
    steps = cf_steps(values, cf.words(time, "units"), calendar, bounds=_bounds(time), path=path)
    nominal, assumed = without_year_nought(steps, path=path)
    return nominal, bool(cf.words(time, "climatology")) or bool(assumed), assumed


def _bounds(time: NcVariable) -> NDArray[Any] | None:
    """The bounds of each time, (time, 2), if the file has them."""
    name = cf.words(time, "climatology") or cf.words(time, "bounds")
    edges = find(time, name) if name else None
    return as_numbers(edges[...]).reshape(-1, 2) if edges is not None and edges.size == 2 * time.size else None


def _texts(time: NcVariable) -> list[str]:
    """The texts of a coordinate of strings, or of characters along its last dimension."""
    values = np.ma.getdata(time[...])
    texts = netCDF4.chartostring(values) if values.dtype.kind == "S" and values.dtype.itemsize == 1 else values
    return [str(text) for text in np.atleast_1d(texts).ravel()]
