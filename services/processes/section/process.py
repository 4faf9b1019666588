"""The process `section-transport`."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
import shapely

from cog.science.sections import TGC_PER_YEAR, cut_section, layer_bounds, transport_across
from cog.science.units import parse_unit
from config.errors import InvalidInput, TooLarge
from config.layers import layer_keys
from config.vocabulary import CSV, JSON
from services.processes.fields.field import ProcessField, field_of
from services.processes.fields.line import DEGREE_M, sample_line, step_of, vertices_of
from services.processes.fields.steps import match_steps, times_of
from services.processes.maps.publication import Lineage
from services.processes.protocol import EncodedOutput, cells_of
from services.processes.section.description import TEXTS
from services.processes.section.plot import plot_density

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from cog.science.sections import Section, Transport
    from services.processes.fields.steps import FieldStep
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context

_FIELDS: Final = {"concentration": "mmol m-3", "u": "m s-1", "v": "m s-1"}
_MOST_TIMES: Final = 5000
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
    top: float
    parts: tuple[SectionPart, ...]


@dataclass(frozen=True, kw_only=True)
class SectionResult:
    """The transport of each time, and that of the mean concentration by the mean velocity.

    Attributes:
        times: Of each time.
        density: (layer, piece) mean over the times of concentration times velocity to the right, mmol m-2 s-1; NaN
            where it is always dry.
        steady: mmol/s: the product of the means over the times, at each place, added up over the section.
    """

    times: list[Transport]
    density: NDArray[np.float64]
    steady: float


class SectionTransport:
    """Carbon across a line."""

    description: ClassVar[Mapping[str, Any]] = TEXTS.english
    chinese: ClassVar[Mapping[str, tuple[str, str]]] = TEXTS.chinese

    def require(self, request: ExecuteRequest, context: Context) -> int:
        """The fields are there, their levels are depths and alike, and the line is one."""
        return cells_of(_lay_out(request.inputs, context))

    def plan(self, request: ExecuteRequest, environment: Environment) -> SectionPlan:
        """One part with all times."""
        return _lay_out(request.inputs, environment.context)

    def part(self, part: SectionPart, environment: Environment) -> SectionResult:
        """Add up the transport of each time, and the means of concentration and of velocity for the covariance."""
        results = []
        shape = (len(part.thickness), part.section.length.size)
        area = part.thickness[:, np.newaxis] * part.section.length
        sums, concentrations, speeds, counts = (np.zeros(shape) for _ in range(4))
        for number, levels in enumerate(part.steps):
            values = {field.name: np.stack([_sample(part, field, step) for step in levels]) for field in part.fields}
            across = values["u"] * part.section.east + values["v"] * part.section.north
            density = values["concentration"] * across
            wet = np.isfinite(density)
            sums += np.where(wet, density, 0)
            concentrations += np.where(wet, values["concentration"], 0)
            speeds += np.where(wet, across, 0)
            counts += wet
            results.append(
                transport_across(part.section, part.thickness, values["concentration"], values["u"], values["v"])
            )
            environment.report(100 * (number + 1) / len(part.steps), "Adding up the transport")
        with np.errstate(invalid="ignore"):
            steady = np.where(counts, concentrations * speeds / counts, 0) * area / len(part.steps)
            return SectionResult(times=results, density=sums / counts, steady=float(steady.sum()))

    def combine(
        self, request: ExecuteRequest, plan: SectionPlan, results: Sequence[SectionResult], environment: Environment
    ) -> Mapping[str, Any]:
        """The table, and the plot if it is asked for."""
        del environment
        [result] = results
        outputs = {"transport": _table(plan, result, request.formats.get("transport", JSON))}
        if "plot" in request.outputs:
            tops = [plan.top, *(plan.top + np.cumsum(plan.parts[0].thickness))]
            title = _field_title(plan)
            outputs["plot"] = plot_density(plan.parts[0].section, tops, result.density, request, title=title)
        return outputs


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
    section = cut_section(vertices_of(inputs["section"]), float(inputs.get("step_m", step_of(grid))))
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
        top=float(inputs.get("z_min", 0.0)),
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


def _field_title(plan: SectionPlan) -> str:
    """The times of a section in words."""
    labels = [levels[0].label for levels in plan.parts[0].steps]
    first, last = labels[0], labels[-1]
    return "" if first is None else first if first == last else f"{first} \N{EN DASH} {last}"


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
    return replace(field, selection=replace(field.selection, layers=layer_keys((label,), field.selection.members)))


def _sample(part: SectionPart, field: ProcessField, step: FieldStep) -> NDArray[np.float64]:
    """Values of a field at the middle of each piece."""
    if field.selection is None:
        return np.full(part.section.length.size, float(field.constant or 0.0))
    return sample_line(field, step.cells[field.name], part.section, is_bilinear=part.is_bilinear)


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
        reach = 2 * section.length[number] / DEGREE_M
        lon, lat = section.lon[number], section.lat[number]
        stretch = 1 / max(0.05, float(np.cos(np.radians(lat))))
        for sign in (1.0, -1.0):
            east, north = sign * reach * section.east[number] * stretch, sign * reach * section.north[number]
            if polygon.contains(shapely.Point(lon + east, lat + north)):
                sides.append(sign)
    if not sides or abs(sum(sides)) < len(sides):
        raise InvalidInput("region: it does not lie on one side of the section, along it")
    return sides[0]


def _table(plan: SectionPlan, result: SectionResult, media_type: str) -> EncodedOutput:
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
        for levels, transport in zip(part.steps, result.times, strict=True)
    ]
    if media_type == CSV:
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, fieldnames=[*rows[0], "unit"])
        writer.writeheader()
        writer.writerows([{**row, "unit": "Tg C a-1"} for row in rows])
        return EncodedOutput(value=out.getvalue(), media_type=CSV)
    net = float(np.mean([row["to_right_net"] for row in rows]))
    layers = np.mean([transport.by_layer for transport in result.times], axis=0) * TGC_PER_YEAR
    document = {
        "unit": "Tg C a-1",
        "positive": "to the right of the section, from its first vertex to its last",
        "length_m": float(part.section.length.sum()),
        "times": rows,
        "mean": net,
        "of_means": result.steady * TGC_PER_YEAR,
        "skipped": list(plan.skipped),
        "layers": [
            {"depth": plan.depths[number] if plan.depths else None, "thickness_m": float(part.thickness[number]),
             "mean": float(layer)}
            for number, layer in enumerate(layers)
        ],
        "lineage": plan.lineage.sentences,
    }  # fmt: skip
    return EncodedOutput(value=document, media_type=JSON)
