"""HDF4 by pyhdf: HDF-EOS grids, and plain arrays whose meaning is declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pyhdf.error import HDF4Error
from pyhdf.SD import SD, SDC

from cog.sources.calendars import declared_steps
from cog.sources.declared import (
    choose_variables,
    declared_grid,
    fill_outside,
    fits,
    narrows,
    require_storable,
    usable_variables,
)
from cog.sources.hdf.hdfeos import EosGrid, eos_grids, eos_time
from cog.sources.layout import ArrayReading, CellOrder, CellRules, normalise
from cog.sources.levels import numbered_levels
from cog.sources.models import SourceDescription, SourceVariable, TimeStep
from cog.sources.netcdf.flags import key_classes
from config.declarations.datasets import DatasetDeclaration, VariableDeclaration
from config.errors import SourceRefused
from config.grids import Grid
from config.layers import MEMBER

MAX_ARRAYS = 10_000
_NO_UNIT = ("", "none", "n/a", "unitless")
_BIT_UNITS = ("bit", "bits", "bit field", "bit-field", "bitfield", "bit flag", "class", "class-flag", "class flag")
_HORIZONTAL = {"XDim": "x", "YDim": "y"}
_READ_ERRORS = (HDF4Error, ValueError, IndexError, OSError)


class Hdf4Source:
    """An open HDF4 file."""

    def __init__(self, path: Path, declaration: DatasetDeclaration) -> None:
        self._path, self._declaration = path, declaration
        try:
            self._file = SD(str(path), SDC.READ)
        except HDF4Error as error:
            raise SourceRefused(path, f"HDF4 cannot open it: {error}", "check that the file is whole") from error
        try:
            self._describe()
        except _READ_ERRORS as error:
            self.close()
            raise SourceRefused(path, f"HDF4 cannot read it: {error}", "check that the file is whole") from error
        except BaseException:
            self.close()
            raise

    def _describe(self) -> None:
        attributes = self._file.attributes()
        structure = str(attributes.get("StructMetadata.0", ""))
        self._grids = eos_grids(structure, path=self._path) if structure else []
        self._time = eos_time(str(attributes.get("CoreMetadata.0", "")))
        self._readings: dict[str, ArrayReading[CellOrder]] = {}
        arrays, skipped = self._arrays()
        if not arrays:
            raise SourceRefused(self._path, "it has no array of two or more dimensions", "check the file")
        selection, left_out = choose_variables(arrays, self._declaration, path=self._path)
        variables, unusable = usable_variables(
            selection,
            lambda name, overrides: self._variable(name, overrides or VariableDeclaration()),
            strict=self._declaration.strict,
        )
        self.description = SourceDescription(
            path=str(self._path),
            format="HDF-EOS 2" if self._grids else "HDF4",
            variables=variables,
            skipped=(*skipped, *left_out),
            unusable=unusable,
            attributes={k: str(v) for k, v in attributes.items() if len(str(v)) <= 4000},
        )

    def _arrays(self) -> tuple[list[str], list[tuple[str, str]]]:
        arrays, skipped = [], []
        datasets = self._file.datasets()
        if len(datasets) > MAX_ARRAYS:
            raise SourceRefused(self._path, f"holds more than {MAX_ARRAYS} arrays", "split it")
        for name, (dims, shape, _, _) in datasets.items():
            if len(shape) > 1 and (not self._grids or self._grid_of(name) is not None):
                arrays.append(name)
            else:
                why = f"has {len(dims)} dimensions" if len(shape) < 2 else "is on no grid"
                skipped.append((name, why))
        return arrays, skipped

    def _grid_of(self, name: str) -> EosGrid | None:
        return next((grid for grid in self._grids if name in grid.fields), None)

    def _variable(self, name: str, overrides: VariableDeclaration) -> SourceVariable:
        array = self._file.select(name)
        attributes, shape = array.attributes(), _shape(array)
        dims = self._dims(name, overrides, array, len(shape))
        size = dict(zip(dims, shape, strict=True))
        stored, notes = self._grid(name, size)
        grid, layout, moves = normalise(stored)
        dtype = np.dtype(_DTYPES.get(array.info()[3], "object"))
        require_storable(dtype, grid, name=name, path=self._path)
        rules, cell_notes = self._rules(dtype, attributes, overrides)
        self._readings[name] = ArrayReading(dims=dims, layout=layout, rules=rules)
        scale, offset = self._packing(name, dtype, attributes, overrides)
        classes = key_classes(str(attributes.get("Key", "")))
        unit = str(attributes.get("units", "")).strip()
        flags = unit.lower() in _BIT_UNITS
        return SourceVariable(
            name=name,
            title=str(attributes.get("long_name") or name),
            dtype=rules.dtype,
            grid=grid,
            nodata=rules.nodata,
            scale=scale,
            offset=offset,
            unit=overrides.unit or (None if flags or unit.lower() in _NO_UNIT else unit),
            standard_name=overrides.standard_name,
            kind=overrides.kind or ("categorical" if classes or flags or overrides.classes else "continuous"),
            classes=classes,
            steps=self._steps(size.get("time")),
            levels=numbered_levels(size["level"], path=self._path) if "level" in size else None,
            members=numbered_levels(size[MEMBER], path=self._path, name=MEMBER) if MEMBER in size else None,
            climatology=self._declaration.time is not None and self._declaration.time.climatology,
            lineage=(*notes, *moves, *cell_notes),
        )

    def _dims(self, name: str, overrides: VariableDeclaration, array: Any, count: int) -> tuple[str, ...]:
        """The axis of each dimension: as declared, else by the names of an HDF-EOS grid's dimensions."""
        if overrides.dims is not None:
            dims: tuple[str, ...] = tuple(overrides.dims)
        else:
            names = [str(array.dim(i).info()[0]).split(":")[0] for i in range(count)]
            dims = tuple(_HORIZONTAL.get(n, n) for n in names)
        axes = {"x", "y", "time", "level", MEMBER}
        if len(dims) != count or len(set(dims)) != count or not {"x", "y"} <= set(dims) <= axes:
            cause = f"array {name} has the dimensions {', '.join(dims)}, of which not each is known"
            raise SourceRefused(self._path, cause, "declare its `dims`, such as [y, x] or [level, y, x], and `grid`")
        return dims

    def _grid(self, name: str, size: dict[str, int]) -> tuple[Grid, tuple[str, ...]]:
        placement = declared_grid(self._declaration, width=size["x"], height=size["y"], path=self._path)
        if placement is not None:
            return placement
        eos_grid = self._grid_of(name)
        if eos_grid is None:
            raise SourceRefused(self._path, "it states no grid", "declare `grid`: crs, origin and cell")
        if (eos_grid.grid.width, eos_grid.grid.height) != (size["x"], size["y"]):
            cause = f"array {name} has {size['x']} x {size['y']} cells, its grid {eos_grid.grid.width} x "
            raise SourceRefused(self._path, f"{cause}{eos_grid.grid.height}", "declare `grid`")
        return eos_grid.grid, eos_grid.notes

    def _rules(
        self, dtype: np.dtype[Any], attributes: dict[str, Any], overrides: VariableDeclaration
    ) -> tuple[CellRules, tuple[str, ...]]:
        fill_value = attributes.get("_FillValue")
        nodata = overrides.fill if overrides.fill is not None else None if fill_value is None else float(fill_value)
        valid = overrides.valid_range or _pair(attributes.get("valid_range"))
        if nodata is None and dtype.kind == "f":
            nodata = float("nan")
        if nodata is None and valid is not None:
            nodata = fill_outside(valid, dtype.name)
        if nodata is not None and not fits(nodata, dtype.name):
            raise SourceRefused(self._path, f"the fill value {nodata!r} is no {dtype.name} value", "declare `fill`")
        notes: tuple[str, ...] = ()
        if valid is not None and nodata is not None and narrows(valid, dtype, nodata):
            notes = (f"Cells outside the valid range {valid[0]:g} to {valid[1]:g} (stored values) became no data.",)
        return CellRules(dtype=dtype.name, nodata=nodata, valid=valid), notes

    def _packing(
        self, name: str, dtype: np.dtype[Any], attributes: dict[str, Any], overrides: VariableDeclaration
    ) -> tuple[float, float]:
        """Scale and offset so that physical = stored * scale + offset; HDF4's own are scale * (stored - offset).

        Raises SourceRefused for a scale above 1 of whole numbers: some products divide by it and others multiply.
        """
        scale, offset = float(attributes.get("scale_factor", 1.0)), float(attributes.get("add_offset", 0.0))
        if overrides.scale is None and scale > 1 and dtype.kind != "f":
            cause = f"the scale factor {scale:g} of array {name} may be one to multiply by or to divide by"
            raise SourceRefused(self._path, cause, f"declare its `scale`: {1 / scale:g} or {scale:g}, as documented")
        scale = scale if overrides.scale is None else overrides.scale
        return scale, (-scale * offset if overrides.offset is None else overrides.offset) + 0.0

    def _steps(self, count: int | None) -> tuple[TimeStep | None, ...]:
        if self._declaration.time is not None:
            return declared_steps(self._declaration.time, 1 if count is None else count, path=self._path)
        if count not in (None, 1):
            raise SourceRefused(self._path, f"it states no times for its {count} steps", "declare `time.labels`")
        return (self._time,)

    def read(self, variable: str, step: int, *, rows: tuple[int, int], layer: int = 0) -> NDArray[Any]:
        """See `cog.sources.protocol.GridSource`."""
        reading, array = self._readings[variable], self._file.select(variable)
        shape = dict(zip(reading.dims, _shape(array), strict=True))
        member, level = divmod(layer, shape.get("level", 1))

        def stored(first: int, last: int) -> NDArray[Any]:
            start = {"y": first, "x": 0, "time": step, "level": level, MEMBER: member}
            count = {"y": last - first, "x": shape["x"], "time": 1, "level": 1, MEMBER: 1}
            cells = np.asarray(array.get([start[d] for d in reading.dims], [count[d] for d in reading.dims]))
            turned = reading.dims.index("x") < reading.dims.index("y")
            plane = (shape["x"], last - first) if turned else (last - first, shape["x"])
            return cells.reshape(plane).T if turned else cells.reshape(plane)

        try:
            return reading.rules.clean(reading.layout.read(stored, rows))
        except _READ_ERRORS as error:
            cause = f"step {step} of {variable} cannot be read: {error}"
            raise SourceRefused(self._path, cause, "check that the file is whole") from error

    def close(self) -> None:
        """Release the file."""
        if self._file is not None:
            self._file.end()
            self._file = None

    def __enter__(self) -> Self:
        """The source itself."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close it."""
        self.close()


_DTYPES = {
    SDC.INT8: "int8",
    SDC.UINT8: "uint8",
    SDC.INT16: "int16",
    SDC.UINT16: "uint16",
    SDC.INT32: "int32",
    SDC.UINT32: "uint32",
    SDC.FLOAT32: "float32",
    SDC.FLOAT64: "float64",
}


def _shape(array: Any) -> tuple[int, ...]:
    dims = array.info()[2]
    return tuple(dims) if isinstance(dims, list | tuple) else (int(dims),)


def _pair(value: Any) -> tuple[float, float] | None:
    if isinstance(value, list | tuple) and len(value) == 2:
        return float(value[0]), float(value[1])
    return None
