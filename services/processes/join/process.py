"""The process `spatial-join`."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cog.features.geoparquet import ROW, schema_of, write_parquet
from cog.features.join import LEFT, answer_schema, conformed, left_rows
from cog.features.leaves import Box, boxes_of_leaves, cut_plane
from cog.features.partition import Reach
from cog.features.placing import FeaturePlacing
from config.errors import InvalidInput
from config.vocabulary import JSON
from services.compute.execution import ALONE_CELLS
from services.processes.fields.field import field_of
from services.processes.join.answers import answer_rows
from services.processes.join.description import TEXTS
from services.processes.join.question import OF_ONE_STATEMENT, JoinQuestion, require_join
from services.processes.join.sampling import SamplePart, SampleRows, sample_parts, sample_rows
from services.processes.join.sides import JoinSide, open_side, split_files
from services.processes.join.stages import (
    CELLS_PER_FEATURE,
    FLUSH_ROWS,
    Divided,
    DividePart,
    JoinedLeaf,
    LeafPart,
    RecutPart,
    divide,
    features_of,
    heavy_parts,
    join_part,
    recut,
    rows_by_leaf,
    sample_side,
)
from services.processes.join.statement import StatementPart, join_by_statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.compute.staging import StagedFile
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context

_LEAF_FEATURES: Final = 62_500
"""Features of a leaf, of both sides, where there are not more than `_MOST_LEAVES` leaves."""
_MOST_LEAVES: Final = 4096

Part = DividePart | RecutPart | LeafPart | StatementPart | SamplePart
Outcome = Divided | JoinedLeaf | SampleRows


@dataclass(frozen=True, kw_only=True)
class JoinPlan:
    """A stage of a join.

    Attributes:
        parts: Its parts.
        question: What is asked; None of a sample.
        sides: The sides.
        schema: Columns of the answer.
        boxes: The leaves.
        leaves: Their rows by side, where they are known.
        began: When the execution began, seconds of the epoch.
        is_last: Whether the results of the parts are combined.
    """

    parts: tuple[Part, ...]
    question: JoinQuestion | None
    sides: tuple[JoinSide, ...]
    schema: pa.Schema
    boxes: tuple[Box, ...] = ()
    leaves: tuple[dict[str, Any], ...] = ()
    began: float
    is_last: bool


class SpatialJoin:
    """Two sets of features joined by place, or features with values of a collection."""

    description: ClassVar[Mapping[str, Any]] = TEXTS.english
    chinese: ClassVar[Mapping[str, tuple[str, str]]] = TEXTS.chinese

    def require(self, request: ExecuteRequest, context: Context) -> None:
        """What is named is there, and the inputs go together."""
        require_join(request.inputs, context)
        if "sample" in request.inputs:
            field_of("sample", request.inputs["sample"], context)

    def plan(self, request: ExecuteRequest, environment: Environment) -> JoinPlan:
        """Read what the sides are, and cut the plane into leaves by a sample of them."""
        began, inputs = time.time(), request.inputs
        environment.report(0, "Reading the features")
        left = open_side("left", inputs["left"], inputs.get("left_properties", ()), environment)
        if "sample" in inputs:
            parts, schema = sample_parts(inputs, left, environment.context)
            return JoinPlan(parts=parts, question=None, sides=(left,), schema=schema, began=began, is_last=True)
        right = open_side("right", inputs["right"], inputs.get("right_properties", ()), environment)
        question = JoinQuestion.of(inputs, left.crs, environment.context)
        placings = [
            FeaturePlacing(name=side.name, source=side.crs, target=left.crs, repair=question.repair)
            for side in (left, right)
        ]
        cut = None
        if question.engine not in OF_ONE_STATEMENT:
            samples = [sample_side(side.files, place) for side, place in zip((left, right), placings, strict=True)]
            leaves = min(_MOST_LEAVES, -(-(left.count + right.count) // _LEAF_FEATURES))
            cut = cut_plane(np.concatenate(samples), leaves)
        parts_of_sides = tuple(
            DividePart(
                side=side.name,
                file=file,
                properties=side.properties,
                placing=place,
                reach=question.join.reach if side is left else Reach(),
                cut=cut,
                cells=max(1, file.count * CELLS_PER_FEATURE),
            )
            for side, place in zip((left, right), placings, strict=True)
            for file in split_files(side.files, FLUSH_ROWS)
        )
        return JoinPlan(
            parts=_sized(parts_of_sides, question),
            question=question,
            sides=(left, right),
            schema=_answer_schema(left, right, question),
            boxes=tuple(boxes_of_leaves(cut)),
            began=began,
            is_last=False,
        )

    def part(self, part: Part, environment: Environment) -> Outcome:
        """Divide features, cut a leaf again, join one, or sample."""
        if isinstance(part, DividePart):
            return divide(part, environment)
        if isinstance(part, RecutPart):
            return recut(part, environment)
        if isinstance(part, LeafPart):
            return join_part(part, environment)
        if isinstance(part, StatementPart):
            return join_by_statement(part, environment)
        return sample_rows(part, environment)

    def proceed(
        self, request: ExecuteRequest, plan: JoinPlan, results: Sequence[Divided], environment: Environment
    ) -> JoinPlan:
        """After the features are divided: cut heavy leaves again; then join every leaf."""
        del request, environment
        assert plan.question is not None
        boxes, leaves = list(plan.boxes), list(plan.leaves)
        was_divided = not leaves
        if was_divided:
            leaves = rows_by_leaf(results, len(boxes))
        else:
            again = {result.leaf for result in results}
            kept = [
                (box, rows) for number, (box, rows) in enumerate(zip(boxes, leaves, strict=True)) if number not in again
            ]
            for result in results:
                kept += zip(result.boxes, rows_by_leaf([result], len(result.boxes)), strict=True)
            boxes, leaves = [box for box, _ in kept], [rows for _, rows in kept]
        question, crs = plan.question, plan.question.crs
        heavy = heavy_parts(boxes, leaves, question.join.reach, crs) if was_divided else []
        plan = replace(plan, boxes=tuple(boxes), leaves=tuple(leaves))
        if heavy and question.engine not in OF_ONE_STATEMENT:
            return replace(plan, parts=_sized(tuple(heavy), question))
        parts: tuple[Part, ...]
        if question.engine in OF_ONE_STATEMENT:
            [rows] = leaves
            parts = (StatementPart(question=question, rows=rows, schema=plan.schema, cells=max(1, features_of(rows))),)
        else:
            parts = tuple(
                LeafPart(
                    box=box,
                    rows=rows,
                    join=question.join,
                    schema=plan.schema,
                    crs=crs,
                    cells=features_of(rows) * CELLS_PER_FEATURE,
                )
                for box, rows in zip(boxes, leaves, strict=True)
                if rows["left"]
            )
        if not parts:
            raise InvalidInput("left: there are no features")
        return replace(plan, parts=_sized(parts, question), is_last=True)

    def combine(
        self, request: ExecuteRequest, plan: JoinPlan, results: Sequence[Any], environment: Environment
    ) -> Mapping[str, Any]:
        """Settle the features that are in several leaves, and answer."""
        files = [(result.file, result.rows) for result in results if result.file is not None]
        summary: dict[str, Any] = {side.name: side.count for side in plan.sides}
        summary |= {f"{side.name}_source": side.words for side in plan.sides}
        if plan.question is None:
            summary |= {"rows": sum(rows for _, rows in files), **results[0].facts}
        else:
            counts = _shared_counts(results)
            rest, alone = _settled(results, counts, plan, environment)
            files += rest
            summary |= {
                "pairs": sum(result.counts.pairs for result in results),
                "unmatched": sum(result.counts.unmatched for result in results) + alone,
                "engine": plan.question.engine,
                "leaves": len(plan.boxes),
                "notes": _notes(plan),
            }
        summary["seconds"] = round(time.time() - plan.began, 2)
        outputs: dict[str, Any] = {"summary": summary}
        if "pairs" in request.outputs:
            media_type = request.formats.get("pairs", JSON)
            outputs["pairs"] = answer_rows(files, media_type, environment, crs=plan.sides[0].crs)
        return outputs


def _sized(parts: tuple[Part, ...], question: JoinQuestion) -> tuple[Part, ...]:
    """Parts whose sizes make them stay together, or spread, where the engine says so."""
    total = sum(part.cells for part in parts)
    if question.engine == "cluster" and total <= ALONE_CELLS:
        return tuple(replace(part, cells=part.cells + ALONE_CELLS // len(parts) + 1) for part in parts)
    if question.engine in OF_ONE_STATEMENT and total > ALONE_CELLS:
        return tuple(replace(part, cells=max(1, part.cells * ALONE_CELLS // total // 2)) for part in parts)
    return parts


def _answer_schema(left: JoinSide, right: JoinSide, question: JoinQuestion) -> pa.Schema:
    tables = [side.files[0].schema(side.properties) for side in (left, right)]
    schema = answer_schema(tables[0], tables[1], question.join)
    return schema_of(schema, question.crs) if question.join.with_geometry else schema


def _shared_counts(results: Sequence[JoinedLeaf]) -> dict[int, int]:
    """The number of pairs of each feature that is in several leaves and has any."""
    counts: dict[int, int] = {}
    for result in results:
        for row, pairs in zip(result.counts.shared.tolist(), result.counts.shared_pairs.tolist(), strict=True):
            counts[row] = counts.get(row, 0) + pairs
    return counts


def _settled(
    results: Sequence[JoinedLeaf], counts: Mapping[int, int], plan: JoinPlan, environment: Environment
) -> tuple[list[tuple[StagedFile, int]], int]:
    """Rows of the features in several leaves that no leaf could answer, and how many of these have no pair."""
    assert plan.question is not None
    join, rows, alone = plan.question.join, [], 0
    for result in results:
        alone += sum(row not in counts for row in result.counts.shared_home.tolist())
        if result.shared_file is None:
            continue
        table = pq.read_table(environment.context.store / result.shared_file.href)
        own = np.array([counts.get(row, 0) for row in table[ROW].to_pylist()], dtype="int64")
        wanted = np.arange(len(own)) if join.how == "count" else np.flatnonzero(own == 0)
        rows.append(conformed(left_rows(table, wanted, join, own[wanted]), plan.schema))
    count = sum(map(len, rows))
    if not count:
        return [], alone
    table = pa.concat_tables(rows).sort_by(LEFT)

    def write(path: Any) -> None:
        with write_parquet(path, plan.schema) as writer:
            writer.write_table(table.cast(plan.schema))

    return [(environment.staging.write("pairs.parquet", write), count)], alone


def _notes(plan: JoinPlan) -> list[str]:
    left, right = plan.sides
    notes = []
    if left.crs != right.crs:
        notes.append("vertices of the right features were transformed to the CRS of the left ones")
    if plan.question is not None and plan.question.join.reach.is_geographic:
        notes.append("edges are straight in longitude and latitude; what goes beyond 180 degrees is cut there")
    return notes
