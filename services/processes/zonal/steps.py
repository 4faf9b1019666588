"""The times of a question, each as blocks of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.times import parse_datetime
from services.processes.zonal.description import MOST_TIMES
from services.selection.blocks import block_sources
from services.selection.selection import SelectionRequest, resolve

if TYPE_CHECKING:
    from config.times import TimeRange
    from services.processes.zonal.question import Question
    from services.selection.blocks import BlockSource
    from services.web.context import Context


def steps_of(question: Question, context: Context) -> list[BlockSource]:
    """The times of a question, in their order; raises GranuleNotFound, InvalidParameter or TooLarge."""
    inputs = question.inputs
    level, part = inputs.get("level"), inputs.get("part")
    times: list[TimeRange | None] = [parse_datetime(text) for text in question.datetimes] or [None]
    selections = [
        resolve(
            question.dataset,
            SelectionRequest(
                variable=question.variable.id, when=when, level=None if level is None else str(level), part=part
            ),
        )
        for when in times
    ]
    return block_sources(context, selections, most_times=MOST_TIMES)
