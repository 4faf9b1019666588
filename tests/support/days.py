"""A dataset of days whose values are known, that grows and is corrected: what series by time are tested with."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from cog.series.layout import Tier
from tests.support.rasters import global_grid, publication

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from records.datasets.models import Granule
    from records.datasets.publication import Publication
    from records.datasets.repository import Repository

GRID = global_grid(80, 40)
TIERS = (
    Tier(steps=32, edge=8, is_tiled=True),
    Tier(steps=8, edge=16, is_tiled=False),
    Tier(steps=4, edge=32, is_tiled=False),
)
"""Parts of few times, so that a test needs few days."""


def label(day: int) -> str:
    """The date of a day, counted from 1990-01-01."""
    return f"{datetime(1990, 1, 1, tzinfo=UTC) + timedelta(days=day):%Y-%m-%d}"


def values(day: int, version: int = 0) -> NDArray[np.float32]:
    """The values of a day, others in each version; about a third has no data."""
    random = np.random.default_rng([day, version])
    cells = (random.integers(0, 3000, (GRID.height, GRID.width)) / 100).astype("float32")
    return np.where(random.random(cells.shape) < 0.3, np.float32("nan"), cells)


def day_publication(store: Path, days: dict[int, NDArray[np.float32]], version: int = 0) -> Publication:
    """The dataset `et` of some days, their files in the store; names of files end in the version."""
    made = publication(store, "et", {label(day): cells for day, cells in days.items()}, GRID, nodata=np.nan)
    return replace(made, granules=tuple(_named(store, granule, version) for granule in made.granules))


def _named(store: Path, granule: Granule, version: int) -> Granule:
    href = granule.asset.href.replace(".tif", f"-v{version}.tif")
    shutil.move(store / granule.asset.href, store / href)
    return replace(granule, asset=replace(granule.asset, href=href))


def add_days(repository: Repository, store: Path, days: dict[int, NDArray[np.float32]], version: int = 0) -> None:
    """Add days to the dataset, or correct them, and leave the others."""
    made = day_publication(store, days, version)
    published = "et" in repository.dataset_ids()
    repository.publish(replace(made, adds=published))
