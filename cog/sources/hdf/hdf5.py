"""Plain HDF5: arrays whose meaning is declared, because the file does not state it."""

from __future__ import annotations

import os
from math import ceil
from pathlib import Path
from typing import Any, Self, cast

import h5py
import numpy as np
from numpy.typing import NDArray

from cog.sources.calendars import declared_steps
from cog.sources.declared import choose_variables, declared_grid, require_storable
from cog.sources.layout import CellOrder, CellRules, normalise
from cog.sources.levels import numbered_levels
from cog.sources.models import SourceDescription, SourceVariable, TimeStep
from cog.sources.netcdf import cf
from cog.sources.netcdf.cf import NcVariable
from cog.sources.netcdf.cfcells import cell_rules, is_assumed, packing
from config.declarations.datasets import DatasetDeclaration, VariableDeclaration
from config.errors import SourceRefused
from config.layers import MEMBER

MAX_OBJECTS = 10_000
CHUNK_CACHE_BYTES = 64 * 1024 * 1024
_READ_ERRORS = (OSError, RuntimeError, ValueError, KeyError)


class Hdf5Source:
    """An open HDF5 file, read by its declaration."""

    def __init__(self, path: Path, declaration: DatasetDeclaration) -> None:
        self._path = path
        try:
            # a chunk that holds several steps is decoded once for all of them while it stays in the cache
            self._file = h5py.File(path, "r", rdcc_nbytes=CHUNK_CACHE_BYTES, rdcc_nslots=100_003, rdcc_w0=0.0)
        except OSError as error:
            raise SourceRefused(path, f"HDF5 cannot open it: {error}", "check that the file is whole") from error
        try:
            self._describe(declaration)
        except BaseException:
            self.close()
            raise

    def _describe(self, declaration: DatasetDeclaration) -> None:
        arrays = _arrays(self._file)
        self._is_netcdf = "_NCProperties" in self._file.attrs
        selection, skipped = choose_variables(list(arrays), declaration, path=self._path)
        self._dims: dict[str, list[str]] = {}
        self._layouts: dict[str, CellOrder] = {}
        self._rules: dict[str, CellRules] = {}
        variables = [self._variable(name, overrides, declaration) for name, overrides in selection]
        self.description = SourceDescription(
            path=str(self._path),
            format="HDF5",
            variables=tuple(variables),
            skipped=tuple(skipped),
            attributes={k: str(v) for k, v in self._file.attrs.items() if len(str(v)) <= 4000},
        )

    def _variable(
        self, name: str, overrides: VariableDeclaration | None, declaration: DatasetDeclaration
    ) -> SourceVariable:
        array = self._file[name]
        dims = self._declared_dims(name, overrides, array.ndim)
        assert overrides is not None
        shape = dict(zip(dims, array.shape, strict=True))
        placement = declared_grid(declaration, width=shape["x"], height=shape["y"], path=self._path)
        if placement is None:
            raise SourceRefused(self._path, "it states no grid", "declare `grid`: crs, origin and cell")
        grid, layout, moves = normalise(placement[0])
        stated = cast("NcVariable", _Stated(array))
        packed = packing(stated, overrides, path=self._path)
        rules, cell_notes = cell_rules(stated, overrides, packed, path=self._path, prefilled=self._is_netcdf)
        require_storable(np.dtype(rules.dtype), grid, name=name, path=self._path)
        self._dims[name], self._layouts[name], self._rules[name] = dims, layout, rules
        unpacking = _unpacking(stated, overrides)
        return SourceVariable(
            name=name,
            title=cf.words(stated, "long_name") or name,
            dtype=rules.dtype,
            grid=grid,
            nodata=rules.nodata,
            scale=packed.scale,
            offset=packed.offset,
            unit=overrides.unit or cf.words(stated, "units") or None,
            standard_name=overrides.standard_name or cf.standard_name(stated),
            kind=overrides.kind or ("categorical" if overrides.classes else "continuous"),
            levels=numbered_levels(shape["level"], path=self._path) if "level" in shape else None,
            members=numbered_levels(shape[MEMBER], path=self._path, name=MEMBER) if MEMBER in shape else None,
            steps=self._steps(shape.get("time"), declaration),
            climatology=declaration.time is not None and declaration.time.climatology,
            together=_together(array, dims),
            lineage=(*placement[1], *moves, *cell_notes, *unpacking),
            assumed=(*(note for note in cell_notes if is_assumed(note)), *unpacking),
        )

    def _declared_dims(self, name: str, overrides: VariableDeclaration | None, ndim: int) -> list[str]:
        if overrides is None or overrides.dims is None:
            remedy = f"declare `dims` of variable {name}, such as [y, x] or [time, y, x], and `grid`"
            raise SourceRefused(self._path, f"it states no axes for variable {name}", remedy)
        if len(overrides.dims) != ndim or len(set(overrides.dims)) != ndim or not {"x", "y"} <= set(overrides.dims):
            cause = f"variable {name} has {ndim} dimensions, and dims are declared as {list(overrides.dims)}"
            raise SourceRefused(
                self._path, cause, "declare x, y and, where there are more, time, level and member, each once"
            )
        return list(overrides.dims)

    def _steps(self, count: int | None, declaration: DatasetDeclaration) -> tuple[TimeStep | None, ...]:
        if declaration.time is not None:
            return declared_steps(declaration.time, 1 if count is None else count, path=self._path)
        if count is None:
            return (None,)
        raise SourceRefused(self._path, f"it states no times for its {count} steps", "declare `time.labels`")

    def read(self, variable: str, step: int, *, rows: tuple[int, int], layer: int = 0) -> NDArray[Any]:
        """See `cog.sources.protocol.GridSource`."""
        dims, array = self._dims[variable], self._file[variable]
        member, level = divmod(layer, array.shape[dims.index("level")] if "level" in dims else 1)

        def stored(first: int, last: int) -> NDArray[Any]:
            places = {"y": slice(first, last), "x": slice(None), "time": step, "level": level, MEMBER: member}
            cells = np.asarray(array[tuple(places[d] for d in dims)])
            if cells.dtype.kind == "i" and self._rules[variable].dtype.startswith("u"):
                cells = cells.view(f"{cells.dtype.byteorder}u{cells.dtype.itemsize}")
            return cells if dims.index("y") < dims.index("x") else cells.T

        try:
            return self._rules[variable].clean(self._layouts[variable].read(stored, rows))
        except _READ_ERRORS as error:
            cause = f"step {step} of {variable} cannot be read: {error}"
            raise SourceRefused(self._path, cause, "check that the file is whole") from error

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def __enter__(self) -> Self:
        """The source itself."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close it."""
        self.close()


