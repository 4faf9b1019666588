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
from cog.sources.netcdf.flags import flag_numbers, flags_outside
from config.declarations.datasets import VariableDeclaration
from config.errors import SourceRefused

_DEFAULT_FILLS: dict[str, float] = {
    "int16": -32767,
    "uint16": 65535,
    "int32": -2147483647,
    "uint32": 4294967295,
    "int64": -9223372036854775806,
    "uint64": 18446744073709551614,
    "float32": float(np.float32(9.969209968386869e36)),
    "float64": 9.969209968386869e36,
}
"""The value of cells that nobody wrote, by the NetCDF library (users' guide, fill values): of all types but bytes."""
_STATED: dict[str, float] = {
    "int64": -(2.0**63),  # no-data values are kept as float64, which has no -9223372036854775806
    "uint64": float(2**64 - 2**11),
}
"""The no-data value that stands for a default fill value which float64 does not hold."""
_DEFAULT_FILL_CELLS = "Cells that hold the NetCDF default fill value"
_IGNORED = "was ignored"


@dataclass(frozen=True, kw_only=True)
class Packing:
    """physical = stored * scale + offset (CF conventions 8.1)."""

    scale: float
    offset: float


def packing(variable: NcVariable, overrides: VariableDeclaration, *, path: Path) -> Packing:
    """Scale and offset, declared or stated; raises SourceRefused for stated ones that are no numbers."""
    scale = overrides.scale if overrides.scale is not None else _factor(variable, "scale_factor", 1.0, path)
    offset = overrides.offset if overrides.offset is not None else _factor(variable, "add_offset", 0.0, path)
    return Packing(scale=scale, offset=offset)


def _factor(variable: NcVariable, name: str, default: float, path: Path) -> float:
    values = cf.attribute(variable, name)
    if values is None:
        return default
    stated = numbers(variable, name, np.dtype("float64"))
    if len(stated) != 1 or not np.isfinite(stated[0]) or (name == "scale_factor" and stated[0] == 0):
        cause = f"the {name} {str(values)[:40]!r} of variable {variable.name} is no factor"
        raise SourceRefused(path, cause, "declare its `scale` and `offset`")
    return stated[0]


def cell_rules(
    variable: NcVariable, overrides: VariableDeclaration, packed: Packing, *, path: Path, prefilled: bool = True
) -> tuple[CellRules, tuple[str, ...]]:
    """The rules for cells without data (CF conventions 2.5.1 and 8.1), and notes on stored values that they change.

    Args:
        variable: The variable, or the attributes of an array that is none of NetCDF's.
        overrides: Its declaration.
        packed: Its packing.
        path: The source, for messages.
        prefilled: Whether the NetCDF library wrote the file, which fills cells that nobody writes.
    """
    dtype = stored_dtype(variable)
    notes: list[str] = []
    fills = _storable(variable, "_FillValue", dtype, notes)
    missing = _storable(variable, "missing_value", dtype, notes)
    valid = overrides.valid_range or _valid_range(variable, dtype, packed, notes)
    nodata = overrides.fill if overrides.fill is not None else next(iter([*fills, *missing]), None)
    default = _default_fill(variable, dtype, valid) if prefilled and not fills else None
    if default is not None:
        missing.append(default)
        if overrides.fill is None or dtype.type(overrides.fill) != dtype.type(default):
            notes.append(f"{_DEFAULT_FILL_CELLS} {default:g} became no data{_or_nan(nodata, dtype)}.")
        stated = _STATED.get(dtype.name, default)
        nodata = (float("nan") if dtype.kind == "f" else stated) if nodata is None else nodata
    if nodata is None and dtype.kind == "f":
        nodata = float("nan")
    if nodata is None and valid is not None:
        nodata = fill_outside(valid, dtype.name)
    if nodata is not None and not fits(nodata, dtype.name):
        raise SourceRefused(path, f"the fill value {nodata!r} is no {dtype.name} value", "declare `fill`")
    others = tuple(v for v in dict.fromkeys([*fills, *missing]) if v != nodata and not np.isnan(v))
    changes = [v for v in others if v != default]
    if nodata is not None and changes:
        notes.append(f"Cells that hold {', '.join(f'{v:g}' for v in changes)} became no data ({nodata:g}).")
    if valid is not None and nodata is not None and narrows(valid, dtype, nodata):
        notes.append(_outside(variable, valid))
    return CellRules(dtype=dtype.name, nodata=nodata, missing=others, valid=valid), tuple(notes)


