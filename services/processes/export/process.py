"""The process `export`: cubes of a collection, written by parts."""

from __future__ import annotations

import math
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from cog.writers.csv import write_csv
from cog.writers.cube import Cube
from cog.writers.geotiff import write_cog
from cog.writers.netcdf import write_netcdf
from cog.writers.zarr_zip import write_zarr_zip
from config.errors import InvalidInput, InvalidParameter, TooLarge
from config.times import label_to_path
from config.vocabulary import COG, CSV, NETCDF
from services.access.guards import require_readable
from services.access.principal import ANONYMOUS
from services.gridded.credits import global_attributes
from services.processes.export.description import TEXTS
from services.processes.fields.steps import MOST_TIMES, times_of
from services.processes.maps.answers import expiry
from services.selection.moments import first_moments, grid_of
from services.selection.opening.cubes import layer_axes, layer_of, steps_of
from services.selection.region import RegionRequest, place_of
from services.selection.selection import SelectionRequest, require_same_layers, resolve_all, variables_named
from services.web.crs import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from config.times import TimeRange
    from services.compute.staging import StagedFile
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.selection.moments import TimeSlice
    from services.selection.region import CoveragePlace
    from services.selection.selection import Selection
    from services.web.context import Context

_WRITERS: Final[dict[str, tuple[Callable[[Path, Cube], None], str, str]]] = {
    "netcdf": (write_netcdf, ".nc", NETCDF),
    "geotiff": (write_cog, ".tif", COG),
    "csv": (write_csv, ".csv", CSV),
    "zarr": (write_zarr_zip, ".zarr.zip", "application/zip"),
}
"""What writes a file of each format, its ending and its media type."""
_BYTES_OF_TEXT: Final = 30
"""Bytes of a row of CSV: places, time and value."""
_CSV_SHARE: Final = 10
_SPARE: Final = 0.9
"""Share of the free disk that an export may take."""


@dataclass(frozen=True, kw_only=True)
class ExportPart:
    """A cube that becomes one file."""

    cube: Cube
    name: str
    format: str
    cells: int


@dataclass(frozen=True, kw_only=True)
class ExportPlan:
    """The parts of an export.

    Attributes:
        parts: One for each file.
        estimate: Bytes of the values, as they are stored and not packed.
        cells: Values.
    """

    parts: tuple[ExportPart, ...]
    estimate: int
    cells: int


class ExportProcess:
    """A collection as files of a job."""

    description: ClassVar[Mapping[str, Any]] = TEXTS.english
    chinese: ClassVar[Mapping[str, tuple[str, str]]] = TEXTS.chinese

    def require(self, request: ExecuteRequest, context: Context) -> None:
        """What is asked for is there, and not too large."""
        plan_export(request.inputs, context)

    def plan(self, request: ExecuteRequest, environment: Environment) -> ExportPlan:
        """One cube, or one for each time."""
        environment.report(0, "Finding the data")
        return plan_export(request.inputs, environment.context)

    def part(self, part: ExportPart, environment: Environment) -> StagedFile:
        """Write one file."""
        environment.report(5, f"Writing {part.name}")
        write, _, _ = _WRITERS[part.format]
        return environment.staging.write(part.name, lambda path: write(path, part.cube))

    def combine(
        self, request: ExecuteRequest, plan: ExportPlan, results: Sequence[StagedFile], environment: Environment
    ) -> Mapping[str, Any]:
        """Links to the files."""
        del request
        settings = environment.context.settings
        links = []
        for file, own in zip(results, plan.parts, strict=True):
            job, part, name = PurePosixPath(file.href).parts[-3:]
            times = [step.label for step in own.cube.steps]
            links.append(
                {
                    "href": f"{settings.base_url}/jobs/{job}/files/{part}/{name}",
                    "type": _WRITERS[own.format][2],
                    "bytes": file.size,
                    "sha256": file.sha256,
                    **({"first": times[0], "last": times[-1], "times": len(times)} if times else {}),
                }
            )
        summary = {
            "cells": plan.cells,
            "estimated_bytes": plan.estimate,
            "bytes": sum(file.size for file in results),
        }
        return {"files": {"files": links, "expires": expiry(settings.limit.job_days)}, "summary": summary}


