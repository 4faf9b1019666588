"""A selection as a series: any number of times, in blocks of bounded size, equal to the COGs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from cog.grids.lattice import CellBox
from config.errors import GranuleNotFound, InvalidInput
from config.times import parse_datetime
from services.selection.opening import series as series_module
from services.selection.opening.series import Series, is_series, open_series
from services.selection.selection import SelectionRequest, resolve
from tests.services.selection.conftest import GRID, LABELS, LEVELS
from tests.support.coverages import steps

if TYPE_CHECKING:
    from services.selection.selection import DefaultTimes, Selection
    from services.web.context import Context

TRUTH = np.stack([steps(GRID, LABELS)[label] for label in LABELS])


def selection(context: Context, dataset: str, *, times: DefaultTimes = "all", **request: object) -> Selection:
    return resolve(context.catalogue.dataset(dataset), SelectionRequest(**request), default_times=times)  # type: ignore[arg-type]


def ocean(context: Context, **request: object) -> Series:
    return open_series(context, selection(context, "ocean", **request))  # type: ignore[arg-type]


def test_points_are_read_at_every_time(context: Context) -> None:
    series = ocean(context, level="10")
    rows, columns = [0, 39, 12], [0, 59, 30]
    cells = series.points(rows, columns)
    assert series.labels == list(LABELS)
    assert np.array_equal(cells.stored, TRUTH[:, rows, columns] + np.float32(LEVELS["10"]))
    assert cells.valid.all()


@pytest.mark.parametrize("most", [4 * 7, 4 * 200, 4 * 20_000])
def test_blocks_hold_each_value_once(context: Context, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(series_module, "BLOCK_BYTES", most)
    series, box = ocean(context), CellBox(top=3, bottom=30, left=5, right=50)
    counts = np.zeros((3, box.rows, box.columns), int)
    for block in series.blocks(box):
        assert block.stored.size <= max(most // 4, box.columns)
        counts[
            block.steps,
            block.box.top - box.top : block.box.bottom - box.top,
            block.box.left - box.left : block.box.right - box.left,
        ] += 1
    assert (counts == 1).all()
    assert np.array_equal(series.cube(box)[0], TRUTH[:, *box.slices])


@pytest.mark.parametrize("chosen", [slice(1, None), slice(0, 3, 2), slice(1, 2), slice(2, 2)])
def test_a_cube_has_the_times_of_a_slice(context: Context, chosen: slice) -> None:
    stored, valid = ocean(context).cube(CellBox(top=0, bottom=2, left=0, right=3), chosen)
    assert np.array_equal(stored, TRUTH[chosen, :2, :3])
    assert valid.shape == stored.shape


def test_means_weigh_the_cells_that_have_data(context: Context) -> None:
    series, box = ocean(context), CellBox(top=10, bottom=12, left=20, right=23)
    weights = np.array([[0.0, 1.0, 0.5], [0.25, 1.0, 0.0]])
    means = series.means(box, weights)
    expected = (TRUTH[:, 10:12, 20:23] * weights).sum(axis=(1, 2)) / weights.sum()
    assert np.allclose(means.means, expected, rtol=1e-12)
    assert np.array_equal(means.weights, np.full(3, 2.75))
    nothing = series.means(box, np.zeros((2, 3)))
    assert np.isnan(nothing.means).all()


def test_the_times_are_those_that_the_request_means(context: Context) -> None:
    assert ocean(context, times="latest").labels == [LABELS[2]]
    assert ocean(context, when=parse_datetime("2006-05/..")).labels == list(LABELS[1:])
    assert ocean(context, when=parse_datetime("2007-01-01T00:00:00Z"), nearest=True).labels == [LABELS[2]]
    with pytest.raises(GranuleNotFound, match="nearest: 2006-06"):
        ocean(context, when=parse_datetime("2007"))


def test_steps_carry_the_bounds_of_the_granules(context: Context) -> None:
    granules = list(context.catalogue.repository.granules("ocean", "v"))
    for step in ocean(context).steps:
        (granule,) = (g for g in granules if g.time == step.label and g.level == "0")
        assert (step.key, step.start_key, step.end_key) == (granule.key, granule.start_key, granule.end_key)


def test_bands_of_a_picture_without_time_are_one_step(context: Context) -> None:
    series = open_series(context, selection(context, "picture"))
    assert (len(series), series.labels, series.steps, series.has_times) == (1, [], (), False)
    first, third = (series.points([4], [5], band=band).stored[0, 0] for band in (1, 3))
    assert (first, third) == ((4 * 10_000 + 5) % 250, (4 * 10_000 + 5) % 239)


def test_sheets_and_several_levels_are_no_series(context: Context) -> None:
    assert not is_series(context, selection(context, "country"))
    with pytest.raises(InvalidInput, match="several parts"):
        open_series(context, selection(context, "country"))
    with pytest.raises(InvalidInput, match="ask for one"):
        open_series(context, selection(context, "ocean", axes={"depth": "5:*"}))
    assert len(open_series(context, selection(context, "country", part="a"))) == 3
