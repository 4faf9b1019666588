"""The pieces of an ingest: one for each granule, checked to fit together, and shared among the workers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from itertools import product
from math import ceil
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cog.convert import blocks, profiles
from cog.convert.models import KnownFile
from cog.convert.profiles import ProfileName
from cog.sources.models import SourceDescription, SourceVariable, TimeStep
from config.declarations.datasets import DatasetDeclaration
from config.errors import SourceRefused
from config.layers import MAX_LAYERS, level_of, member_of
from records.datasets.models import Place, Variable
from services.ingest.models import shown
from services.ingest.publishing import describe
from services.ingest.reading.source_digest import SourceContent
from services.ingest.store.resuming import finished_path
from services.ingest.tasks import CATALOGUE_IN_PLACE, CONVERT_CARRIED, CONVERT_STEPS, CarriedConversion, Conversion
from services.ingest.workers import FileTask

_LIBRARIES = ("graticule", "rasterio", "rio-cogeo", "netcdf4", "h5py", "pyhdf", "eccodes")
TASK_BYTES = 16 * 1024 * 1024
"""Cells that one task converts, about: many small steps share the cost of opening their file."""


@dataclass(frozen=True, kw_only=True)
class GranulePiece:
    """One step and layer of one source variable: it becomes one granule."""

    source: SourceContent
    variable_id: str
    variable: SourceVariable
    step: int
    time: TimeStep | None
    target: Path
    layer_index: int = 0
    part: str | None = None
    cells: NDArray[Any] | None = None
    """Its cells, where they are carried from inspection."""

    @property
    def label(self) -> str | None:
        """Its time's label."""
        return self.time.label if self.time else None

    @property
    def layer(self) -> str | None:
        """The key of its layer (`config.layers`)."""
        return self.variable.layers[self.layer_index]

    @property
    def stored(self) -> tuple[str, int, int]:
        """Where its source has it: the variable's name there, step and number of the layer."""
        return self.variable.name, self.step, self.layer_index

    @property
    def is_named_by_file(self) -> bool:
        """Whether the variable has no name in the source but that of the file."""
        return self.variable.name == _file_name(self.source.path)

    @property
    def place(self) -> Place:
        """The key of its granule within the dataset."""
        return (self.variable_id, self.label, self.layer, self.part)


def _file_name(path: Path) -> str:
    """The name that a raster's only band has where it states none."""
    return re.sub(r"\W+", "_", path.stem).strip("_")


@dataclass(frozen=True, kw_only=True)
class PieceLayout:
    """A piece for each granule of an ingest, and the sources that do not fit."""

    pieces: list[GranulePiece]
    refused: list[SourceRefused]


def pieces(
    inspected: list[tuple[SourceContent, SourceDescription]],
    declaration: DatasetDeclaration,
    folder: Path,
    *,
    dataset_id: str,
    published: Sequence[Variable] = (),
    has_parts: bool | None = None,
) -> PieceLayout:
    """Every step and layer of every source; a source that fits neither the first ones nor what is published is refused.

    Sources of one variable have equal grids, except parts, which have an equal CRS. `has_parts` says whether what is
    published is cut into parts, None where nothing is.
    """
    laying = _Laying(
        dataset_id=dataset_id,
        declaration=declaration,
        folder=folder,
        published={v.id: v for v in published},
        has_parts=has_parts,
    )
    layout = PieceLayout(pieces=[], refused=[])
    for number, (source, description) in enumerate(inspected):
        try:
            layout.pieces.extend(laying.source(source, description, number))
        except SourceRefused as refused:
            layout.refused.append(refused)
    return layout


