"""Flag variables (CF conventions 3.5): their classes, or the meanings of their bits."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from cog.sources.models import SourceClass, SourceFlag
from cog.sources.netcdf import cf
from cog.sources.netcdf.cf import NcVariable

_NO_UNITS = ("", "1", "none", "flag", "flags", "class", "code", "unitless", "dimensionless", "categorical", "bit")
_KEY_ENTRY = re.compile(r"(-?\d+)\s*=\s*([^=]+?)\s*(?=[,;]\s*-?\d+\s*=|[.;,]?\s*\Z)")


def flag_classes(variable: NcVariable) -> tuple[SourceClass, ...]:
    """The classes of an unpacked variable of exclusive flags; a packed one is a quantity with flags."""
    if cf.attribute(variable, "flag_masks") is not None or is_quantity(variable):
        return ()
    values = flag_numbers(variable)
    names = meanings(variable)
    if not values or len(values) != len(names):
        return ()
    return tuple(SourceClass(value=v, name=name) for v, name in zip(values, names, strict=True))


def are_flags(variable: NcVariable) -> bool:
    """Whether the cells of a variable are flags, also where it does not say clearly what they mean."""
    if is_quantity(variable) or not cf.words(variable, "flag_meanings"):
        return False
    return cf.attribute(variable, "flag_masks") is not None or bool(flag_classes(variable))


def is_quantity(variable: NcVariable) -> bool:
    """Whether a variable is a quantity, whatever flags it lists: it is packed, or has fractions and a unit."""
    if cf.attribute(variable, "scale_factor") is not None:
        return True
    has_unit = cf.words(variable, "units").lower() not in _NO_UNITS
    return has_unit and cf.is_number(variable) and variable.dtype.kind == "f"


def copied_flags(variable: NcVariable) -> tuple[str, ...]:
    """A note where a quantity of floating-point numbers lists flags, as one whose attributes were copied does."""
    listed = [name for name in ("flag_values", "flag_masks") if cf.attribute(variable, name) is not None]
    if not listed or cf.attribute(variable, "scale_factor") is not None or not is_quantity(variable):
        return ()
    unit = cf.words(variable, "units")
    return (
        f"It has the unit {unit} and fractions, so that its {' and '.join(listed)} were not taken for its meaning.",
    )


def flag_numbers(variable: NcVariable) -> list[int]:
    """The values of the exclusive flags of a variable."""
    return _whole_numbers(cf.attribute(variable, "flag_values"))


def bit_flags(variable: NcVariable) -> tuple[SourceFlag, ...]:
    """The meanings of the bits of a variable with `flag_masks`."""
    masks, names = _whole_numbers(cf.attribute(variable, "flag_masks")), meanings(variable)
    if is_quantity(variable) or not masks or len(masks) != len(names):
        return ()
    # without flag_values each mask is a flag of its own, which is on where all its bits are
    values = flag_numbers(variable) or masks
    if len(values) != len(masks):
        return ()
    return tuple(SourceFlag(mask=m, value=v, name=n) for m, v, n in zip(masks, values, names, strict=True))


def unclear_flags(variable: NcVariable) -> tuple[str, ...]:
    """A note where the meanings of flags cannot be assigned, because there are more or fewer of them than flags."""
    if not are_flags(variable) or bit_flags(variable) or flag_classes(variable):
        return ()
    masks, names = _whole_numbers(cf.attribute(variable, "flag_masks")), meanings(variable)
    note = f"Its flags have no names: the source states {len(names)} flag_meanings for {len(masks)} flag_masks."
    return (note,)


def flags_outside(variable: NcVariable, valid: tuple[float, float] | None) -> str:
    """The flags of a variable that its valid range leaves out, as `252 lakes, 254 land mask`."""
    values, names = flag_numbers(variable), meanings(variable)
    if valid is None or len(values) != len(names):
        return ""
    out = [f"{v} {n}" for v, n in zip(values, names, strict=True) if not valid[0] <= v <= valid[1]]
    return ", ".join(out)


def meanings(variable: NcVariable) -> list[str]:
    """The names of the flags, in their order."""
    return [name.replace("_", " ") for name in cf.words(variable, "flag_meanings").split()]


def _whole_numbers(values: Any) -> list[int]:
    if values is None:
        return []
    array = np.asarray(cf.numbers_in(values)) if cf.is_text(values) else np.atleast_1d(np.asarray(values))
    if array.dtype.kind not in "iuf" or not all(float(v).is_integer() for v in array):
        return []
    return [int(v) for v in array]


def key_classes(key: str) -> tuple[SourceClass, ...]:
    """The classes of a MODIS `Key`: `0=missing data, 1=no decision, 11=night`; none if it is anything else."""
    entries = _KEY_ENTRY.findall(key)
    if len(entries) < 2 or len(entries) != key.count("="):
        return ()
    return tuple(SourceClass(value=int(value), name=name) for value, name in entries)