class _Stated:
    """The attributes of an array, as those of a NetCDF variable are read."""

    def __init__(self, array: h5py.Dataset) -> None:
        self.name = str(array.name)
        self.dtype = array.dtype
        self._attributes = array.attrs

    def ncattrs(self) -> list[str]:
        """The names of its attributes that hold a value."""
        return [name for name, value in self._attributes.items() if not isinstance(value, h5py.Empty)]

    def getncattr(self, name: str) -> Any:
        """The value of an attribute; a single one by itself, and text as such."""
        value = self._attributes[name]
        if isinstance(value, np.ndarray) and value.size == 1:
            value = value.reshape(-1)[0]
        return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else value


def _unpacking(stated: NcVariable, overrides: VariableDeclaration) -> tuple[str, ...]:
    """A note where a packing that the array states is taken as CF's: HDF4 subtracts the offset before it multiplies."""
    names = [
        n
        for n, declared in (("scale_factor", overrides.scale), ("add_offset", overrides.offset))
        if declared is None and cf.attribute(stated, n) is not None
    ]
    if not names:
        return ()
    return (f"Its {' and '.join(names)} were taken as CF means them: stored value * scale_factor + add_offset.",)


def _arrays(file: h5py.File) -> dict[str, tuple[int, ...]]:
    """The shape of each numeric array of at least two dimensions, by its path from the root."""
    shapes: dict[str, tuple[int, ...]] = {}

    def visit(name: str, thing: h5py.Dataset | h5py.Group) -> None:
        if isinstance(thing, h5py.Dataset) and thing.ndim > 1 and thing.dtype.kind in "iuf":
            shapes[name] = thing.shape

    file.visititems(visit)
    return shapes


def _together(array: h5py.Dataset, dims: list[str]) -> int:
    """Number of steps that share a chunk, if the chunks of one whole step fit into the cache with them; else 1."""
    if array.chunks is None or "time" not in dims:
        return 1
    depth = int(array.chunks[dims.index("time")])
    sizes = [1 if d == "time" else ceil(n / c) * c for d, n, c in zip(dims, array.shape, array.chunks, strict=True)]
    return depth if int(np.prod(sizes)) * depth * array.dtype.itemsize <= CHUNK_CACHE_BYTES else 1


def require_self_contained(path: Path) -> None:
    """Raise SourceRefused for an HDF5 file that points to other files, or holds too many objects to look through."""
    try:
        file = h5py.h5f.open(os.fsencode(path), h5py.h5f.ACC_RDONLY)
        try:
            _walk(h5py.h5g.open(file, b"/"), path)
        finally:
            file.close()
    except _READ_ERRORS as error:
        raise SourceRefused(path, f"HDF5 cannot read it: {error}", "check that the file is whole") from error


def _walk(root: h5py.h5g.GroupID, path: Path) -> None:
    """Look at every object; by h5py's lower interface, for of a small file this takes as long as reading it."""
    pending, seen = [root], 0
    visited: set[int] = set()
    while pending:
        group = pending.pop()
        for name in group:
            seen += 1
            if seen > MAX_OBJECTS:
                raise SourceRefused(path, f"holds more than {MAX_OBJECTS} objects", "split it")
            if group.links.get_info(name).type == h5py.h5l.TYPE_EXTERNAL:
                cause = f"{name.decode(errors='replace')} is a link to another file"
                raise SourceRefused(path, cause, "copy the data into the file")
            try:
                thing = h5py.h5o.open(group, name)
            except KeyError:  # a link to nothing
                continue
            if isinstance(thing, h5py.h5g.GroupID):
                place = h5py.h5o.get_info(thing).addr
                if place not in visited:
                    visited.add(place)
                    pending.append(thing)
            elif isinstance(thing, h5py.h5d.DatasetID) and _is_elsewhere(thing):
                cause = f"{name.decode(errors='replace')} keeps its data in another file"
                raise SourceRefused(path, cause, "copy the data into the file")


def _is_elsewhere(dataset: h5py.h5d.DatasetID) -> bool:
    """Whether a dataset keeps its cells, or some of them, in other files."""
    creation = dataset.get_create_plist()
    return bool(creation.get_layout() == h5py.h5d.VIRTUAL or creation.get_external_count() > 0)