class _Laying:
    """The pieces of one source after the other, and what those before have fixed."""

    def __init__(
        self,
        *,
        dataset_id: str,
        declaration: DatasetDeclaration,
        folder: Path,
        published: dict[str, Variable],
        has_parts: bool | None,
    ) -> None:
        self._dataset_id = dataset_id
        self._declaration = declaration
        self._folder = folder
        self._published = published
        self._parted = has_parts
        self._seen: dict[Place, Path] = {}
        self._first: dict[str, tuple[Path, SourceVariable]] = {}

    def source(self, source: SourceContent, description: SourceDescription, number: int) -> list[GranulePiece]:
        """The pieces of a source; raises SourceRefused, and then it has fixed nothing."""
        part = self._part(source.path)
        ids = self._ids(source.path, description)
        pieces: list[GranulePiece] = []
        for raw in description.variables:
            variable = describe.with_declared_meaning(raw, self._declaration.variable(raw.name))
            id_ = ids[raw.name]
            if self._declaration.names_tell and variable.title == _file_name(source.path):
                variable = replace(variable, title=id_)  # which holds no time and no part
            self._require_alike(source.path, id_, variable)
            layers = range(len(variable.layers))
            if len(layers) > MAX_LAYERS:
                cause = f"variable {id_} has {len(layers)} levels and members, the limit is {MAX_LAYERS}"
                raise SourceRefused(source.path, cause, "split the file by level or member")
            for (step, time), layer in product(enumerate(variable.steps), layers):
                piece = GranulePiece(
                    source=source,
                    variable_id=id_,
                    variable=variable,
                    step=step,
                    time=time,
                    layer_index=layer,
                    part=part,
                    target=self._folder / f"{number}-{id_}-{step}-{layer}.tif",
                )
                self._require_once(piece)
                pieces.append(piece)
        for piece in pieces:
            self._seen[piece.place] = source.path
            self._first.setdefault(piece.variable_id, (source.path, piece.variable))
        return pieces

    def _ids(self, path: Path, description: SourceDescription) -> dict[str, str]:
        """The id of each variable. Where names of files hold time or part, none of them is the quantity's name."""
        names = [v.name for v in description.variables]
        declaration = self._declaration.variable(names[0]) if len(names) == 1 else None
        is_named = len(names) != 1 or (declaration is not None and declaration.id is not None)
        if is_named or not self._declaration.names_tell or names[0] != _file_name(path):
            return describe.variable_ids(names, self._declaration)
        return {names[0]: describe.variable_id(self._dataset_id.replace("-", "_"), None)}

    def _part(self, path: Path) -> str | None:
        if self._declaration.parts is None:
            return None
        try:
            return self._declaration.parts.part_of(path.name)
        except ValueError as error:
            raise SourceRefused(path, str(error), "correct `parts.pattern`, or leave the file out") from error

    def _require_alike(self, path: Path, id_: str, variable: SourceVariable) -> None:
        parts = self._declaration.parts is not None
        other = self._published.get(id_)
        difference = _difference(variable, other, parts=parts) if other else None
        if self._parted not in (None, parts):
            difference = "is cut into parts, not whole" if parts else "is whole, not cut into parts"
        if difference:
            cause = f"variable {id_} {difference}, as in the published dataset"
            raise SourceRefused(path, cause, "replace the whole dataset with --replace, or choose another --id")
        if id_ in self._first:
            first, earlier = self._first[id_]
            difference = _difference(variable, earlier, parts=parts)
            if difference:
                remedy = "make it a dataset of its own, or declare `parts` if they are sheets of one map"
                raise SourceRefused(path, f"variable {id_} {difference}, as in {first}", remedy)

    def _require_once(self, piece: GranulePiece) -> None:
        other = self._seen.get(piece.place)
        if other is not None:
            when = f"at {piece.label}" if piece.label else "without a time"
            when += "" if piece.layer is None else f", layer {piece.layer}"
            part = f" as part {piece.part}" if piece.part else ""
            cause = f"it and {other} both have variable {piece.variable_id} {when}{part}"
            raise SourceRefused(piece.source.path, cause, "declare `time.pattern` or `parts`, or leave one out")


def _meaning(variable: SourceVariable | Variable) -> dict[str, Any]:
    nodata = variable.nodata
    return {
        "unit": variable.unit,
        "cell type": variable.dtype,
        "no-data value": None if nodata is None else repr(float(nodata)),
        "scale": variable.scale,
        "offset": variable.offset,
        "kind": variable.kind,
        "number of bands": variable.band_count,
        "unit of levels": variable.levels.unit if variable.levels else "none, having no levels",
        "members": "an axis" if variable.members else "none",
    }


def _difference(variable: SourceVariable, other: SourceVariable | Variable, *, parts: bool) -> str | None:
    """In what a variable differs from another of the same id, in words; parts may differ in their grids but the CRS."""
    if variable.grid.crs != other.grid.crs:
        return f"has the CRS {variable.grid.crs[:60]}, not {other.grid.crs[:60]}"
    if not parts and not variable.grid.matches(other.grid):
        return "has another grid"
    mine, theirs = _meaning(variable), _meaning(other)
    return next(
        (f"has {name} {mine[name]!r}, not {theirs[name]!r}" for name in mine if mine[name] != theirs[name]), None
    )


