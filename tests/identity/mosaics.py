"""Tiles of mosaics, times and levels by a server of two workers, in random order, each twice."""

from __future__ import annotations

import urllib.request
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import numpy as np
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from records.database.engine import driver_url
from records.datasets.repository import Repository
from services.drawing.tiles.matrix_sets import PLAIN, WEB_MERCATOR_QUAD
from tests.cog.tiles.test_tile_identity import PLACES
from tests.identity.oracle import first_of, wanted
from tests.identity.subjects import Subject, random_grid
from tests.identity.tiles import difference, random_tile
from tests.support.levels import with_levels, with_parts
from tests.support.rasters import publication
from tests.support.serving import serving

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from config.settings import Settings
    from records.datasets.publication import Publication
    from tests.identity.oracle import Tile, Wanted

_TIMES: Final = ("2001-01-01", "2001-03-01", "2001-05-01")
_LEVELS: Final = {"surface": 0.0, "deep": 130.0}
_SERIES: Final = 8
"""Series of requests for each dataset: all tiles of one have a plan in common, if there is one."""


@dataclass(frozen=True, kw_only=True)
class Series:
    """Requests that differ in the address of the tile alone.

    Attributes:
        path: The path and query, with {z}, {x} and {y}.
        matrix_set: The tile matrix set.
        form: The format, png or npy.
        sheets: What they show, the first sheet on top.
    """

    path: str
    matrix_set: str
    form: str
    sheets: tuple[Subject, ...]

    @property
    def kind(self) -> str:
        """The name under which its tiles are counted."""
        return f"mosaics {self.sheets[0].granule.grid.crs} {'one sheet' if len(self.sheets) == 1 else 'several sheets'}"


def draw_mosaics(settings: Settings, dice: random.Random, count: int) -> dict[str, list[str | None]]:
    """Draw `count` tiles twice; returns how each differs from rio-tiler's, None if it does not, by kind."""
    url = settings.database.url.get_secret_value()
    engine = create_engine(driver_url(url), poolclass=NullPool)
    series = [one for crs in PLACES for one in _published(Repository(engine), settings.store_dir, crs, dice)]
    engine.dispose()
    requests = [(one, _tile(one, dice)) for one in dice.choices(series, k=count)]
    expected = [_expected(settings.store_dir, one, tile) for one, tile in requests]
    paths = [one.path.format(z=tile.z, x=tile.x, y=tile.y) for one, tile in requests]
    order = [*range(count), *range(count)]
    dice.shuffle(order)
    differences: defaultdict[str, list[str | None]] = defaultdict(list)
    with serving(url, settings.data_dir, workers=2) as server, ThreadPoolExecutor(2) as clients:
        contents = clients.map(lambda number: _content(server.base + paths[number]), order)
        for number, content in zip(order, contents, strict=True):
            one, tile = requests[number]
            text = difference(content, expected[number], tile)
            differences[one.kind].append(text and f"{paths[number]}: {text}")
    return dict(differences)


def _published(repository: Repository, store: Path, crs: str, dice: random.Random) -> list[Series]:
    """Publish sheets of several times and levels in a CRS, and choose series of requests for them."""
    name = f"mosaic-{crs.replace(':', '-').lower()}"
    dataset = repository.publish(_cut(store, name, crs, dice))
    subjects = [
        Subject(kind="", dataset=dataset, variable=dataset.variable(), granule=granule)
        for granule in sorted(repository.granules(name), key=lambda granule: granule.part or "")
    ]
    return [_series(subjects, dice) for _ in range(_SERIES)]


def _cut(store: Path, name: str, crs: str, dice: random.Random) -> Publication:
    """Three sheets that overlap and leave a corner free, at each time and level; at times one alone at the last."""
    grid = random_grid(crs, "values", dice)
    noise = np.random.default_rng(dice.randrange(1 << 30))
    steps = {time: noise.integers(0, 120, (grid.height, grid.width)).astype("int16") for time in _TIMES}
    whole = publication(store, name, {**steps}, grid, nodata=7, value_range=(0, 300), bbox=(0, 0, 1, 1))
    down, across = grid.height // 2, grid.width // 2
    sheets = {
        "a": (slice(0, down), slice(0, across + 9)),
        "b": (slice(0, down + 9), slice(across, grid.width)),
        "c": (slice(down, grid.height), slice(across, grid.width)),
    }
    made = with_parts(with_levels(whole, store, _LEVELS), store, sheets)
    alone = dice.choice(["a", "b", "c", None])
    granules = tuple(g for g in made.granules if alone is None or g.time != _TIMES[-1] or g.part == alone)
    return replace(made, granules=granules)


def _series(subjects: list[Subject], dice: random.Random) -> Series:
    """Choose a time by its label, as the nearest or as the latest; a level or the first; one sheet or all."""
    time, query = dice.choice([(label, {"datetime": label}) for label in _TIMES] + [(_TIMES[-1], {})] * 2)
    if query and dice.random() < 0.3:
        query = {"datetime": f"{time[:-2]}02", "nearest": "true"}
    level = dice.choice([None, *_LEVELS])
    sheets = [s for s in subjects if (s.granule.time, s.granule.level) == (time, level or next(iter(_LEVELS)))]
    if dice.random() < 0.2:
        sheets = [dice.choice(sheets)]
        query |= {"part": sheets[0].granule.part or ""}
    if level is not None:
        query |= {"level": level}
    form, matrix_set, name = dice.choice(("png", "npy")), dice.choice(PLAIN), subjects[0].dataset.id
    path = f"/collections/{name}/map/tiles/{matrix_set}/{{z}}/{{y}}/{{x}}?{urlencode(query | {'f': form})}"
    if matrix_set == WEB_MERCATOR_QUAD and dice.random() < 0.5:
        path = f"/xyz/{name}/v/{{z}}/{{x}}/{{y}}.{form}?{urlencode(query)}"
    return Series(path=path, matrix_set=matrix_set, form=form, sheets=tuple(sheets))


def _tile(series: Series, dice: random.Random) -> Tile:
    """Choose a tile about a sheet."""
    grid = dice.choice(series.sheets).granule.grid
    return random_tile(grid, dice, matrix_set_id=series.matrix_set, size=256, form=series.form)


def _expected(store: Path, series: Series, tile: Tile) -> Wanted | None:
    """Draw all sheets by rio-tiler, whether the tile meets them or not."""
    drawn = [wanted(sheet, str(store / sheet.granule.asset.href), tile) for sheet in series.sheets]
    return first_of([sheet for sheet in drawn if sheet is not None])


def _content(url: str) -> bytes:
    """Fetch a tile on a connection of its own, so that either worker may answer."""
    with urllib.request.urlopen(url, timeout=60) as answer:
        return bytes(answer.read())
