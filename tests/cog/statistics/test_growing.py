"""Statistics that grow are those of all granules taken together, to the last bit and in whatever order."""

from __future__ import annotations

import numpy as np
import pytest

from cog.cells.codec import Codec
from cog.statistics.growing import GrowingStatistics
from cog.statistics.partial import Partial, partial


def parts(dtype: str) -> list[Partial]:
    random = np.random.default_rng(2)
    codec = Codec(dtype=dtype, nodata=np.nan if dtype == "float32" else 0)
    days = [(random.normal(280, 10, (30, 40)) * (1 + n)).astype(dtype) for n in range(7)]
    days.append(np.full((3, 4), codec.nodata, dtype))  # nothing but cells without data
    return [partial(day, codec) for day in days]


@pytest.mark.parametrize("dtype", ["float32", "int16"])
def test_added_granules_give_what_all_give_at_once(dtype: str) -> None:
    every = parts(dtype)
    whole = GrowingStatistics.of(every).whole
    for order in ([0, 1, 2, 3, 4, 5, 6, 7], [7, 3, 1, 6, 0, 2, 5, 4]):
        grown = GrowingStatistics.of([every[order[0]]])
        for number in order[1:]:
            read = GrowingStatistics.unpack(grown.pack())
            assert read is not None
            grown = read.merge(GrowingStatistics.of([every[number]]))
        assert (grown.whole.cells, grown.whole.moments) == (whole.cells, whole.moments)
        assert grown.whole.moments == Partial.merged(every).moments
        assert np.array_equal(grown.whole.histogram.codes, whole.histogram.codes)
        assert np.array_equal(grown.whole.histogram.counts, whole.histogram.counts)


def test_bytes_of_another_version_are_not_read() -> None:
    import zlib

    assert GrowingStatistics.unpack(zlib.compress(b"OLD0" + bytes(40))) is None
