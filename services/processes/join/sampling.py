"""A collection sampled at features: the value of the cell of each point, or of a place inside a line or polygon."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely

from cog.features.geoparquet import GEOMETRY, schema_of, write_parquet
from cog.features.join import LEFT, conformed
from cog.features.placing import FeaturePlacing
from cog.reading.aligned import AlignedCells, align
from cog.reading.points import locate
from cog.reading.windows import read_windows
from services.processes.fields.field import field_of
from services.processes.fields.steps import sources_of, times_of
from services.processes.join.sides import split_files
from services.processes.join.stages import CELLS_PER_FEATURE, FLUSH_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from cog.features.geoparquet import FeatureFile
    from services.compute.executor import Environment
    from services.compute.staging import StagedFile
    from services.processes.fields.field import ProcessField
    from services.processes.join.sides import JoinSide
    from services.selection.opening.blocks import BlockSource
    from services.web.context import Context

_POINT = 0


@dataclass(frozen=True, kw_only=True)
class SamplePart:
    """Some features, and a variable at some times."""

    file: FeatureFile
    properties: tuple[str, ...]
    placing: FeaturePlacing
    field: ProcessField
    sources: tuple[BlockSource, ...]
    schema: pa.Schema
    cells: int


@dataclass(frozen=True, kw_only=True)
class SampleRows:
    """The rows of a part; `facts` are members of the summary."""

    file: StagedFile
    rows: int
    facts: dict[str, Any] = field(default_factory=dict)


def sample_parts(
    inputs: Mapping[str, Any], left: JoinSide, context: Context
) -> tuple[tuple[SamplePart, ...], pa.Schema]:
    """The parts of a sample, and the columns of its answer; raises as `field_of` and `sources_of`."""
    sampled = field_of("sample", inputs["sample"], context)
    sources = tuple(sources_of(context, sampled, times_of(inputs.get("datetime"))))
    own = left.files[0].schema(left.properties)
    properties = [pa.field(f"left_{name}", own.field(name).type) for name in left.properties]
    fields = [pa.field(LEFT, pa.int64()), *properties, pa.field("time", pa.string()), pa.field("value", pa.float64())]
    schema = pa.schema(fields)
    if not inputs.get("attributes_only", False):
        schema = schema_of(schema.append(pa.field(GEOMETRY, pa.binary())), left.crs)
    placing = FeaturePlacing(name="left", source=left.crs, target=left.crs, repair=bool(inputs.get("repair", False)))
    parts = tuple(
        SamplePart(
            file=file,
            properties=left.properties,
            placing=placing,
            field=sampled,
            sources=sources,
            schema=schema,
            cells=max(1, file.count * len(sources) * CELLS_PER_FEATURE),
        )
        for file in split_files(left.files, FLUSH_ROWS)
    )
    return parts, schema


def sample_rows(part: SamplePart, environment: Environment) -> SampleRows:
    """Write a row for each feature of a part and time; `value` is null where there are no data."""
    rows = 0

    def write(path: Path) -> None:
        nonlocal rows
        with write_parquet(path, part.schema) as writer:
            for table in part.file.batches(part.properties):
                shapes, _ = part.placing.place(table)
                places = _places(shapes)
                columns = {LEFT: table["row"]} | {f"left_{name}": table[name] for name in part.properties}
                columns[GEOMETRY] = table[GEOMETRY]
                for source in part.sources:
                    values = _values(source, places, part)
                    more = {"time": pa.array([source.time] * len(table), pa.string()), "value": values}
                    writer.write_table(conformed(pa.table(columns | more), part.schema))
                    rows += len(table)
                environment.report(100 * rows / (part.file.count * len(part.sources)), "Reading cells")

    file = environment.staging.write("sample.parquet", write)
    facts = {"field": part.field.words, "unit": part.field.unit, "engine": "sample"}
    return SampleRows(file=file, rows=rows, facts=facts)


def _places(shapes: NDArray[Any]) -> NDArray[np.float64]:
    """(n, 2) the point of each feature, or a place inside it; NaN for what has none."""
    inner = shapely.get_type_id(shapes) != _POINT
    points = shapes.copy()
    points[shapely.is_empty(shapes)] = None
    points[inner] = shapely.point_on_surface(shapes[inner])
    return np.stack([shapely.get_x(points), shapely.get_y(points)], axis=1)


def _values(source: BlockSource, places: NDArray[np.float64], part: SamplePart) -> pa.Array:
    known = np.isfinite(places).all(axis=1)
    values = np.full(len(places), np.nan)
    if known.any():
        located = locate(source.grid, places[known, 0], places[known, 1], crs=part.placing.target)
        change = part.field.conversion
        cells = AlignedCells(
            mosaic=source.mosaic,
            codec=source.codec,
            alignment=align(source.grid, source.grid, kernel=None, name="sample"),
            factor=change.factor,
            offset=change.offset,
        )
        read = read_windows(cells, located.rows, located.columns, 0)[:, 0, 0]
        values[known] = np.where(located.inside, read, np.nan)
    return pa.array(values, from_pandas=True)
