"""CF NetCDF-3, NetCDF-4 and HDF5, in all groups: on regular axes, and on other grids where warping is declared."""

from __future__ import annotations

from itertools import product
from math import ceil, prod
from pathlib import Path
from typing import Any, Self

import netCDF4
import numpy as np
from numpy.typing import NDArray

from cog.sources.calendars import as_numbers, declared_steps
from cog.sources.declared import choose_variables, require_storable, usable_variables
from cog.sources.hdf.hdfeos5 import eos5_day, eos5_fields
from cog.sources.layout import ArrayReading
from cog.sources.levels import numbered_levels, source_levels
from cog.sources.models import SourceAxis, SourceDescription, SourceVariable, TimeStep
from cog.sources.netcdf import cf
from cog.sources.netcdf.ahead import StepsAhead
from cog.sources.netcdf.cf import NcVariable
from cog.sources.netcdf.cfcells import cell_rules, is_assumed, packing
from cog.sources.netcdf.cftimes import coordinate_steps
from cog.sources.netcdf.dimensions import (
    AXES,
    FURTHER,
    axes_of,
    coordinate_of,
    example_of,
    is_unknown,
    level_bounds,
    members_of,
    roles,
    shown,
    time_of,
    with_levels,
)
from cog.sources.netcdf.flags import are_flags, bit_flags, copied_flags, flag_classes, unclear_flags
from cog.sources.netcdf.placing import Placer, Placing
from cog.sources.netcdf.scope import path_of, variables_by_path
from cog.sources.netcdf.unsuited import no_grid_reason, refusal
from config.declarations.datasets import DatasetDeclaration, VariableDeclaration
from config.errors import SourceRefused
from config.layers import MEMBER

MOST_SPLIT = 1000
"""Most variables that one is split into, along axes for which its granules have no place."""
_WARPED_TOGETHER = 8
"""Steps on a curvilinear grid that one process puts on a regular one, looking for neighbours once."""
CHUNK_CACHE_BYTES = 64 * 1024 * 1024
_READ_ERRORS = (OSError, RuntimeError, ValueError, IndexError)


