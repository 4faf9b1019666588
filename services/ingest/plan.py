"""What an ingest has to do: which sources are new, whether they fit together, and which steps go to which worker."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from math import ceil
from pathlib import Path
from typing import Any

from cog import profiles
from cog.models import SourceDescription, SourceVariable, TimeStep
from cog.profiles import ProfileName
from config.datasets import DatasetDeclaration
from config.errors import SourceRefused
from records.models import Granule, Variable
from services.ingest import describe
from services.ingest.workers import Conversion, Task, convert_steps

_LIBRARIES = ("graticule", "rasterio", "rio-cogeo", "netcdf4", "h5py", "pyhdf", "eccodes")
TASK_BYTES = 16 * 1024 * 1024
"""Cells that one task converts, about: many small steps share the cost of opening their file."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """A source file by its content, and the key under which its granules are known."""

    path: Path
    sha256: str
    size: int
    key: str


def content(path: Path, declaration: DatasetDeclaration, *, dataset_id: str, profile: ProfileName) -> Content:
    """Read a file through once; its key is a hash of content, declaration and profile. Raises SourceRefused."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except OSError as error:
        raise SourceRefused(path, f"cannot be read: {error.strerror}", "check the path and its permissions") from error
    said = declaration.model_dump(mode="json", exclude={"sources"})
    parts = [digest, said, dataset_id, profile, profiles.VERSION]
    if declaration.time is not None and declaration.time.pattern is not None:
        parts.append(path.name)  # the name holds the time
    key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return Content(path=path, sha256=digest, size=size, key=key)


def is_unchanged(source: Content, existing: Sequence[Granule], store: Path) -> bool:
    """Whether the catalogue has every granule of a source under its key, and the store their assets."""
    mine = [g for g in existing if g.provenance.get("key") == source.key]
    expected = mine[0].provenance.get("granules") if mine else None
    return len(mine) == expected and all((store / g.asset.href).is_file() for g in mine)


type Key = tuple[str, str | None, str | None]
"""Variable, time and level of a granule."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One step and level of one source variable: it becomes one granule."""

    source: Content
    variable_id: str
    variable: SourceVariable
    step: int
    time: TimeStep | None
    target: Path
    level_index: int = 0

    @property
    def label(self) -> str | None:
        """Its time's label."""
        return self.time.label if self.time else None

    @property
    def level(self) -> str | None:
        """Its level's label."""
        return self.variable.levels.labels[self.level_index] if self.variable.levels else None

    @property
    def key(self) -> Key:
        """What tells its granule from the others of the dataset."""
        return (self.variable_id, self.label, self.level)


def granule_key(granule: Granule) -> Key:
    """The `Piece.key` of a granule."""
    return (granule.variable_id, granule.time, granule.level)


def pieces(
    inspected: list[tuple[Content, SourceDescription]], declaration: DatasetDeclaration, folder: Path
) -> list[Piece]:
    """Every step of every source; raises SourceRefused when two sources do not fit together."""
    found: list[Piece] = []
    seen: dict[Key, Path] = {}
    first: dict[str, tuple[Path, SourceVariable]] = {}
    for number, (source, description) in enumerate(inspected):
        ids = describe.variable_ids([v.name for v in description.variables], declaration)
        for raw in description.variables:
            variable = describe.with_declared_meaning(raw, declaration.variable(raw.name))
            id_ = ids[raw.name]
            earlier = first.setdefault(id_, (source.path, variable))
            _require_alike(source.path, id_, variable, earlier)
            levels = range(len(variable.levels.labels) if variable.levels else 1)
            for (step, time), level in product(enumerate(variable.steps), levels):
                piece = Piece(
                    source=source,
                    variable_id=id_,
                    variable=variable,
                    step=step,
                    time=time,
                    level_index=level,
                    target=folder / f"{number}-{id_}-{step}-{level}.tif",
                )
                _require_once(piece, seen)
                found.append(piece)
    return found


