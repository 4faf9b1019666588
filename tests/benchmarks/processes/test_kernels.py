"""Each process against its oracle's own loop in the same run: CPU seconds, and their ratio.

Run with `make bench ARGS="tests/benchmarks/processes -s"`. It prints figures and asserts only that the answers agree.
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from scipy.interpolate import RegularGridInterpolator
from scipy.stats import linregress, theilslopes

from cog.features.contours import contours_of
from cog.features.join import LeafJoin, join_leaf
from cog.features.leaves import boxes_of_leaves, cut_plane
from cog.features.partition import LeafRows, Reach, placed, sampled_centres, write_leaves
from cog.features.placing import FeaturePlacing
from cog.science.gas_transfer import TRANSFERS, transfer_velocity
from cog.science.rayleigh import ReflectanceTable
from cog.science.seawater import co2_solubility
from cog.science.trends.least_squares import fit_lines
from cog.science.trends.theil_sen import median_slopes, pairs_of
from config.grids import CRS84, Grid
from tests.cog.features.test_join import PLANE, parcels, roads, table_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RANDOM = np.random.default_rng(11)
TIMES = np.arange(180) / 12


def timed(name: str, ours: Callable[[], Any], theirs: Callable[[], Any], *, share: float = 1.0) -> tuple[Any, Any]:
    """Both answers; prints CPU seconds and how many times ours is faster, where theirs did a share of the work."""
    begin = time.process_time()
    own = ours()
    middle = time.process_time()
    other = theirs()
    end = time.process_time()
    own_s, other_s = middle - begin, (end - middle) / share
    ratio = other_s / max(own_s, 1e-9)
    print(f"\n{name}: Graticule {own_s:.2f} s, oracle {other_s:.2f} s of CPU, {ratio:.1f} times faster")
    return own, other


@pytest.mark.parametrize("kind", ["least squares", "Theil-Sen"])
def test_trends(kind: str) -> None:
    values = RANDOM.normal(0, 1, (180, 20_000)).cumsum(axis=0) * 0.1
    values[RANDOM.random(values.shape) < 0.1] = np.nan
    few = 500
    pairs = pairs_of(TIMES)
    fit_lines(TIMES, values[:, :64])
    lines = fit_lines(TIMES, values)
    median_slopes(values[:, :64], pairs, lines.slope[:64], lines.error[:64])  # compiled before it is measured

    def ours() -> Any:
        return (
            fit_lines(TIMES, values).slope
            if kind == "least squares"
            else median_slopes(values, pairs, lines.slope, lines.error)[0]
        )

    def theirs() -> Any:
        answers = []
        for series in values.T[:few]:
            kept = np.isfinite(series)
            fit = linregress if kind == "least squares" else theilslopes
            x, y = TIMES[kept], series[kept]
            answers.append(fit(x, y)[0] if kind == "least squares" else fit(y, x)[0])
        return answers

    own, other = timed(f"trend, {kind}, 180 times", ours, theirs, share=few / values.shape[1])
    assert own[:few] == pytest.approx(other, abs=1e-6)


def test_flux() -> None:
    count = 400_000
    temperature, wind = RANDOM.uniform(-1, 30, count), RANDOM.uniform(2, 15, count)
    transfer = TRANSFERS["W14"]

    def ours() -> Any:
        return transfer_velocity(transfer, temperature, wind, wind**2) * co2_solubility(
            temperature, np.full(count, 35.0)
        )

    def theirs() -> Any:
        few = zip(temperature[:5000].tolist(), wind[:5000].tolist(), strict=True)
        return [
            float(
                transfer_velocity(transfer, np.array([t]), np.array([u]), np.array([u * u]))[0]
                * co2_solubility(np.array([t]), np.array([35.0]))[0]
            )
            for t, u in few
        ]

    own, other = timed("flux, cell by cell", ours, theirs, share=5000 / count)
    assert own[:5000] == pytest.approx(other)


def test_joins(tmp_path: Path) -> None:
    left, right = roads(60_000), parcels(60_000)
    join = LeafJoin(predicate="intersects", reach=Reach(), with_geometry=False)
    place = FeaturePlacing(name="features", source=PLANE, target=PLANE)

    def ours() -> int:
        cut = cut_plane(np.concatenate([sampled_centres(left[::5]), sampled_centres(right[::5])]), 4)
        sides = []
        for name, shapes in (("left", left), ("right", right)):
            path = tmp_path / f"{name}.parquet"
            groups = write_leaves(path, placed(table_of(shapes), place, Reach()), cut, Reach(), crs=PLANE)
            sides.append({leaf: LeafRows(path=str(path), group=n, rows=rows) for n, (leaf, rows) in enumerate(groups)})
        return sum(
            join_leaf([sides[0][leaf]], [sides[1][leaf]], box, join, put=len, put_shared=len).pairs
            for leaf, box in enumerate(boxes_of_leaves(cut))
        )

    own, other = timed(
        "spatial join, 60,000 x 60,000, with files, beside one STRtree without",
        ours,
        lambda: len(shapely.STRtree(right).query(left, predicate="intersects").T),
    )
    assert own == other > 1000


def test_corrections() -> None:
    axes = [np.array([950.0, 1050.0]), np.arange(0, 81, 5.0), np.arange(0, 71, 5.0), np.arange(0, 181, 10.0)]
    table = ReflectanceTable(
        pressure=axes[0], sun=axes[1], view=axes[2], azimuth=axes[3], values=RANDOM.random([len(axis) for axis in axes])
    )
    places = [RANDOM.uniform(axis[0], axis[-1], 500_000) for axis in axes]
    own, other = timed(
        "rayleigh-correct, 500,000 cells, beside RegularGridInterpolator",
        lambda: table.at(*places),
        lambda: RegularGridInterpolator(axes, table.values)(np.stack(places, axis=1)),
    )
    assert own == pytest.approx(other)


def test_contours() -> None:
    grid = Grid(crs=CRS84, transform=(0.1, 0.0, -50.0, 0.0, -0.1, 50.0), width=1000, height=1000)
    x, y = np.meshgrid(np.linspace(0, 30, 1000), np.linspace(0, 30, 1000))
    values = np.sin(x) * np.cos(y)
    levels = [-0.5, 0.0, 0.5]

    def theirs() -> int:
        crossings = 0
        for row in values[:20]:
            for first, second in pairwise(row):
                crossings += sum((first < level) != (second < level) for level in levels)
        return crossings

    own, other = timed(
        "contours, a million cells, beside a loop that only finds crossings",
        lambda: contours_of(values, grid, levels, "lines"),
        theirs,
        share=0.02,
    )
    assert len(own.shapes) == 3
    assert other > 100
