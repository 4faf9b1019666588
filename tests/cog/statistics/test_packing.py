"""Statistics that are kept by granule merge to those of all cells: compared with numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cog.cells.codec import Codec
from cog.statistics.packing import pack, unpack
from cog.statistics.partial import Partial, partial, variable_statistics

RANDOM = np.random.default_rng(20260516)


def granules(kind: str) -> list[NDArray[Any]]:
    """Cells of twelve granules, each of another month's level."""
    shape = (40, 250)
    if kind == "float32":
        return [(RANDOM.normal(280 + n, 5, shape)).astype("float32") for n in range(12)]
    if kind == "uint16":
        return [RANDOM.gamma(2, 900 + 50 * n, shape).astype("uint16") for n in range(12)]
    if kind == "ties":
        return [np.where(RANDOM.random(shape) < 0.9, 7.0, RANDOM.random(shape) * 1e6 - 5e5) for _ in range(12)]
    return [RANDOM.integers(0, 9, shape).astype("uint8") for _ in range(12)]


@pytest.mark.parametrize("kind", ["float32", "uint16", "ties", "classes"])
@pytest.mark.parametrize("scale", [1.0, -0.01], ids=["plain", "negative-scale"])
def test_kept_statistics_are_those_of_all_cells(kind: str, scale: float) -> None:
    many = granules(kind)
    kept = [unpack(pack(partial(cells, Codec(dtype=cells.dtype.name, scale=scale, offset=3.0)))) for cells in many]
    found = variable_statistics(Partial.merged([k for k in kept if k is not None]), scale=scale, offset=3.0)
    values = np.sort(np.concatenate([c.ravel() for c in many]).astype("float64") * scale + 3.0)
    assert found is not None
    assert (found.minimum, found.maximum) == (values[0], values[-1])
    assert found.mean == pytest.approx(values.mean(), rel=1e-12)
    assert found.stddev == pytest.approx(values.std(), rel=1e-9)
    for percent, got in ((2, found.percentile_2), (98, found.percentile_98)):
        reach = abs(got) / 8192
        low, high = np.searchsorted(values, got - reach, "left"), np.searchsorted(values, got + reach, "right")
        assert low / values.size - 1 / 512 <= percent / 100 <= high / values.size + 1 / 512


def test_a_summary_is_small_whatever_the_granule() -> None:
    cells = RANDOM.normal(0, 1e6, (1000, 1000))
    assert len(pack(partial(cells, Codec(dtype=cells.dtype.name)))) < 8_000


def test_few_values_are_counted_exactly() -> None:
    cells = RANDOM.integers(0, 200, (50, 50)).astype("uint8")
    whole = partial(cells, Codec(dtype=cells.dtype.name))
    found = unpack(pack(whole))
    assert found is not None
    assert np.array_equal(found.histogram.codes, whole.histogram.codes)
    assert np.array_equal(found.histogram.counts, whole.histogram.counts)
    assert (found.cells, found.moments, found.histogram.exact) == (whole.cells, whole.moments, True)


def test_empty_granules_count_in_the_share_of_valid_cells_only() -> None:
    empty = partial(np.full((10, 10), np.nan), Codec(dtype="float64"))
    full = partial(np.ones((10, 10)), Codec(dtype="float64"))
    found = variable_statistics(Partial.merged([empty, full, empty]), scale=1.0, offset=0.0)
    assert found is not None
    assert found.valid_percent == pytest.approx(100 / 3)
    assert variable_statistics(Partial.merged([empty]), scale=1.0, offset=0.0) is None


def test_another_version_is_measured_again() -> None:
    import zlib

    assert unpack(zlib.compress(b"GSU9")) is None
