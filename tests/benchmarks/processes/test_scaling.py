"""Parts of processes on 1, 2 and 4 worker processes: seconds, and the efficiency against one.

It prints figures; what they are worth depends on the cores that are free.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from cog.science.radiative import Atmosphere, solve_sun

if TYPE_CHECKING:
    from collections.abc import Callable

BANDS = Atmosphere(
    taus=(0.3185, 0.2361, 0.156, 0.0938, 0.0464, 0.0411, 0.0284, 0.0155),
    depolarization=0.0279,
    streams=24,
    azimuth_order=3,
)


def solve_part(sun: float) -> float:
    """A part of `rayleigh-table`."""
    return float(solve_sun(BANDS, sun, list(range(0, 71, 5)), list(range(0, 181, 10))).sun_transmittance[0])


def join_part(seed: int) -> int:
    """A leaf of `spatial-join`."""
    random = np.random.default_rng(seed)
    places = random.uniform(0, 100, (2, 30_000, 2))
    left, right = (shapely.box(*each.T, *(each + 0.3).T) for each in places)
    return len(shapely.STRtree(right).query(left, predicate="intersects")[0])


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("part", "count"), [(solve_part, 8), (join_part, 8)], ids=["rayleigh-table", "spatial-join"])
def test_parts_scale_over_workers(monkeypatch: pytest.MonkeyPatch, part: Callable[[Any], Any], count: int) -> None:
    for library in ("OMP", "OPENBLAS", "MKL"):
        monkeypatch.setenv(f"{library}_NUM_THREADS", "1")  # a part has one core
    seconds: dict[int, float] = {}
    answers = []
    for workers in (1, 2, 4):
        if workers > (os.cpu_count() or 1):
            continue
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            list(pool.map(part, range(workers)))  # modules are imported before it is measured
            begin = time.perf_counter()
            answers.append(list(pool.map(part, range(1, count + 1))))
            seconds[workers] = time.perf_counter() - begin
    for workers, taken in seconds.items():
        print(f"\n{part.__name__}: {workers} workers {taken:.2f} s, {seconds[1] / taken:.2f} times one")
    assert all(each == pytest.approx(answers[0], rel=1e-9) for each in answers)
