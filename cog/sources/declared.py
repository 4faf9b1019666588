"""Declared variables, grids and ranges, which count more than those of the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cog.sources.crs import grid_crs, parsed_crs
from cog.sources.models import STORABLE, SourceVariable
from config.declarations.datasets import DatasetDeclaration, VariableDeclaration
from config.errors import SourceRefused
from config.grids import Grid

MAX_CELLS = 2**36
"""Most cells of one step: 262,144 x 262,144."""


def choose_variables(
    names: Sequence[str], declaration: DatasetDeclaration, *, path: Path
) -> tuple[list[tuple[str, VariableDeclaration | None]], list[tuple[str, str]]]:
    """The source variables that become part of the dataset with their declarations, and those left out with the reason.

    Without declared variables it is all of them. Raises SourceRefused when a declared one is not there.
    """
    if not declaration.variables:
        return [(name, None) for name in names], []
    if len(declaration.variables) == len(names) == 1 and declaration.variables[0].source is None:
        return [(names[0], declaration.variables[0])], []
    absent = [v.source for v in declaration.variables if v.source not in names]
    if absent:
        cause = f"it has no variable {absent[0]!r}; it has {', '.join(names) or 'none that is a grid'}"
        raise SourceRefused(path, cause, "name each variable in the declaration's `variables` as `source`")
    selection: list[tuple[str, VariableDeclaration | None]] = [(v.source or "", v) for v in declaration.variables]
    sources = {name for name, _ in selection}
    return selection, [(name, "is not declared") for name in names if name not in sources]


def usable_variables(
    selection: Sequence[tuple[str, VariableDeclaration | None]],
    describe: Callable[[str, VariableDeclaration | None], SourceVariable],
    *,
    strict: bool,
) -> tuple[tuple[SourceVariable, ...], tuple[tuple[str, str], ...]]:
    """The variables of a selection, and those that cannot be used with the reason.

    Raises SourceRefused for a declared variable, for any where `strict`, and where none can be used.
    """
    variables, unusable = [], []
    first: SourceRefused | None = None
    for name, overrides in selection:
        try:
            variables.append(describe(name, overrides))
        except SourceRefused as refused:
            if strict or overrides is not None:
                raise
            first = first or refused
            unusable.append((name, f"{refused.cause}; {refused.remedy}"))
    if first is not None and not variables:
        raise first
    return tuple(variables), tuple(unusable)


def declared_grid(
    declaration: DatasetDeclaration, *, width: int, height: int, path: Path
) -> tuple[Grid, tuple[str, ...]] | None:
    """The declared grid of an array of that shape with its CRS in our form, and notes; None without a place."""
    grid = declaration.grid.grid(width=width, height=height) if declaration.grid else None
    if grid is None:
        return None
    crs, notes = grid_crs(parsed_crs(grid.crs, path=path), path=path)
    note = "The grid is declared, not stated by the file."
    return Grid(crs=crs, transform=grid.transform, width=width, height=height), (*notes, note)


def declared_crs(declaration: DatasetDeclaration, *, path: Path) -> tuple[str, tuple[str, ...]] | None:
    """The declared CRS in our form and notes, where the declaration states nothing else of the grid; else None."""
    if declaration.grid is None or declaration.grid.origin is not None:
        return None
    crs, notes = grid_crs(parsed_crs(declaration.grid.crs, path=path), path=path)
    return crs, (*notes, "The coordinate reference system is declared, not stated by the file.")


def require_storable(dtype: np.dtype[Any], grid: Grid, *, name: str, path: Path) -> None:
    """Raise SourceRefused for a cell type, a size or an extent that is not ingested."""
    if dtype.name not in STORABLE:
        remedy = f"convert it to one of {', '.join(sorted(STORABLE))}"
        raise SourceRefused(path, f"variable {name} has cells of type {dtype.name}", remedy)
    if grid.width * grid.height > MAX_CELLS:
        cause = f"variable {name} has {grid.width * grid.height} cells a step, the limit is {MAX_CELLS}"
        raise SourceRefused(path, cause, "split it into parts")
    if grid.is_geographic:
        _require_on_the_globe(grid, path)


def _require_on_the_globe(grid: Grid, path: Path) -> None:
    west, south, east, north = grid.bounds
    cell_x, cell_y = abs(grid.transform[0]), abs(grid.transform[4])
    if east - west > 360 + cell_x * 1e-3:
        cause = f"it covers {east - west:.6g} degrees of longitude, more than the circle"
        raise SourceRefused(path, cause, "check its longitudes, or declare the right `grid`: crs, origin and cell")
    if south < -90 - 0.51 * cell_y or north > 90 + 0.51 * cell_y:
        cause = f"it reaches from {south:.6g} to {north:.6g} degrees of latitude"
        raise SourceRefused(path, cause, "check its grid: latitudes end at the poles")


def fits(value: float, dtype: str) -> bool:
    """Whether a no-data value can be stored in cells of that type."""
    if dtype.startswith("float"):
        return True
    limits = np.iinfo(dtype)
    return bool(float(value).is_integer() and limits.min <= value <= limits.max)


def fill_outside(valid: tuple[float, float], dtype: str) -> float | None:
    """A value for cells outside the valid range of a variable that has no fill value, or None if there is no room."""
    if dtype.startswith("float"):
        return float("nan")
    limits = np.iinfo(dtype)
    if valid[1] < limits.max:
        return float(limits.max)
    return float(limits.min) if valid[0] > limits.min else None


def narrows(valid: tuple[float, float], dtype: np.dtype[Any], nodata: float) -> bool:
    """Whether a valid range leaves out any value of a type but the no-data value."""
    if dtype.kind == "f":
        return True
    limits = np.iinfo(dtype)
    low, high = limits.min + (nodata == limits.min), limits.max - (nodata == limits.max)
    return valid[0] > low or valid[1] < high
