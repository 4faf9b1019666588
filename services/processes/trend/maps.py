"""Trends as maps: strips of rows over all times, put together when all are done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cog.grids.lattice import CellBox
from cog.science.trends.analysis import TrendMethod, analyse
from cog.sources.models import TimeStep
from config.errors import InvalidInput
from config.times import key_label
from services.processes.fields.region import aligned_cells, region_of, require_cells
from services.processes.fields.steps import match_steps, times_of
from services.processes.maps.process import MapPlan, MapResult
from services.processes.maps.publication import Lineage
from services.processes.maps.quantity import MapQuantity
from services.processes.maps.writer import MapWriter, StagedMap
from services.processes.trend.description import INTERVAL, MAPPED
from services.processes.trend.question import method_of, months_of, years_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from cog.reading.aligned import AlignedCells
    from services.compute.staging import StagedFile
    from services.processes.fields.field import ProcessField
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context

SLOPES: Final = frozenset({"slope", "lower", "upper", "error", "percent"})
"""The results by unit of time."""
_STRIP_VALUES: Final = 24_000_000
"""Values that a strip holds over all times, in single precision."""
_BLOCK: Final = 256


@dataclass(frozen=True, kw_only=True)
class TrendPart:
    """A strip of rows over all times.

    Attributes:
        box: The rows of the grid, all columns.
        steps: The cells of each time.
        years: The times in years.
        months: The month of the year of each.
        method: How trends are computed.
        names: The results to keep.
        factor: By which slopes are multiplied.
        cells: Cells that are read.
    """

    box: CellBox
    steps: tuple[AlignedCells, ...]
    years: NDArray[np.float64]
    months: NDArray[np.int64]
    method: TrendMethod
    names: tuple[str, ...]
    factor: float
    cells: int


@dataclass(frozen=True, kw_only=True)
class TrendStrip:
    """The results of a strip in the staging area: a file of (result, row, column)."""

    box: CellBox
    file: StagedFile


def lay_out_maps(request: ExecuteRequest, field: ProcessField, context: Context) -> MapPlan[TrendPart]:
    """Plan maps of trends: a part for each strip of rows."""
    inputs = request.inputs
    matched = match_steps(context, [field], times_of(inputs.get("datetime")), default="all")
    times = [step.time for step in matched.steps if step.time is not None]
    if not times:
        raise InvalidInput("field: the collection has no times")
    method = method_of(inputs, len(times))
    grid = region_of(matched.steps[0].cells["field"].grid, inputs.get("bbox"))
    require_cells(grid, len(times), fields=1, most=context.settings.limit.process_cells)
    cells = tuple(aligned_cells(step, [field], grid, kernel=None)["field"] for step in matched.steps)
    wanted = [name for name in MAPPED if name in request.outputs and (name != "error" or method.method == "ols")]
    fitting = max(1, _STRIP_VALUES // (len(times) * grid.width))
    rows = fitting // _BLOCK * _BLOCK or fitting
    per = 10.0 if inputs.get("per") == "decade" else 1.0
    parts = tuple(
        TrendPart(
            box=CellBox(top=top, bottom=min(top + rows, grid.height), left=0, right=grid.width),
            steps=cells,
            years=years_of(times),
            months=months_of(times),
            method=method,
            names=tuple(wanted),
            factor=per,
            cells=grid.width * min(rows, grid.height - top) * len(times),
        )
        for top in range(0, grid.height, rows)
    )
    facts = {"first": times[0].label, "last": times[-1].label, "count": len(times), "method": vars(method)}
    return MapPlan(
        grid=grid,
        quantities=_quantities(field, wanted, inputs),
        lineage=lineage_of(inputs, [field], method),
        parts=parts,
        facts=facts | {"time": _whole(times)},
    )


def lineage_of(inputs: Mapping[str, Any], fields: Sequence[ProcessField], method: TrendMethod) -> Lineage:
    """The lineage of trends."""
    parameters = {name: value for name, value in inputs.items() if name not in ("field", "polygons", "publish")}
    note = "percentages are 100 times the slope over the mean of the values; years have 365.2425 days"
    return Lineage(
        process="trend",
        version="1.0.0",
        fields=tuple(fields),
        parameters=parameters | {"method": method.method, "autocorrelation": method.autocorrelation},
        notes=(note,),
    )


def _whole(times: Sequence[TimeStep]) -> dict[str, Any]:
    """Start and end of all times, as the time of the maps."""
    first, last = times[0], times[-1]
    start = first.key if first.start_key is None else first.start_key
    end = last.key + 1 if last.end_key is None else last.end_key
    return {"start": start, "end": end, "calendar": first.calendar}


def _quantities(field: ProcessField, names: Sequence[str], inputs: Mapping[str, Any]) -> tuple[MapQuantity, ...]:
    per = "decade" if inputs.get("per") == "decade" else "year"
    unit = field.unit or "1"
    units = dict.fromkeys(SLOPES, f"{unit} {per}-1") | {"intercept": unit, "percent": f"% {per}-1"}
    title = {"en": field.variable.id, **field.variable.title}
    return tuple(
        MapQuantity(
            id=name,
            title={
                "en": f"{MAPPED[name][0]} of {title['en']}",
                "zh": f"{title.get('zh', title['en'])}：{MAPPED[name][1]}",
            },
            unit=units.get(name, "1"),
            is_signed=name in ("slope", "lower", "upper", "percent", "r1"),
        )
        for name in names
    )


def compute_strip(part: TrendPart, environment: Environment) -> TrendStrip:
    """Compute the trends of a strip and stage them."""
    box = part.box
    values = np.full((len(part.steps), box.rows, box.columns), np.nan, dtype="float32")
    for number, cells in enumerate(part.steps):
        values[number] = cells.read(box)
        environment.report(60 * (number + 1) / len(part.steps), "Reading the times")
    results = analyse(part.years, values.reshape(len(part.steps), -1), part.months, part.method,
                      with_interval=not INTERVAL.isdisjoint(part.names))  # fmt: skip
    for name in SLOPES & results.keys():
        results[name] = results[name] * part.factor
    stacked = np.stack([results[name] for name in part.names]) if part.names else np.zeros((0, box.cells))
    kept = stacked.reshape(len(part.names), box.rows, box.columns).astype("float32")
    file = environment.staging.write("strip.npy", lambda path: np.save(path, kept))
    return TrendStrip(box=box, file=file)


def join_strips(plan: MapPlan[TrendPart], strips: Sequence[TrendStrip], environment: Environment) -> list[MapResult]:
    """Put strips together as maps; their files are removed."""
    if not plan.quantities:
        return []
    bounds = plan.facts["time"]
    start, end = key_label(bounds["start"]), key_label(bounds["end"])
    time = TimeStep(
        label=start, calendar=bounds["calendar"], key=bounds["start"], start=start, end=end,
        start_key=bounds["start"], end_key=bounds["end"],
    )  # fmt: skip
    maps: list[StagedMap] = []
    with MapWriter.open(environment.staging, plan.grid, plan.quantities) as writer:
        for strip in strips:
            path = environment.context.store / strip.file.href
            cells = np.load(path, mmap_mode="r", allow_pickle=False)
            for number, quantity in enumerate(plan.quantities):
                writer.put(quantity.id, strip.box, cells[number])
            path.unlink()
        maps = writer.finish(time)
    return [MapResult(maps=maps)]
