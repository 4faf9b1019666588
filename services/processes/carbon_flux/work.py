"""The plan of a request for air-sea fluxes, and the computation of one time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cog.grids.ellipsoid import cell_areas
from cog.science.carbon_flux import FluxInputs, compute_flux
from cog.science.units import CARBON_G_PER_MOL
from config.times import days_between, key_parts, later, order_key
from services.processes.fields.region import aligned_cells, boxes_of, kernel_of, region_of, require_cells
from services.processes.fields.steps import match_steps, times_of
from services.processes.maps.writer import MapWriter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from cog.grids.lattice import CellBox
    from cog.reading.aligned import AlignedCells
    from cog.science.carbon_flux import FluxFields, FluxMethod
    from cog.sources.models import TimeStep
    from config.grids import Grid
    from services.processes.carbon_flux.question import FluxQuestion
    from services.processes.maps.quantity import MapQuantity
    from services.processes.maps.writer import StagedMap
    from services.processes.protocol import Environment
    from services.web.context import Context

_RAYLEIGH: Final = 4 / math.pi
"""Second moment of a wind with a Rayleigh distribution, in squares of its mean."""
_PER_DAY_G: Final = 1e-3
"""mol in a mmol."""
_TERA: Final = 1e-12


@dataclass(frozen=True, kw_only=True)
class FluxPart:
    """One time.

    Attributes:
        time: The time; None where the fields have none.
        grid: The grid of the maps.
        read: The fields that are read, on the grid and in the units of the formula.
        constants: The fields that are numbers.
        method: How the flux is computed.
        has_rms_wind: Whether the wind is a root mean square.
        factor: The unit of the flux in mmol m-2 d-1.
        days: Length of the time in days, for totals; None where it is not known.
        quantities: The maps to write.
        cells: Cells that are read.
    """

    time: TimeStep | None
    grid: Grid
    read: Mapping[str, AlignedCells]
    constants: Mapping[str, float]
    method: FluxMethod
    has_rms_wind: bool
    factor: float
    days: float | None
    quantities: tuple[MapQuantity, ...]
    cells: int


@dataclass(frozen=True, kw_only=True)
class FluxPlan:
    """A request and its parts.

    Attributes:
        question: The request.
        grid: The grid of the maps.
        skipped: Labels of times that a field does not have.
        parts: A part for each time.
    """

    question: FluxQuestion
    grid: Grid
    skipped: tuple[str, ...]
    parts: tuple[FluxPart, ...]


@dataclass(kw_only=True)
class FluxTotals:
    """What the cells of one time add up to, in the unit of the flux.

    Attributes:
        cells: Cells with a flux.
        area: Their area, m2; the number of cells on a projected grid.
        total: Sum of flux and area.
        magnitude: Standard uncertainty of `total` by the relative error of k, which all cells share.
        noise: Variance of `total` by the other errors, independent from cell to cell.
        minimum: Least flux.
        maximum: Greatest flux.
    """

    cells: int = 0
    area: float = 0.0
    total: float = 0.0
    magnitude: float = 0.0
    noise: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf


@dataclass(frozen=True, kw_only=True)
class FluxResult:
    """The maps of one time and what they add up to."""

    maps: list[StagedMap] = field(default_factory=list)
    totals: FluxTotals


def plan_flux(question: FluxQuestion, context: Context) -> FluxPlan:
    """Plan a request: its times, its grid, and a part for each time."""
    inputs = question.inputs
    matched = match_steps(context, question.fields, times_of(inputs.get("datetime")))
    leading = question.fields[0]
    grid = region_of(matched.steps[0].cells[leading.name].grid, inputs.get("bbox"))
    read = [each for each in question.fields if each.selection is not None]
    cells = require_cells(grid, len(matched.steps), fields=len(read), most=context.settings.limit.process_cells)
    kernel = kernel_of(inputs)
    parts = tuple(
        FluxPart(
            time=step.time,
            grid=grid,
            read=aligned_cells(step, question.fields, grid, kernel=kernel),
            constants={each.name: each.constant for each in question.fields if each.constant is not None},
            method=question.method,
            has_rms_wind=question.rms_wind,
            factor=_factor(question, step.time),
            days=_days(question, step.time),
            quantities=question.quantities,
            cells=cells // len(matched.steps),
        )
        for step in matched.steps
    )
    return FluxPlan(question=question, grid=grid, skipped=matched.skipped, parts=parts)


def _factor(question: FluxQuestion, time: TimeStep | None) -> float:
    if not question.is_monthly:
        return 1.0
    transfer = question.method.transfer
    days = transfer.month_days or _month_days(time)
    return transfer.carbon * _PER_DAY_G * days


def _days(question: FluxQuestion, time: TimeStep | None) -> float | None:
    """Length of a time in units of the flux: days, or 1 of a flux by month."""
    if time is None or time.start_key is None or time.end_key is None:
        return 1.0 if question.is_monthly and time is not None else None
    days = days_between(time.start_key, time.end_key, time.calendar)
    return days / _month_days(time) if question.is_monthly else days


def _month_days(time: TimeStep | None) -> float:
    """Days of the calendar month in which a time begins; a twelfth of 365.25 without a time."""
    if time is None:
        return 365.25 / 12
    year, month, *_ = key_parts(time.key if time.start_key is None else time.start_key)
    first = order_key(year, month)
    return days_between(first, later(first, time.calendar, months=1), time.calendar)


def compute_part(part: FluxPart, environment: Environment) -> FluxResult:
    """Compute one time: write its maps, and add up what they hold."""
    totals = FluxTotals()
    rows = cell_areas(part.grid) if part.grid.is_geographic else np.ones(part.grid.height)
    with MapWriter.open(environment.staging, part.grid, part.quantities) as writer:
        done = 0
        for box in boxes_of(part.grid):
            fields = compute_flux(_inputs(part, box), part.method)
            _put(writer, part, box, fields)
            _add(totals, part, fields, rows[box.top : box.bottom])
            done += box.cells
            environment.report(90 * done / (part.grid.width * part.grid.height), "Computing the flux")
        return FluxResult(maps=writer.finish(part.time), totals=totals)


def _inputs(part: FluxPart, box: CellBox) -> FluxInputs:
    shape = (box.rows, box.columns)
    values: dict[str, NDArray[np.float64]] = {name: cells.read(box) for name, cells in part.read.items()}
    values |= {name: np.full(shape, value) for name, value in part.constants.items()}
    wind = values["wind"]
    square = values.get("wind_moment2")
    if square is None:
        square = wind**2 * (1.0 if part.has_rms_wind else _RAYLEIGH)
        wind = wind / math.sqrt(_RAYLEIGH) if part.has_rms_wind else wind
    return FluxInputs(
        temperature=values["sst"],
        salinity=values["salinity"],
        wind=wind,
        wind_square=square,
        ice=values.get("ice"),
        sea=values.get("pco2_sea"),
        air=values.get("pco2_air"),
        mole_fraction=values.get("xco2"),
        pressure=values.get("pressure"),
        difference=values.get("dpco2"),
        sea_uncertainty=values.get("pco2_sea_uncertainty"),
        air_uncertainty=values.get("pco2_air_uncertainty"),
    )


def _put(writer: MapWriter, part: FluxPart, box: CellBox, fields: FluxFields) -> None:
    made = {
        "flux": fields.flux * part.factor,
        "flux_uncertainty": fields.uncertainty * part.factor,
        "pco2_sea": fields.sea,
        "pco2_air": fields.air,
        "dpco2": fields.difference,
        "pco2_sea_uncertainty": fields.sea_uncertainty,
        "pco2_air_uncertainty": fields.air_uncertainty,
        "dpco2_uncertainty": fields.difference_uncertainty,
    }
    for quantity in part.quantities:
        values = made[quantity.id]
        if values is not None:
            writer.put(quantity.id, box, values)


def _add(totals: FluxTotals, part: FluxPart, fields: FluxFields, rows: NDArray[np.float64]) -> None:
    flux = fields.flux * part.factor
    valid = np.isfinite(flux)
    if not valid.any():
        return
    areas = np.broadcast_to(rows[:, np.newaxis], flux.shape)[valid]
    flux, uncertainty = flux[valid], (fields.uncertainty * part.factor)[valid]
    from_k = np.abs(flux) * part.method.k_uncertainty
    totals.cells += flux.size
    totals.area += float(areas.sum())
    totals.total += float((flux * areas).sum())
    totals.magnitude += float((flux * part.method.k_uncertainty * areas).sum())
    totals.noise += float((np.maximum(uncertainty**2 - from_k**2, 0) * areas**2).sum())
    totals.minimum = min(totals.minimum, float(flux.min()))
    totals.maximum = max(totals.maximum, float(flux.max()))


def summarise(plan: FluxPlan, results: list[FluxResult]) -> dict[str, Any]:
    """The output `summary`."""
    question = plan.question
    times = [_row(plan, part, result.totals) for part, result in zip(plan.parts, results, strict=True)]
    return {
        "unit": question.unit,
        "positive": "out of the water",
        "times": times,
        "skipped": list(plan.skipped),
        "grid": plan.grid.to_json(),
        "lineage": question.lineage.sentences,
    }


def _row(plan: FluxPlan, part: FluxPart, totals: FluxTotals) -> dict[str, Any]:
    label = {} if part.time is None else {"time": part.time.label}
    if not totals.cells:
        return {**label, "cells": 0}
    row: dict[str, Any] = {
        **label,
        "cells": totals.cells,
        "minimum": totals.minimum,
        "maximum": totals.maximum,
        "mean": totals.total / totals.area,
    }
    if plan.grid.is_geographic:
        row["area_m2"] = totals.area
        if part.days is not None:
            grams = 1.0 if plan.question.is_monthly else CARBON_G_PER_MOL * _PER_DAY_G
            scale = part.days * grams * _TERA
            row["total_TgC"] = totals.total * scale
            row["total_uncertainty_TgC"] = math.hypot(totals.magnitude, math.sqrt(totals.noise)) * scale
    return row
