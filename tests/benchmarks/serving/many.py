"""Many small rasters: collections visited in turn, and one series of as many times."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.grids import CRS84, Grid
from records.database.engine import driver_url
from records.datasets.repository import Repository
from tests.support.rasters import publication

if TYPE_CHECKING:
    from pathlib import Path

SERIES = "series"
_GRID = Grid(crs=CRS84, transform=(0.01, 0.0, 110.0, 0.0, -0.01, 40.0), width=512, height=512)
TILE = (8, 207, 97)
"""A tile in the middle of each of them."""


def publish(url: str, store: Path, count: int) -> None:
    """Publish the collections many-0, many-1 ..., and the series, without ingest: their making is not measured."""
    engine = create_engine(driver_url(url), poolclass=NullPool)
    repository = Repository(engine)
    base = np.add.outer(np.arange(512.0), np.arange(512.0)).astype("float32")
    for number in range(count):
        repository.publish(publication(store, f"many-{number}", {None: base + number}, _GRID))
    repository.publish(publication(store, SERIES, {day: base + i for i, day in enumerate(days(count))}, _GRID))
    engine.dispose()


def days(count: int) -> list[str]:
    """The times of the series."""
    return [(date(2000, 1, 1) + timedelta(days=i)).isoformat() for i in range(count)]


def collection_paths(count: int) -> list[str]:
    """One tile of each collection, on Graticule."""
    return [f"/xyz/many-{number}/v/{{}}/{{}}/{{}}.png".format(*TILE) for number in range(count)]


def series_paths(count: int) -> list[str]:
    """One tile of each time, on Graticule."""
    place = "{}/{}/{}".format(*TILE)
    return [f"/xyz/{SERIES}/v/default/{day.replace('-', '')}/{place}.png" for day in days(count)]


def rival_paths(store: Path, count: int) -> tuple[list[str], list[str]]:
    """The same tiles on titiler, by their files."""
    place = "{}/{}/{}".format(*TILE)
    tail = "&rescale=0,2022&colormap_name=viridis"

    def path(file: Path) -> str:
        return f"/tiles/WebMercatorQuad/{place}.png?url={file}{tail}"

    series = sorted((store / SERIES).rglob("*.tif"))
    return [path(store / f"many-{n}" / "v" / "static.tif") for n in range(count)], [path(file) for file in series]
