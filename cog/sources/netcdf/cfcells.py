"""CF conventions: packing, and which cells of a NetCDF variable are no data."""

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
"""What the NetCDF library writes into float cells that nobody wrote."""
_DEFAULT_FILL_CELLS = "Cells that hold the NetCDF default fill value 9.96921e36"


@dataclass(frozen=True, kw_only=True)
class Packing:
    """physical = stored * scale + offset (CF conventions 8.1)."""

    scale: float
    offset: float


def packing(variable: NcVariable, said: VariableDeclaration) -> Packing:
    """Scale and offset, declared or stated."""
    scale = said.scale if said.scale is not None else cf.attribute(variable, "scale_factor")
    offset = said.offset if said.offset is not None else cf.attribute(variable, "add_offset")
    return Packing(scale=1.0 if scale is None else float(scale), offset=0.0 if offset is None else float(offset))


def cell_rules(
    variable: NcVariable, said: VariableDeclaration, packed: Packing, *, path: Path
) -> tuple[CellRules, tuple[str, ...]]:
    """Which cells are no data (CF conventions 2.5.1 and 8.1), and what of it changes stored values, in words."""
    dtype = stored_dtype(variable)
    fills = numbers(variable, "_FillValue", dtype)
    missing = [v for v in numbers(variable, "missing_value", dtype) if fits(v, dtype.name)]
    valid = said.valid_range or _valid_range(variable, dtype, packed)
    nodata = said.fill if said.fill is not None else next(iter([*fills, *missing]), None)
    notes: list[str] = []
    if dtype.kind == "f" and not fills:
        # only cells of a variable without `_FillValue` are prefilled with the default one
        missing.append(float(dtype.type(DEFAULT_FILL)))
        if said.fill is None or dtype.type(said.fill) != dtype.type(DEFAULT_FILL):
            notes.append(f"{_DEFAULT_FILL_CELLS} became no data{_or_nan(nodata)}.")
        nodata = float("nan") if nodata is None else nodata
    if nodata is None and valid is not None:
        nodata = fill_outside(valid, dtype.name)
    if nodata is not None and not fits(nodata, dtype.name):
        raise SourceRefused(path, f"the fill value {nodata!r} is no {dtype.name} value", "declare `fill`")
    others = tuple(v for v in dict.fromkeys([*fills, *missing]) if v != nodata and not np.isnan(v))
    stated = [v for v in others if dtype.kind != "f" or v != float(dtype.type(DEFAULT_FILL))]
    if nodata is not None and stated:
        notes.append(f"Cells that hold {', '.join(f'{v:g}' for v in stated)} became no data ({nodata:g}).")
    if valid is not None and nodata is not None and narrows(valid, dtype, nodata):
        notes.append(_outside(variable, valid))
    return CellRules(dtype=dtype.name, nodata=nodata, missing=others, valid=valid), tuple(notes)


def is_assumed(note: str) -> bool:
    """Whether a note on cells tells of a fill value that nobody states."""
    return note.startswith(_DEFAULT_FILL_CELLS)


def _or_nan(nodata: float | None) -> str:
    return ", as NaN is: no fill value is stated" if nodata is None else f" ({nodata:g})"


def _outside(variable: NcVariable, valid: tuple[float, float]) -> str:
    flags = flags_outside(variable, valid)
    named = f", which are the flags {flags}," if flags else ""
    return f"Cells outside the valid range {valid[0]:g} to {valid[1]:g} (stored values){named} became no data."


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
