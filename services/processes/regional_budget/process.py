"""The process `regional-budget`: what a flux adds up to in regions and times, in Tg of carbon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from cog.science.units import CARBON_G_PER_MOL, parse_unit
from config.errors import InvalidInput
from config.times import days_between, key_parts, later, order_key
from config.vocabulary import CSV, JSON
from services.processes.fields.field import ProcessField, field_of
from services.processes.fields.steps import match_steps, times_of
from services.processes.maps.publication import Lineage
from services.processes.protocol import EncodedOutput, cells_of
from services.processes.regional_budget.description import TEXTS
from services.processes.tables.publication import (
    ResultTable,
    place_of_feature,
    publish_table,
    require_publishable_table,
    span_of,
)
from services.processes.zonal.plan import ZonalPlan, plan_request
from services.processes.zonal.rows import compute_rows, in_order
from services.processes.zonal.zonal_request import ZonalRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cog.sources.models import TimeStep
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.processes.zonal.rows import Row, ZonalPart
    from services.web.context import Context

_TERA: Final = 1e-12
_YEAR_DAYS: Final = 365.25
_DAY_S: Final = 86_400.0
_GRAMS: Final = 1e3
_WORLD: Final = [[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]


@dataclass(frozen=True, kw_only=True)
class BudgetPlan:
    """A request for a budget: zonal sums by area, and the factor of each time.

    Attributes:
        zones: The zonal sums.
        times: The times; None where the data have none.
        days: Days of each time.
        factors: Tg C of one unit of the sum of flux and area, at each time.
    """

    zones: ZonalPlan
    times: tuple[TimeStep | None, ...]
    days: tuple[float, ...]
    factors: tuple[float, ...]
    relative: float | None
    lineage: Lineage

    @property
    def parts(self) -> tuple[ZonalPart, ...]:
        """The parts of the zonal sums."""
        return self.zones.parts


class RegionalBudget:
    """Fluxes added up in regions."""

    description: ClassVar[Mapping[str, Any]] = TEXTS.english
    chinese: ClassVar[Mapping[str, tuple[str, str]]] = TEXTS.chinese

    def require(self, request: ExecuteRequest, context: Context) -> int | None:
        """The flux is one, in a known unit, on a grid of longitude and latitude, and its times have lengths."""
        inputs = request.inputs
        field = _flux(inputs, context)
        require_publishable_table(inputs.get("publish"), context)
        if "href" in inputs.get("polygons", {}):
            return None
        return cells_of(_lay_out(inputs, field, context))

    def plan(self, request: ExecuteRequest, environment: Environment) -> BudgetPlan:
        """The parts of zonal sums."""
        return _lay_out(request.inputs, _flux(request.inputs, environment.context), environment.context)

    def part(self, part: ZonalPart, environment: Environment) -> list[Row]:
        """Add up some regions at some times."""
        return compute_rows(part, lambda _: environment.report(50, "Adding up the flux"))

    def combine(
        self, request: ExecuteRequest, plan: BudgetPlan, results: Sequence[list[Row]], environment: Environment
    ) -> Mapping[str, Any]:
        """The table, and where it is published."""
        rows = in_order([row for result in results for row in result])
        table = _table(plan, rows)
        publication = publish_table(request.inputs.get("publish"), table, plan.lineage, environment)
        return {"budget": _answer(plan, table, request.formats.get("budget", JSON)), **publication}


def _flux(inputs: Mapping[str, Any], context: Context) -> ProcessField:
    field = field_of("flux", inputs["flux"], context)
    if field.unit is None:
        raise InvalidInput('flux: its collection states no unit; add "unit" to the input, such as "mmol m-2 d-1"')
    _grams(field.unit)
    if not field.variable.grid.is_geographic:
        raise InvalidInput("flux: its grid is projected; budgets are of grids in longitude and latitude")
    return field


def _grams(unit: str) -> tuple[float, bool]:
    """Grams of carbon by m2 and second, or by m2 and month, of one unit; raises InvalidInput."""
    parsed = parse_unit(unit)
    kind = {name: exponent for name, exponent in parsed.dimensions if name not in ("length", "time", "month")}
    is_monthly = parsed.exponent("month") == -1
    over_time = is_monthly or parsed.exponent("time") == -1
    if kind not in ({"amount": 1}, {"mass": 1}) or parsed.exponent("length") != -2 or not over_time:
        raise InvalidInput(f"flux: {unit!r} is no amount or mass by area and time, such as mmol m-2 d-1")
    return parsed.factor * (CARBON_G_PER_MOL if "amount" in kind else _GRAMS), is_monthly


def _lay_out(inputs: Mapping[str, Any], field: ProcessField, context: Context) -> BudgetPlan:
    assert field.selection is not None
    polygons = inputs.get("polygons", {"type": "Polygon", "coordinates": [_WORLD]})
    zonal = ZonalRequest.of(
        {"collection": field.selection.dataset.id, "variable": field.variable.id, "polygons": polygons,
         "statistics": ["sum", "count", "mean", "valid_fraction"], "weights": "area"},
        context,
    )  # fmt: skip
    matched = match_steps(context, [field], times_of(inputs.get("datetime")), default="all")
    times = tuple(step.time for step in matched.steps)
    grams, is_monthly = _grams(field.unit or "")
    spans = [_span(time, inputs.get("each_time_is", "bounds")) for time in times]
    lengths = [months if is_monthly else days * _DAY_S for days, months in spans]
    parameters = {name: value for name, value in inputs.items() if name not in ("flux", "polygons", "publish")}
    return BudgetPlan(
        zones=plan_request(
            zonal, [step.cells["flux"] for step in matched.steps], most_cells=context.settings.limit.zone_cells
        ),
        times=times,
        days=tuple(days for days, _ in spans),
        factors=tuple(grams * length * _TERA for length in lengths),
        relative=inputs.get("relative_uncertainty"),
        lineage=Lineage(process="regional-budget", version="1.0.0", fields=(field,), parameters=parameters),
    )


def _span(time: TimeStep | None, rule: str) -> tuple[float, float]:
    """Days and months of a time; raises InvalidInput where it has no bounds and none are declared."""
    if time is None:
        if rule == "bounds":
            raise InvalidInput("flux: its collection has no times; say with each_time_is how long it counts")
        months = {"day": 12 / _YEAR_DAYS, "month": 1.0, "year": 12.0}[rule]
        return months * _YEAR_DAYS / 12, months
    start, end = time.start_key, time.end_key
    if rule != "bounds":
        year, month, day, *_ = key_parts(time.key)
        start = order_key(*{"day": (year, month, day), "month": (year, month), "year": (year,)}[rule])
        length = {"day": {"days": 1}, "month": {"months": 1}, "year": {"years": 1}}[rule]
        end = later(start, time.calendar, **length)
    if start is None or end is None or start >= end:
        raise InvalidInput(f"flux: the time {time.label} has no bounds; say with each_time_is how long it is")
    return days_between(start, end, time.calendar), _months(start, end, time.calendar)


def _months(start: int, end: int, calendar: str) -> float:
    """Calendar months from one moment to another, parts of a month by its days."""
    total = 0.0
    while start < end:
        first = order_key(*key_parts(start)[:2])
        following = later(first, calendar, months=1)
        total += days_between(start, min(end, following), calendar) / days_between(first, following, calendar)
        start = following
    return total


def _table(plan: BudgetPlan, rows: Sequence[Row]) -> ResultTable:
    """A row for each region and time."""
    features = plan.zones.request.features
    places = [place_of_feature(feature, plan.zones.request.crs) for feature in features]
    table: list[dict[str, Any]] = []
    for row in rows:
        feature, step = features[row["feature"]], row["step"]
        time, factor, area = plan.times[step], plan.factors[step], float(row["count"] or 0.0)
        covered = float(row["valid_fraction"] or 0.0)
        total = float(row["sum"] or 0.0) * factor
        filled = total / covered if covered else None
        table.append(
            {
                "region": str(feature.properties.get("name") or feature.id or feature.number),
                "time": time.label if time else None,
                "days": plan.days[step],
                "total_TgC": total if area else None,
                "rate_TgC_per_year": total / plan.days[step] * _YEAR_DAYS if area else None,
                **({} if plan.relative is None else {"uncertainty_TgC": abs(total) * plan.relative}),
                "area_m2": area,
                "coverage": covered,
                "filled_TgC": filled,
            }
        )
    return ResultTable(
        stem="budget",
        rows=table,
        places=[places[row["feature"]] for row in rows],
        span=span_of(plan.times),
    )


def _answer(plan: BudgetPlan, whole: ResultTable, media_type: str) -> EncodedOutput:
    """The table as CSV, or as JSON with the sums of each region."""
    table = whole.rows
    if media_type == CSV:
        return EncodedOutput(value=whole.csv().decode(), media_type=CSV)
    regions = []
    for name in dict.fromkeys(row["region"] for row in table):
        own = [row for row in table if row["region"] == name and row["total_TgC"] is not None]
        days = sum(row["days"] for row in own)
        total = sum(row["total_TgC"] for row in own)
        regions.append(
            {
                "region": name,
                "times": len(own),
                "days": days,
                "total_TgC": total,
                "rate_TgC_per_year": total / days * _YEAR_DAYS if days else None,
                **({} if plan.relative is None else {"uncertainty_TgC": abs(total) * plan.relative}),
                "filled_TgC": sum(row["filled_TgC"] for row in own if row["filled_TgC"] is not None),
            }
        )
    document = {"regions": regions, "times": table, "lineage": plan.lineage.sentences}
    return EncodedOutput(value=document, media_type=JSON)
