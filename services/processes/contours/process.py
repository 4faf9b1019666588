"""The process `contours`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyproj import CRS

from cog.features.contours import contours_of, levels_by
from cog.features.formats import write_features
from cog.features.geoparquet import GEOMETRY
from cog.features.placing import FeaturePlacing
from cog.reading.aligned import AlignedCells
from config.errors import InvalidInput, InvalidParameter, TooLarge
from config.grids import CRS84
from config.vocabulary import GEOJSON
from services.processes.contours.description import TEXTS
from services.processes.fields.field import field_of
from services.processes.fields.region import aligned_cells, boxes_of, region_of, require_cells
from services.processes.fields.steps import match_steps, times_of
from services.processes.protocol import EncodedOutput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cog.features.contours import Kind
    from config.grids import Grid
    from services.compute.staging import StagedFile
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context

MOST_PLANE: Final = 25_000_000
"""Most cells of one time: they are in memory at once."""
_MOST_VERTICES: Final = 10_000_000


@dataclass(frozen=True, kw_only=True)
class ContourPart:
    """One time of the field."""

    time: str | None
    read: AlignedCells
    grid: Grid
    kind: Kind
    levels: tuple[float, ...]
    interval: float
    base: float
    cells: int


@dataclass(frozen=True, kw_only=True)
class ContourPlan:
    """The parts, and what goes into the summary."""

    parts: tuple[ContourPart, ...]
    unit: str | None
    words: str


@dataclass(frozen=True, kw_only=True)
class ContourRows:
    """The features of one time: a GeoParquet file in CRS84; None where there are none."""

    file: StagedFile | None
    count: int
    vertices: int
    levels: tuple[float, ...]


class ContourProcess:
    """Lines at levels of a variable, or the areas between them."""

    description: ClassVar[Mapping[str, Any]] = TEXTS.english
    chinese: ClassVar[Mapping[str, tuple[str, str]]] = TEXTS.chinese

    def require(self, request: ExecuteRequest, context: Context) -> None:
        """The field, the times and the levels are there, and not too much is read."""
        _plan(request.inputs, context)

    def plan(self, request: ExecuteRequest, environment: Environment) -> ContourPlan:
        """A part for each time."""
        return _plan(request.inputs, environment.context)

    def part(self, part: ContourPart, environment: Environment) -> ContourRows:
        """Draw the contours of one time."""
        values = np.full((part.grid.height, part.grid.width), np.nan)
        for box in boxes_of(part.grid):
            values[box.slices] = part.read.read(box)
        environment.report(50, "Drawing contours")
        levels = list(part.levels) or levels_by(part.interval, part.base, values, around=part.kind == "areas")
        made = contours_of(values, part.grid, levels, part.kind)
        vertices = int(shapely.get_num_coordinates(made.shapes).sum()) if len(made.shapes) else 0
        if vertices > _MOST_VERTICES:
            raise TooLarge(
                f"the contours have {vertices} vertices, the limit is {_MOST_VERTICES}: ask for fewer levels"
            )
        file = None
        if len(made.shapes):
            shapes = _in_degrees(made.shapes, part.grid)
            times = pa.array([part.time] * len(shapes), pa.string())
            columns = {"time": times, "low": pa.array(made.low), "high": pa.array(made.high)}
            crs = CRS.from_user_input(CRS84).to_wkt()
            file = environment.staging.write(
                "contours.parquet", lambda path: write_features(path, shapes, columns, crs=crs)
            )
        return ContourRows(file=file, count=len(made.shapes), vertices=vertices, levels=tuple(levels))

    def combine(
        self, request: ExecuteRequest, plan: ContourPlan, results: Sequence[ContourRows], environment: Environment
    ) -> Mapping[str, Any]:
        """The features of all times in one file or document."""
        paths = [environment.context.store / each.file.href for each in results if each.file is not None]
        summary = {
            "features": sum(each.count for each in results),
            "vertices": sum(each.vertices for each in results),
            "levels": sorted({level for each in results for level in each.levels}),
            "unit": plan.unit,
            "field": plan.words,
        }
        outputs: dict[str, Any] = {"summary": summary}
        if "contours" in request.outputs:
            media_type = request.formats.get("contours", GEOJSON)
            table = pa.concat_tables([pq.read_table(path) for path in paths]) if paths else None
            value = _geojson(table, plan) if media_type == GEOJSON else _flatgeobuf(table, environment)
            outputs["contours"] = EncodedOutput(value=value, media_type=media_type)
        return outputs


def _plan(inputs: Mapping[str, Any], context: Context) -> ContourPlan:
    if ("levels" in inputs) == ("interval" in inputs):
        raise InvalidInput("give levels, or interval (and perhaps base); not both")
    kind: Kind = inputs.get("kind", "lines")
    levels = tuple(float(each) for each in inputs.get("levels", ()))
    if any(second <= first for first, second in pairwise(levels)):
        raise InvalidParameter("levels", inputs["levels"], "give levels that rise, each once")
    if kind == "areas" and len(levels) == 1:
        raise InvalidParameter("levels", inputs["levels"], "areas lie between two levels: give two at least")
    field = field_of("field", inputs["field"], context, unit=inputs.get("unit"))
    matched = match_steps(context, [field], times_of(inputs.get("datetime")))
    grid = region_of(matched.steps[0].cells["field"].grid, inputs.get("bbox"))
    plane = grid.width * grid.height
    if plane > MOST_PLANE:
        raise TooLarge(f"{grid.width} x {grid.height} cells are more than {MOST_PLANE} at a time: give a smaller bbox")
    require_cells(grid, len(matched.steps), fields=1, most=context.settings.limit.process_cells)
    parts = tuple(
        ContourPart(
            time=step.label,
            read=aligned_cells(step, [field], grid, kernel=None)["field"],
            grid=grid,
            kind=kind,
            levels=levels,
            interval=float(inputs.get("interval", 0.0)),
            base=float(inputs.get("base", 0.0)),
            cells=plane,
        )
        for step in matched.steps
    )
    return ContourPlan(parts=parts, unit=field.unit, words=field.words)


def _in_degrees(shapes: Any, grid: Grid) -> Any:
    """Features of a grid in CRS84."""
    if grid.is_geographic:
        return shapes
    crs = CRS.from_user_input(grid.crs).to_wkt()
    placing = FeaturePlacing(name="contours", source=crs, target=CRS.from_user_input(CRS84).to_wkt(), repair=True)
    return placing.moved(shapes, np.arange(len(shapes)))


def _geojson(table: pa.Table | None, plan: ContourPlan) -> dict[str, Any]:
    features = []
    for row in table.to_pylist() if table is not None else []:
        geometry = json.loads(shapely.to_geojson(shapely.from_wkb(row.pop(GEOMETRY))))
        properties = {**row, "unit": plan.unit}
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def _flatgeobuf(table: pa.Table | None, environment: Environment) -> bytes:
    """The features as one FlatGeobuf file; raises InvalidInput where there are none."""
    if table is None:
        raise InvalidInput(
            "contours: there are none at these levels, and FlatGeobuf has no empty files; ask for GeoJSON"
        )
    with environment.staging.scratch() as folder:
        path = folder / "contours.fgb"
        pyogrio.write_arrow(
            table, path, driver="FlatGeobuf", geometry_name=GEOMETRY, geometry_type="Unknown", crs="OGC:CRS84"
        )
        return path.read_bytes()