class NetcdfSource:
    """An open NetCDF file."""

    def __init__(self, path: Path, declaration: DatasetDeclaration) -> None:
        self._path = path
        self._declaration = declaration
        try:
            self._file = netCDF4.Dataset(str(path), "r")
        except (OSError, RuntimeError) as error:
            raise SourceRefused(path, f"NetCDF cannot open it: {error}", "check that the file is whole") from error
        try:
            self._file.set_auto_maskandscale(False)
            self._describe()
        except _READ_ERRORS as error:
            self.close()
            raise SourceRefused(path, f"NetCDF cannot read it: {error}", "check that the file is whole") from error
        except BaseException:
            self.close()
            raise

    def _describe(self) -> None:
        self._ahead = StepsAhead()
        self._readings: dict[str, ArrayReading[Placing]] = {}
        self._placer = Placer(self._declaration, self._path)
        self._arrays = variables_by_path(self._file)
        self._fixed: dict[str, dict[str, int]] = {}
        self._eos = eos5_fields(self._file, path=self._path)
        candidates, skipped = self._candidates()
        if not candidates:
            raise refusal(self._file, skipped, path=self._path)
        selection, left_out = choose_variables(candidates, self._declaration, path=self._path)
        variables, unusable = usable_variables(selection, self._variable, strict=self._declaration.strict)
        self.description = SourceDescription(
            path=str(self._path),
            format=str(self._file.data_model),
            variables=variables,
            skipped=(*skipped, *left_out),
            unusable=unusable,
            attributes={k: str(self._file.getncattr(k))[:4000] for k in self._file.ncattrs()},
        )

    def _candidates(self) -> tuple[list[str], list[tuple[str, str]]]:
        used = roles(self._file)
        names: list[str] = []
        skipped = []
        for path, variable in list(self._arrays.items()):
            reason = self._why_not_data(path, variable, used)
            if reason is None:
                names += self._split(path)
            else:
                skipped.append((path, reason))
        return names, skipped

    def _split(self, path: str) -> list[str]:
        """The names of a variable: its path, or, for each step of further axes beside its levels, one of its own."""
        variable = self._arrays[path]
        dims, _ = with_levels(self._dims(path), variable.shape)
        sizes = {d: n for d, n in zip(dims, variable.shape, strict=True) if d in FURTHER and n > 1}
        if not sizes or prod(sizes.values()) > MOST_SPLIT:
            return [path]
        names = []
        for steps in product(*(range(size) for size in sizes.values())):
            name = path + "".join(f"_{axis}_{step + 1}" for axis, step in zip(sizes, steps, strict=True))
            self._arrays[name], self._fixed[name] = variable, dict(zip(sizes, steps, strict=True))
            names.append(name)
        return names

    def _why_not_data(self, path: str, variable: NcVariable, used: dict[str, str]) -> str | None:
        if variable.name in variable.dimensions:
            return "is a coordinate"
        if path in used:
            return f"is {used[path]}"
        if variable.ndim < 2:
            return f"has {variable.ndim} dimensions"
        if not cf.is_number(variable):
            return f"holds {variable.dtype} values"
        if cf.is_position(variable):
            return "is a latitude or longitude of each cell"
        return None if {"x", "y"} <= set(self._dims(path)) else no_grid_reason(variable)

    def _dims(self, path: str) -> tuple[str, ...]:
        field = self._eos.get(path)
        return field.dims if field is not None else axes_of(self._arrays[path], self._declaration.variable(path))

    def _variable(self, name: str, declared: VariableDeclaration | None) -> SourceVariable:
        overrides = declared or VariableDeclaration()
        variable = self._arrays[name]
        dims = self._require_dims(name)
        packed = packing(variable, overrides, path=self._path)
        rules, rule_notes = cell_rules(variable, overrides, packed, path=self._path)
        field = self._eos.get(name)
        stated = None if field is None else (field.grid, field.notes)
        placing = self._placer.place(variable, dims, rules, stated=stated)
        require_storable(np.dtype(rules.dtype), placing.grid, name=name, path=self._path)
        steps, climatology, time_notes = self._steps(variable, dims)
        self._readings[name] = ArrayReading(dims=dims, layout=placing, rules=rules)
        classes, flags = flag_classes(variable), bit_flags(variable)
        transposed = dims.index("x") < dims.index("y") and placing.curved is None
        turned = ("Rows and columns were exchanged: the source stores (longitude, latitude).",) if transposed else ()
        copied = copied_flags(variable)
        return SourceVariable(
            name=name,
            title=cf.words(variable, "long_name") or (cf.standard_name(variable) or variable.name).replace("_", " "),
            dtype=rules.dtype,
            grid=placing.grid,
            nodata=rules.nodata,
            scale=packed.scale,
            offset=packed.offset,
            unit=overrides.unit or cf.words(variable, "units") or None,
            standard_name=overrides.standard_name or cf.standard_name(variable),
            kind=overrides.kind
            or ("categorical" if classes or overrides.classes or are_flags(variable) else "continuous"),
            classes=classes,
            flags=flags,
            steps=steps,
            levels=self._levels(variable, dims),
            members=members_of(variable, dims, overrides, self._declaration, path=self._path),
            climatology=climatology,
            together=max(self._together(variable, dims), _WARPED_TOGETHER if placing.curved else 1),
            lineage=(*placing.notes, *turned, *rule_notes, *copied, *unclear_flags(variable), *time_notes),
            assumed=(*placing.assumed, *(note for note in rule_notes if is_assumed(note)), *copied, *time_notes),
        )

    def _require_dims(self, name: str) -> tuple[str, ...]:
        variable = self._arrays[name]
        dims, _ = with_levels(self._dims(name), variable.shape)
        for axis in AXES:
            if dims.count(axis) > 1:
                raise SourceRefused(self._path, f"variable {name} has two {axis} axes", "declare its `dims`")
        for dim, size in zip(dims, variable.shape, strict=True):
            if size == 0:
                raise SourceRefused(self._path, f"dimension {shown(dim)} of variable {name} is empty", "remove it")
            further = dim in FURTHER and dim not in self._fixed.get(name, {})
            if (is_unknown(dim) or further) and size > 1:
                cause = f"variable {name} has a further axis, {shown(dim)}, of {size} steps"
                remedy = (
                    f"declare its `dims`, such as [{example_of(dims)}], and the `time` if the file does not state it; "
                    "name the variables without such an axis in the declaration; or split the file along it"
                )
                raise SourceRefused(self._path, cause, remedy)
        return dims

    def _levels(self, variable: NcVariable, dims: tuple[str, ...]) -> SourceAxis | None:
        """The vertical axis of a variable: its coordinate's values, or numbers where it has none."""
        if "level" not in dims:
            return None
        number = dims.index("level")
        dim, further = variable.dimensions[number], with_levels(self._dims(path_of(variable)), variable.shape)[1]
        axis = coordinate_of(variable, dim)
        if axis is None or not cf.is_number(axis):
            return numbered_levels(variable.shape[number], path=self._path, name=further or dim)
        return source_levels(
            as_numbers(axis[...]),
            name=further or axis.name,
            unit=cf.words(axis, "units"),
            positive=cf.words(axis, "positive"),
            bounds=level_bounds(axis),
            path=self._path,
        )

    def _steps(
        self, variable: NcVariable, dims: tuple[str, ...]
    ) -> tuple[tuple[TimeStep | None, ...], bool, tuple[str, ...]]:
        """The times of a variable, whether they are those of a climatology, and what was assumed of them."""
        declaration = self._declaration.time
        count = variable.shape[dims.index("time")] if "time" in dims else 1
        if declaration is not None:
            return declared_steps(declaration, count, path=self._path), declaration.climatology, ()
        time = time_of(variable, dims)
        if time is None:
            if "time" in dims:
                raise SourceRefused(self._path, f"variable {variable.name} has no time coordinate", "declare `time`")
            return (eos5_day(self._file) if self._eos else None,), False, ()
        return coordinate_steps(time, path=self._path)

    def _together(self, variable: NcVariable, dims: tuple[str, ...]) -> int:
        """Number of granules in order of time, then member, then level, that share a chunk.

        The chunk cache is made large enough for them, or they are read alone.
        """
        chunks = variable.chunking()
        if not {"time", "level", MEMBER} & set(dims) or not isinstance(chunks, list):
            return 1
        count, chunk = dict(zip(dims, variable.shape, strict=True)), dict(zip(dims, chunks, strict=True))
        times, members = chunk.get("time", 1), chunk.get(MEMBER, 1)
        # chunks of several times are shared by all their members, those of several members by all their levels
        if times > 1:
            depth = times * count.get(MEMBER, 1) * count.get("level", 1)
        else:
            depth = members * count.get("level", 1) if members > 1 else chunk.get("level", 1)
        across = {d: ceil(count[d] / chunk[d]) * chunk[d] for d in dims if d not in ("time", "level", MEMBER)}
        size = prod(across.values()) * depth * np.dtype(variable.dtype).itemsize
        if depth == 1 or size > CHUNK_CACHE_BYTES:
            return 1
        variable.set_var_chunk_cache(CHUNK_CACHE_BYTES, 100_003, 0.0)
        return depth

    def read(self, variable: str, step: int, *, rows: tuple[int, int], layer: int = 0) -> NDArray[Any]:
        """See `cog.sources.protocol.GridSource`."""
        reading, array = self._readings[variable], self._arrays[variable]
        dims = reading.dims
        turned = dims.index("x") < dims.index("y")
        member, level = divmod(layer, array.shape[dims.index("level")] if "level" in dims else 1)

        def stored(first: int, last: int) -> NDArray[Any]:
            places: dict[str, int | slice] = {"y": slice(first, last), "x": slice(None), "time": step}
            places |= {"level": level, MEMBER: member, **self._fixed.get(variable, {})}
            cells = self._ahead.read(array, [places.get(d, 0) for d in dims], dims)
            if cells.dtype.kind == "i" and reading.rules.dtype.startswith("u"):
                cells = cells.view(f"{cells.dtype.byteorder}u{cells.dtype.itemsize}")
            return cells.T if turned else cells

        try:
            return reading.layout.read(stored, rows, reading.rules)
        except _READ_ERRORS as error:
            cause = f"step {step} of {variable} cannot be read: {error}"
            raise SourceRefused(self._path, cause, "check that the file is whole") from error

    def close(self) -> None:
        """Release the file."""
        if self._file.isopen():
            self._file.close()

    def __enter__(self) -> Self:
        """The source itself."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close it."""
        self.close()
