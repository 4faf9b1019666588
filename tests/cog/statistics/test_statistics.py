"""Statistics that merge: equal to numpy's over everything at once."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest

from cog.cells.codec import Codec
from cog.statistics.moments import Moments
from cog.statistics.partial import Partial, partial, variable_statistics

RANDOM = np.random.default_rng(7)


def test_counted_cells_have_exact_percentiles() -> None:
    stored = RANDOM.integers(0, 250, (90, 100), dtype="uint8")
    stored[0] = 255
    parts = [
        partial(strip, Codec(dtype="uint8", nodata=255, scale=0.5, offset=-3)) for strip in np.array_split(stored, 7)
    ]
    found = variable_statistics(reduce(Partial.merge, parts), scale=0.5, offset=-3)
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
    found = variable_statistics(reduce(Partial.merge, parts), scale=1, offset=offset)
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
    assert variable_statistics(empty, scale=1, offset=0) is None
    full = partial(np.full((3, 3), 5, dtype="int16"), codec)
    found = variable_statistics(empty.merge(full), scale=1, offset=0)
    assert found is not None
    assert (found.mean, found.valid_percent) == (5, 50)


def test_a_negative_scale_turns_percentiles_round() -> None:
    stored = np.arange(101, dtype="int16")
    found = variable_statistics(partial(stored, Codec(dtype="int16", scale=-1)), scale=-1, offset=0)
    assert found is not None
    assert (found.percentile_2, found.percentile_98) == (-98, -2)


@pytest.mark.parametrize("dtype", ["int16", "float32", "float64", "int32"])
def test_moments_merge_to_those_of_all_values(dtype: str) -> None:
    values = (RANDOM.normal(1e4, 3, (300, 400))).astype(dtype)
    pieces = [Moments.of(piece) for piece in np.array_split(values, 6)]
    for merged in (reduce(Moments.merge, pieces), Moments.merged(pieces), Moments.of(values)):
        assert (merged.weight, merged.minimum, merged.maximum) == (values.size, values.min(), values.max())
        assert merged.mean == pytest.approx(values.mean(dtype="float64"), rel=1e-13)
        assert merged.stddev == pytest.approx(values.std(dtype="float64"), rel=1e-9)


def test_moments_of_nothing_change_nothing() -> None:
    full, none = Moments.of(np.array([1.0, 3.0])), Moments.of(np.empty(0))
    assert none.merge(full) == full.merge(none) == Moments.merged([none, full]) == full
    assert np.isnan(none.stddev)


def test_weights_are_repetitions() -> None:
    values, weights = np.array([1.0, 2.0, 5.0]), np.array([2.0, 1.0, 3.0])
    repeated = Moments.of(np.repeat(values, weights.astype(int)))
    assert Moments.weighted(values, weights).squares == pytest.approx(repeated.squares)
    assert Moments.weighted(values, weights).mean == pytest.approx(repeated.mean)
