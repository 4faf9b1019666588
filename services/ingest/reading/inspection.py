"""Inspecting source files in worker processes, without a catalogue."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cog.sources.models import SourceDescription, SourceVariable, TimeStep
from config.declarations.datasets import DatasetDeclaration
from config.errors import SourceRefused
from services.ingest.models import shown
from services.ingest.publishing import describe
from services.ingest.tasks import INSPECT_SOURCE
from services.ingest.workers import FileTask, Workers, pool_of


@dataclass(frozen=True, kw_only=True)
class InspectedSource:
    """A source, and what it holds or why it is refused."""

    path: Path
    size: int
    found: SourceDescription | SourceRefused
    ids: dict[str, str]
    """The id that each of its variables gets, by its name in the source."""
    part: str | None = None


def inspect(
    paths: Sequence[Path], declaration: DatasetDeclaration, *, workers: Workers | int | None = None
) -> list[InspectedSource]:
    """Look into files, each in a process that may crash, and say what is understood with a declaration."""
    tasks = [FileTask(path=path, function=INSPECT_SOURCE, arguments=(path, declaration)) for path in paths]
    with pool_of(workers) as pool:
        results = pool.run(tasks, stop_early=False)
    return [_inspected(path, result, declaration) for path, result in zip(paths, results, strict=True)]


def _inspected(
    path: Path, result: SourceDescription | SourceRefused, declaration: DatasetDeclaration
) -> InspectedSource:
    ids = {}
    part = None
    if isinstance(result, SourceDescription):
        ids = describe.variable_ids([v.name for v in result.variables], declaration)
        try:
            part = declaration.parts.part_of(path.name) if declaration.parts else None
        except ValueError as error:
            result = SourceRefused(path, str(error), "correct `parts.pattern`")
    size = path.stat().st_size if path.is_file() else 0
    return InspectedSource(path=path, size=size, found=result, ids=ids, part=part)


def document(one: InspectedSource) -> dict[str, Any]:
    """Describe a source as JSON members."""
    head = {"path": shown(one.path), "bytes": one.size}
    if isinstance(one.found, SourceRefused):
        return head | {"refused": {"cause": one.found.cause, "remedy": one.found.remedy}}
    return head | {
        "format": one.found.format,
        "part": one.part,
        "variables": [_variable(v, one.ids[v.name]) for v in one.found.variables],
        "left_out": [{"name": name, "reason": reason} for name, reason in (*one.found.unusable, *one.found.skipped)],
        "attributes": one.found.attributes,
    }


def _variable(variable: SourceVariable, id_: str) -> dict[str, Any]:
    grid, nodata = variable.grid, variable.nodata
    return {
        "source": variable.name,
        "id": id_,
        "title": variable.title,
        "unit": variable.unit,
        "standard_name": variable.standard_name,
        "kind": variable.kind,
        "type": variable.dtype,
        "bands": variable.band_count,
        "nodata": repr(nodata) if nodata is not None and math.isnan(nodata) else nodata,
        "scale": variable.scale,
        "offset": variable.offset,
        "grid": grid.to_json() | {"bounds": list(grid.bounds)},
        "times": _times(variable.steps),
        "climatology": variable.climatology,
        "levels": list(variable.levels.labels) if variable.levels else None,
        "members": list(variable.members.labels) if variable.members else None,
        "classes": [{"value": c.value, "name": c.name, "color": c.color} for c in variable.classes],
        "notes": list(variable.lineage),
    }


def _times(steps: Sequence[TimeStep | None]) -> dict[str, Any] | None:
    dated = [step for step in steps if step is not None]
    if not dated:
        return None
    first, last = dated[0], dated[-1]
    return {
        "count": len(dated),
        "calendar": first.calendar,
        "first": first.label,
        "last": last.label,
        "start": first.start,
        "end": last.end,
    }


TABLE = ("variable", "id", "kind", "type", "unit", "cells", "CRS", "times", "levels", "no data", "packing")


def rows(one: InspectedSource) -> Iterator[tuple[str, ...]]:
    """A row of `TABLE` for each variable of a source that was understood."""
    assert isinstance(one.found, SourceDescription)
    for v in one.found.variables:
        packing = "" if (v.scale, v.offset) == (1.0, 0.0) else f"* {v.scale:.6g} + {v.offset:.6g}"
        levels = f"{len(v.levels.labels)} {v.levels.unit or ''}".strip() if v.levels else ""
        levels += f"{' x ' if levels else ''}{len(v.members.labels)} members" if v.members else ""
        yield (
            v.name,
            one.ids[v.name],
            v.kind,
            v.dtype,
            v.unit or "?",
            f"{v.grid.height} x {v.grid.width}",
            v.grid.crs if len(v.grid.crs) < 20 else v.grid.crs.split('"')[1][:24],
            times_in_words(v.steps),
            levels,
            "" if v.nodata is None else f"{v.nodata:.7g}",
            packing,
        )


def times_in_words(steps: Sequence[TimeStep | None]) -> str:
    """The times of a variable for people."""
    times = _times(steps)
    if times is None:
        return "none"
    calendar = "" if times["calendar"] in ("standard", "gregorian", "proleptic_gregorian") else f" {times['calendar']}"
    if times["count"] == 1:
        return f"{times['first']}{calendar}"
    return f"{times['count']}: {times['first']}..{times['last']}{calendar}"
