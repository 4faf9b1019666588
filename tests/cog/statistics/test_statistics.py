"""Statistics that merge: equal to numpy's over everything at once."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest

from cog.cells.codec import Codec
from cog.statistics.statistics import merge, partial, summary

RANDOM = np.random.default_rng(7)


def test_counted_cells_have_exact_percentiles() -> None:
    stored = RANDOM.integers(0, 250, (90, 100), dtype="uint8")
    stored[0] = 255
    parts = [
        partial(strip, Codec(dtype="uint8", nodata=255, scale=0.5, offset=-3)) for strip in np.array_split(stored, 7)
    ]
    found = summary(reduce(merge, parts), scale=0.5, offset=-3)
    physical = stored[stored != 255] * 0.5 - 3
    assert found is not None
    assert (found.minimum, found.maximum) == (physical.min(), physical.max())
    assert found.mean == pytest.approx(physical.mean())
    assert found.stddev == pytest.approx(physical.std())
    assert found.percentile_2 == np.percentile(physical, 2, method="inverted_cdf")
    assert found.percentile_98 == np.percentile(physical, 98, method="inverted_cdf")
    assert found.valid_percent == pytest.approx(100 * physical.size / stored.size)


@pytest.mark.parametrize("offset", [0.0, 300.0, -40.0])
def test_percentiles_of_floats_are_within_the_stated_error(offset: float) -> None:
    stored = RANDOM.normal(size=(200, 300)).astype("float32")
    stored[0] = np.nan
    parts = [partial(s, Codec(dtype="float32", nodata=float("nan"), offset=offset)) for s in np.array_split(stored, 5)]
    found = summary(reduce(merge, parts), scale=1, offset=offset)
    physical = stored[np.isfinite(stored)].astype("float64") + offset
    assert found is not None
    for percent, value in ((2, found.percentile_2), (98, found.percentile_98)):
        exact = np.percentile(physical, percent, method="inverted_cdf")
        assert abs(value - exact) <= abs(exact) / 4096
    assert found.mean == pytest.approx(physical.mean())
    assert found.stddev == pytest.approx(physical.std())


def test_no_data_at_all_has_no_statistics() -> None:
    codec = Codec(dtype="int16", nodata=-1)
    empty = partial(np.full((3, 3), -1, dtype="int16"), codec)
    assert summary(empty, scale=1, offset=0) is None
    full = partial(np.full((3, 3), 5, dtype="int16"), codec)
    found = summary(merge(empty, full), scale=1, offset=0)
    assert found is not None
    assert (found.mean, found.valid_percent) == (5, 50)


def test_a_negative_scale_turns_percentiles_round() -> None:
    stored = np.arange(101, dtype="int16")
    found = summary(partial(stored, Codec(dtype="int16", scale=-1)), scale=-1, offset=0)
    assert found is not None
    assert (found.percentile_2, found.percentile_98) == (-98, -2)
