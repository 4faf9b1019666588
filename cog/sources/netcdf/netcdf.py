"""CF NetCDF-3, NetCDF-4 and HDF5: on regular axes, and on curvilinear grids where warping is declared."""

from __future__ import annotations

from math import ceil, prod
from pathlib import Path
from typing import Any, Self

import netCDF4
import numpy as np
from numpy.typing import NDArray

from cog.sources.calendars import as_numbers, cf_steps, declared_steps
from cog.sources.declared import choose_variables, declared_crs, declared_grid, require_storable
from cog.sources.layout import ArrayReading, CellOrder, CellRules, normalise
from cog.sources.levels import numbered_levels, source_levels
from cog.sources.models import SourceDescription, SourceLevels, SourceVariable, TimeStep
from cog.sources.netcdf import cf
from cog.sources.netcdf.cf import NcVariable
from cog.sources.netcdf.cfcells import cell_rules, is_assumed, packing
from cog.sources.netcdf.cfgrid import horizontal_grid
from cog.sources.netcdf.curvilinear import Curvilinear, curvilinear, places_of
from cog.sources.netcdf.flags import are_flags, bit_flags, flag_classes, unclear_flags
from cog.sources.netcdf.unsuited import no_grid_reason, refusal
from config.datasets import DatasetDeclaration, VariableDeclaration
from config.errors import SourceRefused
from config.grids import CRS84, Grid