def is_assumed(note: str) -> bool:
    """Whether a note on cells names a fill value that nobody states, or leaves out an attribute of no meaning."""
    return note.startswith(_DEFAULT_FILL_CELLS) or _IGNORED in note


def _storable(variable: NcVariable, name: str, dtype: np.dtype[Any], notes: list[str]) -> list[float]:
    """The values of an attribute that a cell can hold, and notes on the others and on those stated as text."""
    stated = cf.attribute(variable, name)
    values = numbers(variable, name, dtype)
    if stated is None:
        return []
    if cf.is_text(stated):
        text = str(stated)[:40]
        notes.append(
            f"Its {name} is the text {text!r}, {'taken as a number' if values else f'no number: it {_IGNORED}'}."
        )
    possible = [v for v in values if fits(v, dtype.name)]
    impossible = [v for v in values if not fits(v, dtype.name)]
    if impossible:
        notes.append(
            f"Its {name} {', '.join(f'{v:g}' for v in impossible)}, which no {dtype.name} cell holds, {_IGNORED}."
        )
    return possible


def _default_fill(variable: NcVariable, dtype: np.dtype[Any], valid: tuple[float, float] | None) -> float | None:
    """The value of cells that nobody wrote, unless the variable states that it means something."""
    default = _DEFAULT_FILLS.get(dtype.name)
    if default is None or default in flag_numbers(variable):
        return None
    is_stated_valid = valid is not None and dtype.kind != "f" and valid[0] <= default <= valid[1]
    return None if is_stated_valid and all(np.isfinite(valid or ())) else default


def _or_nan(nodata: float | None, dtype: np.dtype[Any]) -> str:
    if nodata is not None:
        return f" ({nodata:g})"
    return ", as NaN is: no fill value is stated" if dtype.kind == "f" else ": no fill value is stated"


def _outside(variable: NcVariable, valid: tuple[float, float]) -> str:
    flags = flags_outside(variable, valid)
    flag_text = f", which are the flags {flags}," if flags else ""
    return f"Cells outside the valid range {valid[0]:g} to {valid[1]:g} (stored values){flag_text} became no data."


def _valid_range(
    variable: NcVariable, dtype: np.dtype[Any], packed: Packing, notes: list[str]
) -> tuple[float, float] | None:
    both = numbers(variable, "valid_range", dtype)
    low = both[:1] or numbers(variable, "valid_min", dtype)
    high = both[1:2] or numbers(variable, "valid_max", dtype)
    for name in ("valid_range", "valid_min", "valid_max"):
        stated = cf.attribute(variable, name)
        if stated is not None and not numbers(variable, name, dtype):
            notes.append(f"Its {name} {str(stated)[:40]!r} is no number: it {_IGNORED}.")
    ends = (low[0] if low else -np.inf, high[0] if high else np.inf)
    if (not low and not high) or not ends[0] <= ends[1]:
        return None
    name = "valid_range" if both else "valid_min" if low else "valid_max"
    stated = cf.attribute(variable, name)
    # a range in the type of physical values is one of physical values (NetCDF users' guide)
    unpacked = dtype.kind != "f" and not cf.is_text(stated) and np.asarray(stated).dtype.kind == "f"
    if unpacked and (packed.scale, packed.offset) != (1.0, 0.0):
        low_high = sorted((end - packed.offset) / packed.scale for end in ends)
        # half a unit of packing, so that a limit that is itself a value stays inside
        return low_high[0] - 0.5, low_high[1] + 0.5
    return float(ends[0]), float(ends[1])
