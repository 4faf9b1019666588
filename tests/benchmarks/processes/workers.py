"""Parts of processes on a Dask cluster of 1 to 4 workers of one thread: seconds, CPU, and efficiency.

    python -m tests.benchmarks.processes.workers [--workers 1,2,3,4] [--parts 32]

Efficiency is the time of one worker over the time and number of several, where there are no more workers than cores.
That by CPU is the CPU of one worker over that of several, which holds on few or busy cores too: it falls only by what
workers take from each other.
"""

from __future__ import annotations

import argparse
import gc
import os
import time
from typing import TYPE_CHECKING, Final

import dask
import numpy as np
from distributed import Client, LocalCluster

from cog.science.trends.analysis import TrendMethod, analyse
from tests.benchmarks.processes.test_scaling import join_part, solve_part

if TYPE_CHECKING:
    from collections.abc import Callable

_SINGLE: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def radiative_part(sun: int) -> float:
    """A part of `rayleigh-table`, whose objects of sasktran2 end in the thread that made them."""
    gc.disable()
    try:
        return solve_part(sun)
    finally:
        gc.collect()
        gc.enable()


def trend_part(seed: int) -> float:
    """A strip of `trend`: 8,000 series of 180 times, Theil-Sen with its interval."""
    values = np.random.default_rng(seed).normal(size=(180, 8_000)).astype("float32")
    trends = analyse(
        np.arange(180) / 12, values, np.zeros(180), TrendMethod(method="theil-sen", autocorrelation="none")
    )
    return float(np.nansum(trends["upper"] - trends["lower"]))


PARTS: Final[dict[str, Callable[[int], float]]] = {
    "rayleigh-table": radiative_part,
    "spatial-join": join_part,
    "trend": trend_part,
}


def _cpu() -> float:
    times = os.times()
    return times.user + times.system


def measure(part: Callable[[int], float], workers: int, parts: int) -> tuple[float, float, list[float]]:
    """Seconds and CPU seconds of that many workers for the parts, and the results."""
    nannied = {"distributed.nanny.pre-spawn-environ": _SINGLE}
    with (
        dask.config.set(nannied),
        LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        places = client.scheduler_info(n_workers=-1)["workers"]
        # modules are imported and compiled before it is measured, in the threads that work
        client.gather([client.submit(part, 0, workers=[place], pure=False) for place in places])
        before, begin = client.run(_cpu), time.perf_counter()
        results = client.gather(client.map(part, range(1, parts + 1), pure=False))
        seconds = time.perf_counter() - begin
        after = client.run(_cpu)
    return seconds, sum(after[address] - before[address] for address in before), results


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", default="1,2,3,4", help="numbers of workers, one first (default: %(default)s)")
    parser.add_argument("--parts", type=int, default=32, help="parts of each process (default: %(default)s)")
    options = parser.parse_args()
    counts, cores = [int(word) for word in options.workers.split(",")], len(os.sched_getaffinity(0))
    print(f"{cores} cores, {options.parts} parts")
    print(f"{'process':<16}{'workers':>8}{'s':>9}{'CPU, s':>9}{'efficiency':>12}{'by CPU':>9}")
    for name, part in PARTS.items():
        measured = {count: measure(part, count, options.parts) for count in counts}
        one_s, one_cpu, answers = measured[counts[0]]
        for count, (seconds, cpu, results) in measured.items():
            if not np.allclose(results, answers, rtol=1e-9):
                raise SystemExit(f"{name}: {count} workers have other answers than {counts[0]}")
            share = counts[0] / count
            efficiency = f"{one_s / seconds * share:.2f}" if count <= cores else "few cores"
            print(f"{name:<16}{count:>8}{seconds:>9.2f}{cpu:>9.2f}{efficiency:>12}{one_cpu / cpu:>9.2f}")


if __name__ == "__main__":
    main()