def plan_export(inputs: Mapping[str, Any], context: Context) -> ExportPlan:
    """The cubes of an export; raises InvalidInput, GranuleNotFound, TooLarge or what else the selection refuses."""
    dataset, _ = require_readable(context, ANONYMOUS, inputs["collection"])
    variables = variables_named(dataset, inputs.get("variables"), parameter="variables")
    format_ = inputs.get("format", "netcdf")
    moments_of: list[dict[int | None, TimeSlice]] = []
    selections: list[Selection] = []
    intervals: list[TimeRange | None] = [*times_of(inputs.get("datetime"))] or [None]
    for when in intervals:
        request = SelectionRequest(when=when, level=inputs.get("level"), member=inputs.get("member"))
        selections = resolve_all(dataset, request, variables, default_times="all")
        require_same_layers(selections)
        moments_of = moments_of or [{} for _ in selections]
        for moments, selection in zip(moments_of, selections, strict=True):
            moments |= {each.key: each for each in first_moments(context.catalogue, selection, MOST_TIMES + 1)}
    series = [[moments[key] for key in sorted(moments, key=lambda key: key or 0)] for moments in moments_of]
    _require_one_grid(series)
    place = _place(inputs, series, dataset.id, context)
    steps = steps_of(series)
    levels = selections[0].levels
    if format_ == "geotiff" and len(levels) > 1:
        raise InvalidParameter("format", format_, f"a GeoTIFF holds one of {len(levels)} levels: name level")
    bands = sum(variable.band_count * np.dtype(variable.dtype).itemsize for variable in variables)
    plane = place.region.width * place.region.height * max(1, len(selections[0].layers))
    cells = plane * max(1, len(steps)) * sum(variable.band_count for variable in variables)
    estimate = cells * _BYTES_OF_TEXT if format_ == "csv" else plane * max(1, len(steps)) * bands
    _require_size(cells, estimate, format_, context)
    place = replace(place, region=replace(place.region, most_read=max(1, plane * 4)))
    cube = Cube(
        region=place.region,
        layers=tuple(
            layer_of(context, selection, moments, steps, place=place, kernel=None)
            for selection, moments in zip(selections, series, strict=True)
        ),
        steps=steps,
        layer_axes=layer_axes(selections[0]),
        calendar=next((m.first.calendar for moments in series for m in moments if m.first.calendar), "standard"),
        attributes=global_attributes(dataset, context.settings.base_url, processing="exported"),
        crs_uri=place.reference.uri,
    )
    cubes = _by_time(cube) if format_ == "geotiff" and steps else [cube]
    parts = tuple(
        ExportPart(cube=each, name=_name(dataset.id, each, format_), format=format_, cells=max(1, cells // len(cubes)))
        for each in cubes
    )
    return ExportPlan(parts=parts, estimate=estimate, cells=cells)


def _require_one_grid(series: Sequence[Sequence[TimeSlice]]) -> None:
    grid = grid_of(series[0][0])
    if not all(grid_of(moment).matches(grid) for moments in series for moment in moments):
        raise InvalidInput("the variables or times have different grids; export each by itself, or regrid them")


def _place(
    inputs: Mapping[str, Any], series: Sequence[Sequence[TimeSlice]], id_: str, context: Context
) -> CoveragePlace:
    grid = grid_of(series[0][0])
    box = inputs.get("bbox")
    if box is not None and len(box["bbox"]) != 4:
        raise InvalidParameter("bbox", box["bbox"], "give west, south, east, north")
    request = RegionRequest(
        box=None if box is None else ",".join(repr(float(each)) for each in box["bbox"]),
        crss={} if box is None or "crs" not in box else {"bbox-crs": box["crs"]},
    )
    return place_of(grid, request, Reference.of(grid, f"{context.settings.base_url}/collections/{id_}"))


def _require_size(cells: int, estimate: int, format_: str, context: Context) -> None:
    """Raise TooLarge, saying the size, for more cells than is allowed or more bytes than the disk has."""
    most = context.settings.limit.process_cells // (_CSV_SHARE if format_ == "csv" else 1)
    if cells > most:
        raise TooLarge(
            f"the export would have {cells} cells, about {estimate / 1e9:.3g} GB before packing; the limit is {most} "
            f"cells as {format_}: ask for fewer times or variables, or a smaller bbox"
        )
    context.store.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(context.store).free
    if estimate > free * _SPARE:
        raise TooLarge(
            f"the export may take {estimate / 1e9:.3g} GB and the disk has {free / 1e9:.3g} GB left: ask for less"
        )


def _by_time(cube: Cube) -> list[Cube]:
    """A cube for each time."""
    layers = math.prod(len(axis.labels) for axis in cube.layer_axes)
    return [
        replace(
            cube,
            steps=(step,),
            layers=tuple(
                replace(layer, paths=layer.paths[number * layers : (number + 1) * layers]) for layer in cube.layers
            ),
        )
        for number, step in enumerate(cube.steps)
    ]


def _name(id_: str, cube: Cube, format_: str) -> str:
    times = [label_to_path(step.label) for step in (*cube.steps[:1], *cube.steps[1:][-1:])]
    stem = "_".join([id_, *times])
    return re.sub(r"[^A-Za-z0-9._+-]", "-", stem)[:150] + _WRITERS[format_][1]