def conversion_tasks(
    pieces_: list[GranulePiece], declaration: DatasetDeclaration, *, profile: ProfileName, workers: int
) -> list[tuple[FileTask, list[GranulePiece]]]:
    """The pieces shared out: steps of one chunk together, small steps in groups, large ones alone."""
    tasks = []
    shared: SourceVariable | None = None
    for group in _by_variable(pieces_):
        variable = group[0].variable
        if profile == "in-place":
            tasks += [_in_place(piece, declaration) for piece in group]
            continue
        if all(piece.cells is not None for piece in group):
            alike = replace(variable, steps=(None,))
            if shared is None or shared != alike:  # equal ones are sent once for all files of a group
                shared = alike
            tasks.append(_carried(group, shared, profile))
            continue
        many = min(ceil(TASK_BYTES / variable.step_bytes), ceil(len(group) / (2 * workers)))
        many = ceil(many / variable.together) * variable.together
        for start in range(0, len(group), many):
            tasks.append(_task(group[start : start + many], declaration, profile))
    return tasks


def _by_variable(pieces_: list[GranulePiece]) -> list[list[GranulePiece]]:
    groups: dict[tuple[Path, str], list[GranulePiece]] = {}
    for piece in pieces_:
        groups.setdefault((piece.source.path, piece.variable_id), []).append(piece)
    return list(groups.values())


def _task(
    group: list[GranulePiece], declaration: DatasetDeclaration, profile: ProfileName
) -> tuple[FileTask, list[GranulePiece]]:
    path = group[0].source.path
    conversion = Conversion(
        declaration=declaration,
        variable=replace(group[0].variable, steps=(None,)),  # thousands of times need not go to the worker
        steps=tuple((p.step, p.layer_index) for p in group),
        targets=tuple(p.target for p in group),
        tags=tuple(_tags(p) for p in group),
        profile=profile,
        finished=tuple(waiting_place(p) for p in group),
    )
    return FileTask(path=path, function=CONVERT_STEPS, arguments=(path, conversion)), group


def _carried(
    group: list[GranulePiece], variable: SourceVariable, profile: ProfileName
) -> tuple[FileTask, list[GranulePiece]]:
    path = group[0].source.path
    conversion = CarriedConversion(
        variable=variable,
        cells={p.stored: p.cells for p in group if p.cells is not None},
        targets=tuple(p.target for p in group),
        tags=tuple(_tags(p) for p in group),
        profile=profile,
    )
    return FileTask(path=path, function=CONVERT_CARRIED, arguments=(path, conversion), is_small=True), group


def _in_place(piece: GranulePiece, declaration: DatasetDeclaration) -> tuple[FileTask, list[GranulePiece]]:
    source = piece.source
    file = KnownFile(path=source.path, sha256=source.sha256, size=source.size, mtime_ns=source.stamp[1])
    arguments = (source.path, declaration, piece.variable, file, piece.target)
    return FileTask(path=source.path, function=CATALOGUE_IN_PLACE, arguments=arguments), [piece]


def waiting_place(piece: GranulePiece) -> Path | None:
    """Where the COG of a piece waits for the others; None for small ones."""
    source = piece.source
    facts = (source.key, source.sha256, piece.variable_id, *piece.stored, sorted(_tags(piece).items()))
    return finished_path(piece.target, facts, cell_bytes=piece.variable.step_bytes)


def _tags(piece: GranulePiece) -> dict[str, str]:
    tags = {"TIME": piece.time.label, "TIME_CALENDAR": piece.time.calendar} if piece.time else {}
    level, member = level_of(piece.layer), member_of(piece.layer)
    tags |= {"LEVEL": level} if level is not None else {}
    tags |= {"MEMBER": member} if member is not None else {}
    return tags | ({"PART": piece.part} if piece.part is not None else {})


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    """The versions of what reads and writes cells; looking one up reads files."""
    return tuple((name, version(name)) for name in _LIBRARIES)


def provenance(piece: GranulePiece, *, granules: int, profile: ProfileName) -> dict[str, Any]:
    """The provenance of a granule; `granules` is the number of granules of its source under the same key."""
    return {
        "key": piece.source.key,
        "granules": granules,
        "source": {
            "path": shown(piece.source.path),
            "sha256": piece.source.sha256,
            "size": piece.source.size,
            "variable": piece.variable.name,
            "step": piece.step,
            "layer": piece.layer_index,
        },
        "versions": dict(_versions()),
        "parameters": {"profile": profile, "profile_version": profiles.VERSION, "block": blocks.BLOCK},
        "lineage": list(piece.variable.lineage),
    }