def _require_once(piece: Piece, seen: dict[Key, Path]) -> None:
    other = seen.setdefault(piece.key, piece.source.path)
    if other != piece.source.path:
        when = f"at {piece.label}" if piece.label else "without a time"
        cause = f"it and {other} both have variable {piece.variable_id} {when}"
        raise SourceRefused(piece.source.path, cause, "declare `time.pattern`, or leave one out")


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
    }


def _difference(variable: SourceVariable, other: SourceVariable | Variable) -> str | None:
    """In what a variable differs from another of the same id, in words."""
    if not variable.grid.matches(other.grid):
        return "has another grid"
    mine, theirs = _meaning(variable), _meaning(other)
    return next(
        (f"has {name} {mine[name]!r}, not {theirs[name]!r}" for name in mine if mine[name] != theirs[name]), None
    )


def _require_alike(path: Path, id_: str, variable: SourceVariable, first: tuple[Path, SourceVariable]) -> None:
    difference = _difference(variable, first[1])
    if difference:
        raise SourceRefused(path, f"variable {id_} {difference}, as in {first[0]}", "make it a dataset of its own")


def require_published_alike(path: Path, id_: str, variable: SourceVariable, published: Sequence[Variable]) -> None:
    """Raise SourceRefused when a variable differs from the published one in grid, type, unit or packing."""
    other = next((v for v in published if v.id == id_), None)
    difference = _difference(variable, other) if other else None
    if difference:
        cause = f"variable {id_} {difference}, as in the published dataset"
        raise SourceRefused(path, cause, "replace the whole dataset with --replace, or choose another --id")


def conversion_tasks(
    found: list[Piece], declaration: DatasetDeclaration, *, profile: ProfileName, workers: int
) -> list[tuple[Task, list[Piece]]]:
    """The pieces shared out: steps of one chunk together, small steps in groups, large ones alone."""
    tasks = []
    for group in _by_variable(found):
        variable = group[0].variable
        many = min(ceil(TASK_BYTES / variable.step_bytes), ceil(len(group) / (2 * workers)))
        many = ceil(many / variable.together) * variable.together
        for start in range(0, len(group), many):
            tasks.append(_task(group[start : start + many], declaration, profile))  # noqa: PERF401 - reads better
    return tasks


def _by_variable(found: list[Piece]) -> list[list[Piece]]:
    groups: dict[tuple[Path, str], list[Piece]] = {}
    for piece in found:
        groups.setdefault((piece.source.path, piece.variable_id), []).append(piece)
    return list(groups.values())


def _task(group: list[Piece], declaration: DatasetDeclaration, profile: ProfileName) -> tuple[Task, list[Piece]]:
    path = group[0].source.path
    conversion = Conversion(
        declaration=declaration,
        variable=group[0].variable,
        steps=tuple((p.step, p.level_index) for p in group),
        targets=tuple(p.target for p in group),
        tags=tuple(_tags(p) for p in group),
        profile=profile,
    )
    return Task(path=path, function=convert_steps, arguments=(path, conversion)), group


def _tags(piece: Piece) -> dict[str, str]:
    found = {"TIME": piece.time.label, "TIME_CALENDAR": piece.time.calendar} if piece.time else {}
    return found | ({"LEVEL": piece.level} if piece.level is not None else {})


def provenance(piece: Piece, *, granules: int, profile: ProfileName) -> dict[str, Any]:
    """What is kept of where a granule comes from; `granules` is how many its source gave under the same key."""
    return {
        "key": piece.source.key,
        "granules": granules,
        "source": {
            "path": str(piece.source.path),
            "sha256": piece.source.sha256,
            "size": piece.source.size,
            "variable": piece.variable.name,
            "step": piece.step,
            "level": piece.level_index,
        },
        "versions": {name: version(name) for name in _LIBRARIES},
        "parameters": {"profile": profile, "profile_version": profiles.VERSION, "block": profiles.BLOCK},
        "lineage": list(piece.variable.lineage),
    }
