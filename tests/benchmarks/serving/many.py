"""Many small rasters: collections visited in turn, and one series of as many times."""

from __future__ import annotations

import shutil
from dataclasses import replace
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

    from records.datasets.publication import Publication

SERIES = "series"
_GRID = Grid(crs=CRS84, transform=(0.01, 0.0, 110.0, 0.0, -0.01, 40.0), width=512, height=512)
_KINDS = 20
"""Different contents of the collections; each has a file of its own."""
_SPAN = 1023
"""The range of the colours of each, from the lowest value on."""
TILE = (8, 207, 97)
"""A tile in the middle of each of them."""


def publish(url: str, store: Path, count: int) -> None:
    """Publish the collections many-0, many-1 ..., and the series, without ingest: their making is not measured."""
    engine = create_engine(driver_url(url), poolclass=NullPool)
    repository = Repository(engine)
    base = np.add.outer(np.arange(512.0), np.arange(512.0)).astype("float32")
    kinds = [publication(store, f"kind-{n}", {None: base + n}, _GRID) for n in range(min(count, _KINDS))]
    for number in range(count):
        repository.publish(_renamed(store, kinds[number % _KINDS], f"many-{number}"))
    series = publication(store, SERIES, {day: base + i for i, day in enumerate(days(count))}, _GRID)
    repository.publish(_renamed(store, series, SERIES))
    engine.dispose()


def _renamed(store: Path, made: Publication, name: str) -> Publication:
    """A publication under a name; its assets named as by an ingest, so that each is compared when it is first read."""
    granules = []
    for granule in made.granules:
        path = store / granule.asset.href
        named = store / name / "v" / f"{path.stem}-{granule.asset.sha256[:12]}{path.suffix}"
        named.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, named)
        asset = replace(granule.asset, href=str(named.relative_to(store)))
        granules.append(replace(granule, dataset_id=name, asset=asset))
    return replace(made, id=name, title={"en": name}, record=made.record | {"id": name}, granules=tuple(granules))


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

    def path(file: Path, low: int = 0) -> str:
        return f"/tiles/WebMercatorQuad/{place}.png?url={file}&rescale={low},{low + _SPAN}&colormap_name=viridis"

    series = sorted((store / SERIES / "v").glob("*-????????????.tif"))
    collections = [next((store / f"many-{n}" / "v").glob("*.tif")) for n in range(count)]
    return [path(file, n % _KINDS) for n, file in enumerate(collections)], [path(file) for file in series]
