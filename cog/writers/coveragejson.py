"""Writes a coverage as CoverageJSON (OGC 21-069r2), row by row, so that memory does not grow with the answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from cog.grids.enclosing import is_degrees
from cog.writers.axes import horizontal
from cog.writers.texts import texts
from config.layers import MEMBER
from config.times import GREGORIAN

if TYPE_CHECKING:
    from cog.writers.cube import CoverageField, Cube, CubeAxis, Layer

STANDARD_NAMES = "http://vocab.nerc.ac.uk/standard_name/"


def write_coveragejson(path: Path, cube: Cube) -> None:
    """Write the cube to `path` as a Coverage with a Grid domain; values are physical, null means no data."""
    head: dict[str, Any] = {
        "type": "Coverage",
        "domain": domain(cube),
        "parameters": {name: parameter(layer.field) for layer in cube.layers for name, _ in _bands(layer)},
    }
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1])
        file.write(', "ranges": {')
        ranges = [(name, layer, band) for layer in cube.layers for name, band in _bands(layer)]
        for number, (name, layer, band) in enumerate(ranges):
            file.write(f"{', ' if number else ''}{json.dumps(name)}: ")
            _write_range(file, cube, layer, band)
        file.write("}}")


def _bands(layer: Layer) -> list[tuple[str, int]]:
    field = layer.field
    return [(field.id if field.bands == 1 else f"{field.id}{n + 1}", n) for n in range(field.bands)]


def domain(cube: Cube) -> dict[str, Any]:
    """The domain: x, y, and t, z and member where the cube has them; with members it is of no named type."""
    x, y = horizontal(cube.region.output)
    axes: dict[str, Any] = {"x": _axis(x.values), "y": _axis(y.values)}
    if cube.steps:
        axes["t"] = {"values": [step.label for step in cube.steps]}
    if cube.levels is not None:
        axes["z"] = {"values": list(cube.levels.values or cube.levels.labels)}
    if cube.members is not None:
        axes[MEMBER] = {"values": list(cube.members.labels)}
    return {
        "type": "Domain",
        **({"domainType": "Grid"} if cube.members is None else {}),
        "axes": axes,
        "referencing": referencing(
            cube.region.output.crs,
            uri=cube.crs_uri,
            calendar=cube.calendar if cube.steps else None,
            levels=cube.levels,
            members=cube.members is not None,
        ),
    }


def referencing(
    crs: str, *, uri: str, calendar: str | None, levels: CubeAxis | None, members: bool = False
) -> list[dict[str, Any]]:
    """The systems of the coordinates; x is east and y north in every CRS, and members are identifiers."""
    kind = "GeographicCRS" if is_degrees(crs) else "ProjectedCRS"
    systems: list[dict[str, Any]] = [{"coordinates": ["x", "y"], "system": {"type": kind, "id": uri}}]
    if calendar is not None:
        name = "Gregorian" if calendar in GREGORIAN else calendar
        systems.append({"coordinates": ["t"], "system": {"type": "TemporalRS", "calendar": name}})
    if levels is not None:
        systems.append({"coordinates": ["z"], "system": _vertical(levels)})
    if members:
        concept = {"label": {"en": "member of an ensemble"}}
        systems.append({"coordinates": [MEMBER], "system": {"type": "IdentifierRS", "targetConcept": concept}})
    return systems


def _vertical(levels: CubeAxis) -> dict[str, Any]:
    axis: dict[str, Any] = {"name": {"en": levels.name}, "unit": {"symbol": levels.unit or "1"}}
    if levels.positive:
        axis["direction"] = levels.positive
    return {"type": "VerticalCRS", "cs": {"csAxes": [axis]}}


def parameter(field: CoverageField) -> dict[str, Any]:
    """A field as a parameter: what is observed, in which unit, or in which classes."""
    observed: dict[str, Any] = {"label": {"en": field.long_name}}
    if field.standard_name:
        observed["id"] = f"{STANDARD_NAMES}{field.standard_name}/"
    members: dict[str, Any] = {"type": "Parameter", "description": {"en": field.long_name}}
    if field.classes:
        observed["categories"] = [{"id": f"class-{c.value}", "label": {"en": c.name}} for c in field.classes]
        members["categoryEncoding"] = {f"class-{c.value}": c.value for c in field.classes}
    else:
        members["unit"] = {"symbol": field.unit or "1"}
    return members | {"observedProperty": observed}


def _axis(values: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, Any]:
    if len(values) == 1:
        return {"values": [float(values[0])]}
    return {"start": float(values[0]), "stop": float(values[-1]), "num": len(values)}


def _write_range(file: IO[str], cube: Cube, layer: Layer, band: int) -> None:
    layers = {MEMBER if axis.is_of_members else "z": len(axis.labels) for axis in cube.layer_axes}
    names = [*(["t"] if cube.steps else []), *layers, "y", "x"]
    sizes = {"t": len(cube.steps), **layers}
    sizes |= {"y": cube.region.height, "x": cube.region.width}
    field = layer.field
    whole = np.dtype(field.dtype).kind in "iu" and (field.scale, field.offset) == (1.0, 0.0)
    head = {
        "type": "NdArray",
        "dataType": "integer" if whole else "float",
        "axisNames": names,
        "shape": [sizes[name] for name in names],
    }
    file.write(json.dumps(head)[:-1] + ', "values": [')
    for number in range(len(cube.planes)):
        _write_plane(file, cube, layer, number, band=band)
    file.write("]}")


def _write_plane(file: IO[str], cube: Cube, layer: Layer, number: int, *, band: int) -> None:
    join = ", " if number else ""
    strips = cube.plane(layer, number)
    if strips is None:
        row = ", ".join(["null"] * cube.region.width)
        for _ in range(cube.region.height):
            file.write(join + row)
            join = ", "
        return
    for _, values in strips:
        for line in texts(values[band : band + 1], layer.field.codec, missing="null")[0]:
            file.write(join + ", ".join(line))
            join = ", "