_AXES = ("x", "y", "time", "level")
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
        self._readings: dict[str, ArrayReading[CellOrder | Curvilinear]] = {}
        self._curved: dict[tuple[str, str], Curvilinear] = {}
        candidates, skipped = self._candidates()
        if not candidates:
            raise refusal(self._file, skipped, warp=self._declaration.warp, path=self._path)
        selection, left_out = choose_variables(candidates, self._declaration, path=self._path)
        variables = tuple(self._variable(name, overrides or VariableDeclaration()) for name, overrides in selection)
        self.description = SourceDescription(
            path=str(self._path),
            format=str(self._file.data_model),
            variables=variables,
            skipped=(*skipped, *left_out),
            attributes={k: str(self._file.getncattr(k))[:4000] for k in self._file.ncattrs()},
        )

    def _candidates(self) -> tuple[list[str], list[tuple[str, str]]]:
        used = cf.referenced(self._file)
        names: list[str] = []
        skipped = [(f"{group}/", "is a group; only the root group is read") for group in self._file.groups]
        for name, variable in self._file.variables.items():
            reason = self._why_not_data(name, variable, used)
            if reason is None:
                names.append(name)
            else:
                skipped.append((name, reason))
        return names, skipped

    def _why_not_data(self, name: str, variable: NcVariable, used: dict[str, str]) -> str | None:
        if name in variable.dimensions:
            return "is a coordinate"
        if name in used:
            return f"is {used[name]}"
        if variable.ndim < 2:
            return f"has {variable.ndim} dimensions"
        if np.dtype(variable.dtype).kind not in "iuf":
            return f"holds {variable.dtype} values"
        if cf.is_position(variable):
            return "is a latitude or longitude of each cell"
        axes = self._dims(variable)
        return None if {"x", "y"} <= set(axes) else no_grid_reason(self._file, variable)

    def _dims(self, variable: NcVariable) -> tuple[str, ...]:
        """The axis of each dimension: x, y, time, level, or the name of an unknown one."""
        overrides = self._declaration.variable(variable.name)
        if overrides is not None and overrides.dims and len(overrides.dims) == variable.ndim:
            return tuple(overrides.dims)
        axes = []
        for dim in variable.dimensions:
            coordinate = self._coordinate(variable, dim)
            axis = cf.axis_of(coordinate) if coordinate is not None else None
            axes.append(axis or dim)
        places = None if {"x", "y"} <= set(axes) or not self._declaration.warp else places_of(self._file, variable)
        if places is not None:
            across = dict(zip(places[0].dimensions, ("y", "x"), strict=True))
            axes = [across.get(dim, axis) for dim, axis in zip(variable.dimensions, axes, strict=True)]
        return tuple(axes)

    def _coordinate(self, variable: NcVariable, dim: str) -> NcVariable | None:
        """The coordinate variable of a dimension, else the auxiliary one-dimensional one that is an axis."""
        own = self._file.variables.get(dim)
        if own is not None and own.dimensions == (dim,):
            return own
        auxiliary = (self._file.variables.get(n) for n in cf.words(variable, "coordinates").split())
        return next((c for c in auxiliary if c is not None and c.dimensions == (dim,) and cf.axis_of(c)), None)

    def _variable(self, name: str, overrides: VariableDeclaration) -> SourceVariable:
        variable = self._file.variables[name]
        dims = self._require_dims(variable)
        packed = packing(variable, overrides)
        rules, rule_notes = cell_rules(variable, overrides, packed, path=self._path)
        grid, layout, moves = self._place(variable, dims, rules)
        require_storable(np.dtype(rules.dtype), grid, name=name, path=self._path)
        steps, climatology = self._steps(variable, dims)
        self._readings[name] = ArrayReading(dims=dims, layout=layout, rules=rules)
        classes, flags = flag_classes(variable), bit_flags(variable)
        transposed = dims.index("x") < dims.index("y") and isinstance(layout, CellOrder)
        turned = ("Rows and columns were exchanged: the source stores (longitude, latitude).",) if transposed else ()
        return SourceVariable(
            name=name,
            title=cf.words(variable, "long_name") or (cf.standard_name(variable) or name).replace("_", " "),
            dtype=rules.dtype,
            grid=grid,
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
            climatology=climatology,
            together=max(self._together(variable, dims), _WARPED_TOGETHER if isinstance(layout, Curvilinear) else 1),
            lineage=(*moves, *turned, *rule_notes, *unclear_flags(variable)),
            assumed=tuple(note for note in rule_notes if is_assumed(note)),
        )

    def _require_dims(self, variable: NcVariable) -> tuple[str, ...]:
        dims = self._dims(variable)
        for axis in _AXES:
            if dims.count(axis) > 1:
                raise SourceRefused(self._path, f"variable {variable.name} has two {axis} axes", "declare its `dims`")
        for dim, size in zip(dims, variable.shape, strict=True):
            if size == 0:
                raise SourceRefused(self._path, f"dimension {dim} of variable {variable.name} is empty", "remove it")
            if dim not in _AXES and size > 1:
                cause = f"variable {variable.name} has a further axis, {dim}, of {size} steps"
                example = ", ".join(d if d in _AXES else "level" for d in dims)
                remedy = (
                    f"declare its `dims`, such as [{example}], if they are levels; name the variables without such an "
                    "axis in the declaration; or split the file along it"
                )
                raise SourceRefused(self._path, cause, remedy)
        return dims

    def _grid(self, variable: NcVariable, dims: tuple[str, ...]) -> tuple[Grid, tuple[str, ...]]:
        width, height = (variable.shape[dims.index(d)] for d in ("x", "y"))
        placement = declared_grid(self._declaration, width=width, height=height, path=self._path)
        if placement is not None:
            return placement
        axes = [self._coordinate(variable, variable.dimensions[dims.index(d)]) for d in ("x", "y")]
        if axes[0] is None or axes[1] is None:
            raise SourceRefused(self._path, f"variable {variable.name} has no coordinates", "declare `grid`")
        crs = declared_crs(self._declaration, path=self._path)
        return horizontal_grid(self._file, variable, axes[0], axes[1], reference=crs, path=self._path)

    def _place(
        self, variable: NcVariable, dims: tuple[str, ...], rules: CellRules
    ) -> tuple[Grid, CellOrder | Curvilinear, tuple[str, ...]]:
        """The grid that is served, the order of stored cells in it, and notes on them and on their CRS."""
        curved = self._curvilinear(variable, dims)
        if curved is None:
            stored, notes = self._grid(variable, dims)
            grid, layout, moves = normalise(stored)
            return grid, layout, (*notes, *moves)
        if rules.nodata is None:
            cause = f"variable {variable.name} has no value for cells without data, which a regular grid around it has"
            raise SourceRefused(self._path, cause, "declare its `fill`")
        return curved.grid, curved, (curved.note,)

    def _curvilinear(self, variable: NcVariable, dims: tuple[str, ...]) -> Curvilinear | None:
        """The places of the cells of a variable that has no axes, where warping is declared, and no grid."""
        grid = self._declaration.grid
        if not self._declaration.warp or (grid is not None and grid.origin is not None):
            return None
        places = places_of(self._file, variable)
        column = self._coordinate(variable, variable.dimensions[dims.index("x")])
        if places is None or (column is not None and cf.axis_of(column) == "x"):
            return None
        if grid is not None and grid.crs != CRS84:
            cause = f"its latitudes and longitudes place the cells of {variable.name}, and another CRS is declared"
            raise SourceRefused(self._path, cause, "leave `grid` out of the declaration")
        across = tuple(variable.dimensions[dims.index(axis)] for axis in ("y", "x"))
        if across != places[0].dimensions:
            cause = f"`dims` of {variable.name} are declared in another order than {', '.join(places[0].dimensions)}"
            raise SourceRefused(self._path, cause, "leave `dims` out, or declare the columns as x and the rows as y")
        key = (places[0].name, places[1].name)
        if key not in self._curved:
            self._curved[key] = curvilinear(places, name=variable.name, path=self._path)
        return self._curved[key]

    def _levels(self, variable: NcVariable, dims: tuple[str, ...]) -> SourceLevels | None:
        """The vertical axis of a variable: its coordinate's values, or numbers where it has none."""
        if "level" not in dims:
            return None
        dim = variable.dimensions[dims.index("level")]
        axis = self._coordinate(variable, dim)
        if axis is None:
            return numbered_levels(variable.shape[dims.index("level")], path=self._path, name=dim)
        unit, positive = cf.words(axis, "units"), cf.words(axis, "positive")
        return source_levels(as_numbers(axis[...]), name=axis.name, unit=unit, positive=positive, path=self._path)

    def _steps(self, variable: NcVariable, dims: tuple[str, ...]) -> tuple[tuple[TimeStep | None, ...], bool]:
        declaration = self._declaration.time
        count = variable.shape[dims.index("time")] if "time" in dims else 1
        if declaration is not None:
            return declared_steps(declaration, count, path=self._path), declaration.climatology
        time = self._time(variable, dims)
        if time is None:
            if "time" in dims:
                raise SourceRefused(self._path, f"variable {variable.name} has no time coordinate", "declare `time`")
            return (None,), False
        name = cf.words(time, "climatology") or cf.words(time, "bounds")
        edges = self._file.variables.get(name)
        bounds = None
        if edges is not None and edges.size == 2 * time.size:
            bounds = as_numbers(edges[...]).reshape(-1, 2)
        calendar = cf.words(time, "calendar").lower() or "standard"
        values = np.atleast_1d(as_numbers(time[...]))
        steps = cf_steps(values, cf.words(time, "units"), calendar, bounds=bounds, path=self._path)
        return steps, bool(cf.words(time, "climatology"))

    def _time(self, variable: NcVariable, dims: tuple[str, ...]) -> NcVariable | None:
        """The time coordinate: of the time dimension, else a scalar one among the auxiliary coordinates."""
        if "time" in dims:
            return self._coordinate(variable, variable.dimensions[dims.index("time")])
        auxiliary = [self._file.variables.get(n) for n in cf.words(variable, "coordinates").split()]
        scalars = [c for c in auxiliary if c is not None and c.size == 1 and cf.axis_of(c) == "time"]
        return scalars[0] if len(scalars) == 1 else None

    def _together(self, variable: NcVariable, dims: tuple[str, ...]) -> int:
        """Number of granules in order of time, then level, that share a chunk.

        The chunk cache is made large enough for them, or they are read alone.
        """
        chunks = variable.chunking()
        if not {"time", "level"} & set(dims) or not isinstance(chunks, list):
            return 1
        count, chunk = dict(zip(dims, variable.shape, strict=True)), dict(zip(dims, chunks, strict=True))
        times, levels = chunk.get("time", 1), chunk.get("level", 1)
        # chunks of several times are shared by all their levels
        depth = int(times * count.get("level", 1) if times > 1 else levels)
        across = {d: ceil(count[d] / chunk[d]) * chunk[d] for d in dims if d not in ("time", "level")}
        size = prod(across.values()) * depth * np.dtype(variable.dtype).itemsize
        if depth == 1 or size > CHUNK_CACHE_BYTES:
            return 1
        variable.set_var_chunk_cache(CHUNK_CACHE_BYTES, 100_003, 0.0)
        return depth

    def read(self, variable: str, step: int, *, rows: tuple[int, int], level: int = 0) -> NDArray[Any]:
        """See `cog.sources.protocol.GridSource`."""
        reading, array = self._readings[variable], self._file.variables[variable]
        turned = reading.dims.index("x") < reading.dims.index("y")

        def stored(first: int, last: int) -> NDArray[Any]:
            places = {"y": slice(first, last), "x": slice(None), "time": step, "level": level}
            cells = np.asarray(array[tuple(places.get(d, 0) for d in reading.dims)])
            if cells.dtype.kind == "i" and reading.rules.dtype.startswith("u"):
                cells = cells.view(f"{cells.dtype.byteorder}u{cells.dtype.itemsize}")
            return cells.T if turned else cells

        try:
            if isinstance(reading.layout, Curvilinear):
                cells, nothing = reading.layout.read(stored, rows)
                return reading.rules.emptied(reading.rules.clean(cells), nothing)
            return reading.rules.clean(reading.layout.read(stored, rows))
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
