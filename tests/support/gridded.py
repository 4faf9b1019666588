"""Datasets for the protocols that serve arrays, and the values that every protocol must give of them.

`daily` is packed in hundredths, has a gap at its third day in `flux`, and a variable of classes that has that day;
`long` has three hundred days; `ocean` has levels; `polar` is projected and in floats; `year360` has a calendar of 360
days.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from config.grids import CRS84, Grid
from config.times import key_label, order_key, parse_time
from tests.support.coverages import in_calendar, with_first, with_variable
from tests.support.datasets import CLASSES
from tests.support.levels import with_levels, with_parts
from tests.support.rasters import coded, publication

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from records.datasets.models import Granule
    from records.datasets.publication import Publication

GRID: Final = Grid(crs=CRS84, transform=(0.25, 0.0, 100.0, 0.0, -0.25, 40.0), width=300, height=270)
DAYS: Final = tuple(f"2001-07-{day:02d}" for day in range(1, 6))
GAP: Final = 2
SCALE: Final = 0.01
POLAR: Final = Grid(
    crs="EPSG:3995", transform=(50_000.0, 0, -1_000_000.0, 0, -50_000.0, 1_000_000.0), width=40, height=40
)
LEVELS: Final = {"0": 0.0, "10": 100_000.0, "20.5": 200_000.0}


def packed_days() -> NDArray[np.int16]:
    """Stored values (day, row, column) of `daily/flux`; -32768 where there are no data."""
    values = np.random.default_rng(7).integers(0, 3000, (len(DAYS), GRID.height, GRID.width), dtype="int16")
    values[:, :40, :50] = -32768
    return values


def physical_days() -> NDArray[np.float64]:
    """Physical values (day, row, column) of `daily/flux`, NaN where there are no data, as on its missing day."""
    stored = packed_days()
    values = np.where(stored == -32768, np.nan, stored * SCALE)
    values[GAP] = np.nan
    return values


def cover() -> NDArray[np.uint8]:
    """Classes (row, column) of `daily/cover`: 1 and 2, 0 for no data."""
    codes = np.where(np.arange(GRID.width) < 150, 1, 2) * np.ones((GRID.height, 1))
    codes[200:] = 0
    return codes.astype("uint8")


def daily(store: Path) -> Publication:
    """Five days of a packed flux, the third missing, and classes on every day."""
    steps: dict[str | None, Any] = dict(zip(DAYS, packed_days(), strict=True))
    made = publication(store, "daily", steps, GRID, nodata=-32768.0, scale=SCALE, unit="mm d-1")
    made = with_first(
        made, standard_name="water_evapotranspiration_flux", title={"en": 'Flux of "water"', "zh": "通量"}
    )
    made = with_variable(
        made,
        store,
        "cover",
        cover(),
        nodata=0.0,
        scale=1.0,
        unit=None,
        standard_name=None,
        kind="categorical",
        classes=CLASSES,
    )
    made = replace(made, granules=tuple(g for g in made.granules if g.variable_id != "v" or g.time != DAYS[GAP]))
    return _renamed(made, "flux")


def _renamed(base: Publication, name: str) -> Publication:
    variables = (replace(base.variables[0], id=name), *base.variables[1:])
    granules = tuple(replace(g, variable_id=name) if g.variable_id == "v" else g for g in base.granules)
    return replace(base, variables=variables, granules=granules)


def ocean(store: Path) -> Publication:
    """Two months at three depths in floats; column, row, depth and month can be told from a value."""
    grid = Grid(crs=CRS84, transform=(1.0, 0.0, 100.0, 0.0, -1.0, 50.0), width=60, height=40)
    months = {"2006-04-16T12:00:00Z": coded(grid), "2006-05-16T12:00:00Z": coded(grid) + 1_000_000}
    return with_levels(publication(store, "ocean", months, grid, nodata=-9.0), store, LEVELS)


def polar(store: Path) -> Publication:
    """Floats with NaN on a projected grid, without time, cut into two sheets that leave a corner out."""
    values = coded(POLAR)
    values[5, 5] = np.nan
    parts = {"a": (slice(0, 20), slice(0, 40)), "b": (slice(20, 40), slice(0, 30))}
    return with_parts(publication(store, "polar", {None: values}, POLAR), store, parts)


def year360(store: Path) -> Publication:
    """February of a calendar of 360 days, whose last day is the 30th."""
    grid = Grid(crs=CRS84, transform=(90.0, 0.0, -180.0, 0.0, -90.0, 90.0), width=4, height=2)
    made = publication(store, "year360", {"2001-02": np.arange(8, dtype="float32").reshape(2, 4)}, grid)
    return in_calendar(made, "360_day", {"2001-02": (order_key(2001, 2, 1), order_key(2001, 2, 30))})


LONG_STEPS: Final = 300
LONG_GAP: Final = 9
LONG_GRID: Final = Grid(crs=CRS84, transform=(1.0, 0.0, 10.0, 0.0, -1.0, 50.0), width=20, height=12)


def long_steps() -> list[int]:
    """The steps that `long` has: the tenth day is missing."""
    return [step for step in range(LONG_STEPS) if step != LONG_GAP]


def long_values(step: int) -> NDArray[np.float32]:
    """Values (row, column) of a step of `long`, of which there are ten different ones."""
    return coded(LONG_GRID) + np.float32(step % 10)


def long(store: Path) -> Publication:
    """Three hundred days in floats, the tenth missing; every tenth day has the same values."""
    first = date(2001, 1, 1)
    labels = [f"{first + timedelta(days=n)}" for n in range(LONG_STEPS)]
    few: dict[str | None, Any] = {label: long_values(n) for n, label in enumerate(labels[:10])}
    made = publication(store, "long", few, LONG_GRID, nodata=-9.0)
    granules = [dated_like(made.granules[n % 10], labels[n]) for n in long_steps()]
    return replace(made, granules=tuple(granules))


def dated_like(granule: Granule, label: str) -> Granule:
    """A granule at another time."""
    when = parse_time(label)
    assert when.start is not None
    assert when.end is not None
    bounds = {"start": key_label(when.start), "end": key_label(when.end)}
    return replace(granule, time=label, key=when.start, start_key=when.start, end_key=when.end, **bounds)
