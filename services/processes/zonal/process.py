"""The process `zonal-statistics`: a question is looked up, cut into chunks, computed, and answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from config.errors import Conflict
from services.processes.protocol import Split
from services.processes.zonal.answers import answer
from services.processes.zonal.description import DESCRIPTION
from services.processes.zonal.question import Question
from services.processes.zonal.steps import steps_of
from services.processes.zonal.work import Chunk, chunks_of, decode_rows, encode_rows, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from services.processes.execute_request import ExecuteRequest
    from services.processes.protocol import Environment, Report
    from services.web.context import Context

ALONE_CELLS = 100_000_000
"""Work, in cells times times, that is done at once: other processes would take longer to start."""


class ZonalStatistics:
    """Statistics of a variable in polygons."""

    description: ClassVar[Mapping[str, Any]] = DESCRIPTION

    def require(self, inputs: Mapping[str, Any], context: Context) -> None:
        """The collection is there and readable, and the statistics and weights are those of its variable."""
        Question.of(inputs, context)

    def execute(self, request: ExecuteRequest, environment: Environment) -> Mapping[str, Any] | Split:
        """The answer, or the chunks of a large question."""
        report = environment.report
        report(0, "Reading the polygons")
        question = Question.of(request.inputs, environment.context)
        steps = steps_of(question, environment.context)
        chunks = chunks_of(question, steps, most_cells=environment.context.settings.limit.zone_cells)
        if len(chunks) > 1 and sum(chunk.cells for chunk in chunks) > ALONE_CELLS:
            return Split(parts=tuple((_encode(chunk, question), float(chunk.cells)) for chunk in chunks))
        advance = _progress(report, sum(chunk.cells for chunk in chunks))
        rows = [row for chunk in chunks for row in rows_of(question, steps, chunk, advance)]
        rows.sort(key=lambda row: (row["feature"], row["step"]))
        return {"statistics": answer(question, steps, rows, request.formats["statistics"])}

    def execute_part(self, request: ExecuteRequest, part: Mapping[str, Any], environment: Environment) -> bytes:
        """The rows of one chunk."""
        question = Question.of(request.inputs, environment.context)
        steps = steps_of(question, environment.context)
        if question.dataset.version != part["version"]:  # the numbers of the times may mean others
            raise Conflict("the collection was changed while it was read; execute the process again")
        chunk = Chunk(features=range(*part["features"]), steps=range(*part["steps"]), cells=part["cells"])
        rows = rows_of(question, steps, chunk, _progress(environment.report, chunk.cells))
        return encode_rows(rows, question.dataset.version)

    def combine(self, request: ExecuteRequest, results: Sequence[bytes], environment: Environment) -> Mapping[str, Any]:
        """The answer of all chunks."""
        question = Question.of(request.inputs, environment.context)
        steps = steps_of(question, environment.context)
        rows = decode_rows(results, question.dataset.version)
        return {"statistics": answer(question, steps, rows, request.formats["statistics"])}


def _encode(chunk: Chunk, question: Question) -> dict[str, Any]:
    return {
        "features": [chunk.features.start, chunk.features.stop],
        "steps": [chunk.steps.start, chunk.steps.stop],
        "cells": chunk.cells,
        "version": question.dataset.version,
    }


def _progress(report: Report, whole: int) -> Callable[[int], None]:
    done = 0

    def advance(cells: int) -> None:
        nonlocal done
        done += cells
        report(min(99.0, 100 * done / max(1, whole)), f"{done} of about {whole} cells are done")

    return advance
