"""The process `section-transport`."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
import shapely

from cog.grids.lattice import CellBox
from cog.reading.aligned import AlignedCells, align
from cog.reading.points import locate
from cog.science.sections import TGC_PER_YEAR, cut_section, layer_bounds, transport_across
from cog.science.units import parse_unit
from config.errors import InvalidInput, TooLarge
from config.grids import CRS84
from config.vocabulary import CSV, JSON
from services.processes.fields.field import ProcessField, field_of
from services.processes.fields.steps import match_steps, times_of
from services.processes.maps.publication import Lineage
from services.processes.protocol import EncodedOutput
from services.processes.section.description import TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from cog.science.sections import Section, Transport
    from services.processes.execute_request import ExecuteRequest
    from services.processes.fields.steps import FieldStep
    from services.processes.protocol import Environment
    from services.web.context import Context

_FIELDS: Final = {"concentration": "mmol m-3", "u": "m s-1", "v": "m s-1"}
_MOST_TIMES: Final = 5000
_MOST_READ: Final = 16_000_000
_QUARTER: Final = 0.25
_DEGREE_M: Final = 111_000.0
_DENSITY: Final = 1025.0


@dataclass(frozen=True, kw_only=True)
class SectionPart:
    """All times of one section.

    Attributes:
        steps: The times, at each the fields by level.
        fields: The fields.
        section: The pieces.
        thickness: Metres of each layer.
        is_bilinear: How cells are sampled.
        cells: Pieces times layers times times.
    """

    steps: tuple[tuple[FieldStep, ...], ...]
    fields: tuple[ProcessField, ...]
    section: Section
    thickness: NDArray[np.float64]
    is_bilinear: bool
    cells: int


@dataclass(frozen=True, kw_only=True)
class SectionPlan:
    """A request, its labels of layers, and its one part."""

    depths: tuple[float, ...]
    skipped: tuple[str, ...]
    lineage: Lineage
    into_region: float
    parts: tuple[SectionPart, ...]


class SectionTransport:
    """Carbon across a line."""

    description: ClassVar[Mapping[str, Any]] = TEXTS.english
    chinese: ClassVar[Mapping[str, tuple[str, str]]] = TEXTS.chinese

    def require(self, request: ExecuteRequest, context: Context) -> None:
        """The fields are there, their levels are depths and alike, and the line is one."""
        _lay_out(request.inputs, context)

    def plan(self, request: ExecuteRequest, environment: Environment) -> SectionPlan:
        """One part with all times."""
        return _lay_out(request.inputs, environment.context)

    def part(self, part: SectionPart, environment: Environment) -> list[tuple[Transport, list[float]]]:
        """Add up the transport of each time, and the means of concentration and of velocity for the covariance."""
        results = []
        for number, levels in enumerate(part.steps):
            values = {field.name: np.stack([_sample(part, field, step) for step in levels]) for field in part.fields}
            across = values["u"] * part.section.east + values["v"] * part.section.north
            area = part.thickness[:, np.newaxis] * part.section.length
            wet = np.isfinite(values["concentration"] * across)
            weight = float(area[wet].sum()) or 1.0
            means = [float((each * area)[wet].sum()) / weight for each in (values["concentration"], across)]
            results.append(
                (
                    transport_across(part.section, part.thickness, values["concentration"], values["u"], values["v"]),
                    means,
                )
            )
            environment.report(100 * (number + 1) / len(part.steps), "Adding up the transport")
        return results

    def combine(
        self, request: ExecuteRequest, plan: SectionPlan, results: Sequence[Any], environment: Environment
    ) -> Mapping[str, Any]:
        """The table."""
        del environment
        [[*rows]] = results
        return {"transport": _table(plan, rows, request.formats.get("transport", JSON))}


def _lay_out(inputs: Mapping[str, Any], context: Context) -> SectionPlan:
    fields = [_field(name, unit, inputs, context) for name, unit in _FIELDS.items()]
    read = [field for field in fields if field.selection is not None]
    if not read:
        raise InvalidInput("concentration, u and v are all numbers: name a collection for at least one of them")
    depths, thickness = _layers(read, inputs)
    by_level = [_at_level(context, fields, inputs, depth) for depth in (depths or (None,))]
    steps = [
        tuple(by_level[level][0][number] for level in range(len(by_level))) for number in range(len(by_level[0][0]))
    ]
    if len(steps) > _MOST_TIMES:
        raise TooLarge(f"{len(steps)} times are more than {_MOST_TIMES}; ask for a shorter interval")
    grid = steps[0][0].cells[read[0].name].grid
    a, e = abs(grid.transform[0]), abs(grid.transform[4])
    cell = min(a, e) * (_DEGREE_M if grid.is_geographic else 1.0)
    section = cut_section(_vertices(inputs["section"]), float(inputs.get("step_m", _QUARTER * cell)))
    part = SectionPart(
        steps=tuple(steps),
        fields=tuple(fields),
        section=section,
        thickness=thickness,
        is_bilinear=inputs.get("sampling") == "bilinear",
        cells=section.length.size * len(thickness) * len(steps),
    )
    parameters = {name: value for name, value in inputs.items() if name not in (*_FIELDS, "section", "region")}
    lineage = Lineage(process="section-transport", version="1.0.0", fields=tuple(fields), parameters=parameters)
    return SectionPlan(
        depths=tuple(depths),
        skipped=by_level[0][1],
        lineage=lineage,
        into_region=_side(section, inputs.get("region")),
        parts=(part,),
    )


def _field(name: str, unit: str, inputs: Mapping[str, Any], context: Context) -> ProcessField:
    """A field in the unit of the formula; amounts by mass of water are taken with the density."""
    plain = field_of(name, inputs[name], context)
    own = plain.unit
    if plain.selection is not None and own is not None and name == "concentration":
        parsed = parse_unit(own)
        if parsed.exponent("mass") == -1 and parsed.exponent("amount") == 1:
            density = float(inputs.get("density", _DENSITY))
            converted = field_of(name, inputs[name], context, unit="mol kg-1")
            change = converted.conversion
            note = f"concentration was converted from {own} to {unit} with a density of {density:g} kg m-3"
            scaled = replace(change, factor=change.factor * density * 1e3, offset=0.0, note=note)
            return replace(converted, unit=unit, conversion=scaled)
    return field_of(name, inputs[name], context, unit=unit)


def _layers(read: Sequence[ProcessField], inputs: Mapping[str, Any]) -> tuple[list[float], NDArray[np.float64]]:
    """The depths of the layers, rising, and their thickness; no depths where no field has levels."""
    axes = {field.name: field.variable.levels.labels for field in read if field.variable.levels is not None}
    top, bottom = float(inputs.get("z_min", 0.0)), inputs.get("z_max")
    if not axes:
        if "depth" not in inputs:
            raise InvalidInput("depth: no field has levels, so say how deep the water is, in metres")
        thickness = min(float(inputs["depth"]), float(bottom if bottom is not None else inputs["depth"])) - top
        if thickness <= 0:
            raise InvalidInput(f"z_min {top:g} is not above z_max or depth")
        return [], np.array([thickness])
    if len({frozenset(labels) for labels in axes.values()}) > 1 or len(axes) < len(read):
        raise InvalidInput(
            f"the fields have different levels; {', '.join(axes)} have some: choose fields with the same"
        )
    try:
        depths = sorted(abs(float(label)) for label in next(iter(axes.values())))
    except ValueError as error:
        raise InvalidInput("the levels are not depths in metres") from error
    return depths, layer_bounds(np.array(depths), top=top, bottom=None if bottom is None else float(bottom))


def _at_level(
    context: Context, fields: Sequence[ProcessField], inputs: Mapping[str, Any], depth: float | None
) -> tuple[list[FieldStep], tuple[str, ...]]:
    """The times with the fields at a depth."""
    if depth is not None:
        fields = [_levelled(field, depth) for field in fields]
    matched = match_steps(context, fields, times_of(inputs.get("datetime")))
    return list(matched.steps), matched.skipped


def _levelled(field: ProcessField, depth: float) -> ProcessField:
    if field.selection is None or field.variable.levels is None:
        return field
    label = next(label for label in field.variable.levels.labels if abs(float(label)) == depth)
    return replace(field, selection=replace(field.selection, levels=(label,)))


def _vertices(line: Mapping[str, Any]) -> list[list[float]]:
    coordinates = line.get("coordinates")
    if line.get("type") != "LineString" or not isinstance(coordinates, list) or len(coordinates) < 2:
        raise InvalidInput("section: a GeoJSON LineString with two or more positions is needed")
    for position in coordinates:
        numbers = (
            isinstance(position, list) and len(position) >= 2 and all(type(v) in (int, float) for v in position[:2])
        )
        if not numbers or not (-720 <= position[0] <= 720 and -90 <= position[1] <= 90):
            raise InvalidInput(f"section: {str(position)[:60]} is no position of longitude and latitude")
    return [[float(each) for each in position[:2]] for position in coordinates]


def _side(section: Section, region: dict[str, Any] | None) -> float:
    """1 where a region lies to the right of the line, -1 to the left, 0 without one; raises InvalidInput else."""
    if region is None:
        return 0.0
    try:
        polygon = shapely.geometry.shape(region)
    except (ValueError, TypeError, AttributeError, IndexError, KeyError) as error:
        raise InvalidInput("region: a GeoJSON Polygon is needed") from error
    sides = []
    for number in np.linspace(0, section.length.size - 1, 9).astype(int):
        reach = 2 * section.length[number] / _DEGREE_M
        lon, lat = section.lon[number], section.lat[number]
        stretch = 1 / max(0.05, float(np.cos(np.radians(lat))))
        for sign in (1.0, -1.0):
            east, north = sign * reach * section.east[number] * stretch, sign * reach * section.north[number]
            if polygon.contains(shapely.Point(lon + east, lat + north)):
                sides.append(sign)
    if not sides or abs(sum(sides)) < len(sides):
        raise InvalidInput("region: it does not lie on one side of the section, along it")
    return sides[0]


def _sample(part: SectionPart, field: ProcessField, step: FieldStep) -> NDArray[np.float64]:
    """Values of a field at the middle of each piece."""
    section = part.section
    if field.selection is None:
        return np.full(section.length.size, float(field.constant or 0.0))
    source = step.cells[field.name]
    cells = AlignedCells(
        mosaic=source.mosaic, codec=source.codec,
        alignment=align(source.grid, source.grid, kernel=None, name=field.name),
        factor=field.conversion.factor, offset=field.conversion.offset,
    )  # fmt: skip
    located = locate(source.grid, section.lon, section.lat, crs=CRS84)
    rows, columns = located.rows, np.unwrap(located.columns.astype("float64"), period=_turn(source.grid))
    box = CellBox(
        top=int(rows.min()) - 1, bottom=int(rows.max()) + 2,
        left=int(columns.min()) - 1, right=int(columns.max()) + 2,
    )  # fmt: skip
    if box.cells > _MOST_READ:
        raise TooLarge(f"the section spans {box.cells} cells of {field.name}; cut it into shorter ones")
    values = cells.read(box)
    row, column = rows - box.top, columns.astype("int64") - box.left
    if not part.is_bilinear:
        return np.where(located.inside, values[row, column], np.nan)
    return np.where(located.inside, _bilinear(values, source.grid, section, row, column, rows, columns), np.nan)


def _turn(grid: Any) -> float:
    return 360.0 / abs(grid.transform[0]) if grid.is_global else 1e12


def _bilinear(
    values: NDArray[Any], grid: Any, section: Section, row: Any, column: Any, rows: Any, columns: Any
) -> NDArray[np.float64]:
    """Between the centres of four cells; those without data are left out."""
    a, _, c, _, e, f = grid.transform
    turn = _turn(grid)
    across = ((section.lon - c) / a - columns + turn / 2) % turn - turn / 2 - 0.5
    down = (section.lat - f) / e - rows - 0.5
    total, weight = np.zeros(row.shape), np.zeros(row.shape)
    for at_row, share_row in ((0, 1 - np.abs(down)), (np.sign(down).astype(int), np.abs(down))):
        for at_column, share in ((0, 1 - np.abs(across)), (np.sign(across).astype(int), np.abs(across))):
            sampled = values[row + at_row, column + at_column]
            there = np.isfinite(sampled)
            total += np.where(there, sampled * share * share_row, 0)
            weight += np.where(there, share * share_row, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight > 0, total / weight, np.nan)


def _table(plan: SectionPlan, results: Sequence[tuple[Transport, list[float]]], media_type: str) -> EncodedOutput:
    [part] = plan.parts
    rows = [
        {
            "time": levels[0].label,
            "to_right_net": transport.total * TGC_PER_YEAR,
            "to_right": transport.to_right * TGC_PER_YEAR,
            "to_left": transport.to_left * TGC_PER_YEAR,
            **({"into_region": plan.into_region * transport.total * TGC_PER_YEAR} if plan.into_region else {}),
            "wet_area_m2": transport.wet_area,
            "dry_area_m2": transport.dry_area,
        }
        for levels, (transport, _) in zip(part.steps, results, strict=True)
    ]
    if media_type == CSV:
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, fieldnames=[*rows[0], "unit"])
        writer.writeheader()
        writer.writerows([{**row, "unit": "Tg C a-1"} for row in rows])
        return EncodedOutput(value=out.getvalue(), media_type=CSV)
    means = np.array([mean for _, mean in results])
    area = float(np.mean([transport.wet_area for transport, _ in results]))
    steady = float(means[:, 0].mean() * means[:, 1].mean()) * area * TGC_PER_YEAR
    net = float(np.mean([row["to_right_net"] for row in rows]))
    layers = np.mean([transport.by_layer for transport, _ in results], axis=0) * TGC_PER_YEAR
    document = {
        "unit": "Tg C a-1",
        "positive": "to the right of the section, from its first vertex to its last",
        "length_m": float(part.section.length.sum()),
        "times": rows,
        "mean": net,
        "of_means": steady,
        "skipped": list(plan.skipped),
        "layers": [
            {"depth": plan.depths[number] if plan.depths else None, "thickness_m": float(part.thickness[number]),
             "mean": float(layer)}
            for number, layer in enumerate(layers)
        ],
        "lineage": plan.lineage.sentences,
    }  # fmt: skip
    return EncodedOutput(value=document, media_type=JSON)
