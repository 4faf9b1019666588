"""A selection as blocks of cells: the stored cells of every time, wherever they are read."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest

from config.errors import GranuleNotFound, TooLarge
from config.times import parse_datetime
from services.selection import moments
from services.selection.opening import blocks
from services.selection.opening.blocks import BlockSource, block_sources, iterate_block_sources
from services.selection.selection import SelectionRequest, resolve
from tests.services.selection.conftest import GRID, LABELS, LEVELS
from tests.support.coverages import steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from services.selection.selection import DefaultTimes, Selection
    from services.web.context import Context


def selection(context: Context, dataset: str, *, times: DefaultTimes = "all", **request: object) -> Selection:
    return resolve(context.catalogue.dataset(dataset), SelectionRequest(**request), default_times=times)  # type: ignore[arg-type]


def cells(source: BlockSource, *, edge: int = blocks.BLOCK_EDGE) -> NDArray[np.float64]:
    values = np.full((source.grid.height, source.grid.width), np.nan)
    for block in source.blocks(source.boxes(edge=edge)):
        values[block.box.top : block.box.bottom, block.box.left : block.box.right] = block.physical()
    return values


def test_the_parts_of_each_time_are_one_grid_of_cells(context: Context) -> None:
    sources = list(iterate_block_sources(context, selection(context, "country")))
    assert [source.time for source in sources] == list(LABELS)
    assert sources[0].grid.matches(GRID)
    for source in sources:
        assert np.array_equal(cells(source), steps(GRID, LABELS)[source.time])
        assert np.array_equal(cells(source, edge=16), cells(source))


def test_times_are_iterated_page_by_page(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "PAGE_TIMES", 1)
    levels = selection(context, "ocean", axes={"depth": "5:*"})
    sources = [(source.time, source.level) for source in iterate_block_sources(context, levels)]
    assert sources == [(time, level) for time in LABELS for level in ("10", "20.5")]


def test_a_worker_reads_the_cells_of_a_pickled_source(context: Context) -> None:
    (source,) = iterate_block_sources(context, selection(context, "ocean", times="latest", level="10.0"))
    assert np.array_equal(
        cells(pickle.loads(pickle.dumps(source))), steps(GRID, LABELS)[LABELS[2]] + np.float32(LEVELS["10"])
    )


def test_times_named_twice_are_one_source(context: Context) -> None:
    selections = [selection(context, "country", when=parse_datetime(text)) for text in ("2006-05/2006-06", "2006")]
    sources = block_sources(context, selections, most_times=3)
    assert [source.time for source in sources] == list(LABELS)
    with pytest.raises(TooLarge, match="2 at most"):
        block_sources(context, selections, most_times=2)


def test_the_nearest_time_stands_in_where_none_matches(context: Context) -> None:
    june = selection(context, "country", when=parse_datetime("2007-01-01T00:00:00Z"), nearest=True)
    assert [source.time for source in iterate_block_sources(context, june)] == [LABELS[2]]
    with pytest.raises(GranuleNotFound, match="nearest"):
        list(iterate_block_sources(context, selection(context, "country", when=parse_datetime("2007"))))
