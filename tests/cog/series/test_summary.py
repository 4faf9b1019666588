"""Statistics over areas from pieces of cells, beside those of all cells at once."""

from __future__ import annotations

import numpy as np
import pytest

from cog.cells.codec import Codec
from cog.series.summary import STATISTICS, AreaSummary


@pytest.mark.parametrize(("scale", "offset"), [(1.0, 0.0), (0.01, 273.15), (-0.5, 4.0)])
def test_pieces_in_any_order_give_the_statistics_of_all_cells(scale: float, offset: float) -> None:
    random = np.random.default_rng(5)
    values = random.normal(30_000, 2, (7, 90))
    valid = random.random(values.shape) > 0.3
    valid[3] = False
    weights = np.where(random.random(90) > 0.2, random.random(90), 0.0)
    summary = AreaSummary(7, STATISTICS)
    for cells in np.array_split(random.permutation(90), 6):
        filled = np.where(valid[:, cells], values[:, cells], 0)
        piece = AreaSummary.of_cells(filled, valid[:, cells], weights[cells], STATISTICS)
        summary.merge(piece.at(np.arange(4)), np.arange(4))
        summary.merge(piece.at(np.arange(4, 7)), np.arange(4, 7))
    codec = Codec(dtype="int16", scale=scale, offset=offset, nodata=None)
    physical = np.where(valid & (weights > 0), values * scale + offset, np.nan)
    for time in (0, 1, 2, 4, 5, 6):
        here = np.isfinite(physical[time])
        cells, share = physical[time, here], weights[here]
        mean = np.average(cells, weights=share)
        expected = {
            "mean": mean,
            "min": cells.min(),
            "max": cells.max(),
            "std": np.sqrt(np.average((cells - mean) ** 2, weights=share)),
            "count": here.sum(),
        }
        for name in STATISTICS:
            assert summary.result(name, codec)[time] == pytest.approx(expected[name], rel=1e-10), name
    nothing = {name: summary.result(name, codec)[3] for name in STATISTICS}
    assert nothing.pop("count") == 0
    assert np.isnan(list(nothing.values())).all()


def test_without_a_mask_every_cell_has_data() -> None:
    summary = AreaSummary.of_cells(np.array([[1.0, 5.0, 9.0]]), None, np.array([1.0, 1.0, 0.0]), STATISTICS)
    codec = Codec(dtype="int16", scale=1.0, offset=0.0, nodata=None)
    assert [summary.result(name, codec)[0] for name in STATISTICS] == [3.0, 1.0, 5.0, 2.0, 2.0]
