"""CF conventions: packing, and the cells of a NetCDF variable that are no data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cog.sources.declared import fill_outside, fits, narrows
from cog.sources.layout import CellRules
from cog.sources.netcdf import cf
from cog.sources.netcdf.cf import NcVariable, numbers, stored_dtype
from cog.sources.netcdf.flags import flags_outside
from config.datasets import VariableDeclaration
from config.errors import SourceRefused

DEFAULT_FILL = float(np.float32(9.969209968386869e36))
"""The value of float cells that nobody wrote, by the NetCDF library."""
_DEFAULT_FILL_CELLS = "Cells that hold the NetCDF default fill value 9.96921e36"


@dataclass(frozen=True, kw_only=True)
class Packing:
    """physical = stored * scale + offset (CF conventions 8.1)."""

    scale: float
    offset: float


def packing(variable: NcVariable, overrides: VariableDeclaration) -> Packing:
    """Scale and offset, declared or stated."""
    scale = overrides.scale if overrides.scale is not None else cf.attribute(variable, "scale_factor")
    offset = overrides.offset if overrides.offset is not None else cf.attribute(variable, "add_offset")
    return Packing(scale=1.0 if scale is None else float(scale), offset=0.0 if offset is None else float(offset))


def cell_rules(
    variable: NcVariable, overrides: VariableDeclaration, packed: Packing, *, path: Path
) -> tuple[CellRules, tuple[str, ...]]:
    """The rules for cells without data (CF conventions 2.5.1 and 8.1), and notes on stored values that they change."""
    dtype = stored_dtype(variable)
    fills = numbers(variable, "_FillValue", dtype)
    missing = [v for v in numbers(variable, "missing_value", dtype) if fits(v, dtype.name)]
    valid = overrides.valid_range or _valid_range(variable, dtype, packed)
    nodata = overrides.fill if overrides.fill is not None else next(iter([*fills, *missing]), None)
    notes: list[str] = []
    if dtype.kind == "f" and not fills:
        # only cells of a variable without `_FillValue` are prefilled with the default one
        missing.append(float(dtype.type(DEFAULT_FILL)))
        if overrides.fill is None or dtype.type(overrides.fill) != dtype.type(DEFAULT_FILL):
            notes.append(f"{_DEFAULT_FILL_CELLS} became no data{_or_nan(nodata)}.")
        nodata = float("nan") if nodata is None else nodata
    if nodata is None and valid is not None:
        nodata = fill_outside(valid, dtype.name)
    if nodata is not None and not fits(nodata, dtype.name):
        raise SourceRefused(path, f"the fill value {nodata!r} is no {dtype.name} value", "declare `fill`")
    others = tuple(v for v in dict.fromkeys([*fills, *missing]) if v != nodata and not np.isnan(v))
    changes = [v for v in others if dtype.kind != "f" or v != float(dtype.type(DEFAULT_FILL))]
    if nodata is not None and changes:
        notes.append(f"Cells that hold {', '.join(f'{v:g}' for v in changes)} became no data ({nodata:g}).")
    if valid is not None and nodata is not None and narrows(valid, dtype, nodata):
        notes.append(_outside(variable, valid))
    return CellRules(dtype=dtype.name, nodata=nodata, missing=others, valid=valid), tuple(notes)


def is_assumed(note: str) -> bool:
    """Whether a note on cells names a fill value that nobody states."""
    return note.startswith(_DEFAULT_FILL_CELLS)


def _or_nan(nodata: float | None) -> str:
    return ", as NaN is: no fill value is stated" if nodata is None else f" ({nodata:g})"


def _outside(variable: NcVariable, valid: tuple[float, float]) -> str:
    flags = flags_outside(variable, valid)
    flag_text = f", which are the flags {flags}," if flags else ""
    return f"Cells outside the valid range {valid[0]:g} to {valid[1]:g} (stored values){flag_text} became no data."


def _valid_range(variable: NcVariable, dtype: np.dtype[Any], packed: Packing) -> tuple[float, float] | None:
    both = numbers(variable, "valid_range", dtype)
    low = both[:1] or numbers(variable, "valid_min", dtype)
    high = both[1:2] or numbers(variable, "valid_max", dtype)
    if not low and not high:
        return None
    ends = (low[0] if low else -np.inf, high[0] if high else np.inf)
    name = "valid_range" if both else "valid_min" if low else "valid_max"
    unpacked = np.asarray(cf.attribute(variable, name)).dtype.kind == "f" and dtype.kind != "f"
    if unpacked and (packed.scale, packed.offset) != (1.0, 0.0):
        # a range in the type of physical values is one of physical values (NetCDF users' guide)
        low_high = sorted((end - packed.offset) / packed.scale for end in ends)
        # half a unit of packing, so that a limit that is itself a value stays inside
        return low_high[0] - 0.5, low_high[1] + 0.5
    return float(ends[0]), float(ends[1])
