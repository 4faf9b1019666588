"""What tiles are drawn of: the real rasters beside the repository, ingested, and generated ones of every kind."""

from __future__ import annotations

import math
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import rasterio
from rasterio.windows import Window

from config.declarations.datasets import parse_declaration, read_declaration
from config.errors import GraticuleError
from config.grids import CRS84, Grid
from config.setting_groups.ingest import IngestSettings
from records.datasets.models import ColorClass, Dataset, Granule, Variable
from records.datasets.publication import Publication
from services.ingest.pipeline import ingest
from services.ingest.workers import Workers
from tests.cog.tiles.test_tile_identity import DTYPES, PLACES
from tests.support.paths import TESTS
from tests.support.rasters import publication, write_cog
from tests.support.sources import DATA

if TYPE_CHECKING:
    from records.datasets.repository import Repository

_STEPS: Final = 3
"""Most granules that are taken of one variable."""
_WINDOW: Final = 6144
"""Edge of what is cut out of a raster that is larger."""
_DECLARED: Final = {"oisst-avhrr-v02r01.20220913-sst.tif": "oisst-sst.yaml"}
VARIANTS: Final = ("values", "values", "values", "packed", "classes", "rgb", "alpha", "mask", "south-up", "rotated")


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One granule as it is published, and the kind it is counted under."""

    kind: str
    dataset: Dataset
    variable: Variable
    granule: Granule


def subjects(repository: Repository, store: Path, seed: int, only: str) -> list[Subject]:
    """Publish everything whose kind has `only` in its name; says what is refused, and why."""
    kinds = dict([*_real(repository, store, only), *_generated(repository, store, random.Random(seed), only)])
    found = []
    for dataset_id, kind in kinds.items():
        dataset = repository.dataset(dataset_id)
        for _, granules in groupby(repository.granules(dataset_id), key=lambda g: g.variable_id):
            found += [
                Subject(kind=kind, dataset=dataset, variable=dataset.variable(g.variable_id), granule=g)
                for g in islice(granules, _STEPS)
            ]
    return found


def _real(repository: Repository, store: Path, only: str) -> Iterator[tuple[str, str]]:
    """(dataset, kind) of each shared raster."""
    paths = sorted(path for path in DATA.glob("raster/*/*") if path.is_file())
    if not paths:
        print(f"no real rasters: {DATA / 'raster'} is not there")
    with tempfile.TemporaryDirectory() as folder, Workers(limits=IngestSettings(workers=1)) as workers:
        for number, path in enumerate(paths):
            kind = f"real {path.name[:40]}"
            if only not in kind:
                continue
            declared = TESTS / "services" / "ingest" / "declarations" / _DECLARED.get(path.name, "none")
            said = read_declaration(declared) if declared.exists() else parse_declaration({}, name="none")
            name, source = f"real-{number}", _cut(path, Path(folder))
            try:
                report = ingest([source], said, repository=repository, store=store, dataset_id=name, workers=workers)
                why = "; ".join(outcome.reason or "" for outcome in report.outcomes) if report.refused else ""
            except GraticuleError as error:
                why = str(error)
            if why:
                print(f"not ingested: {path.name}: {why}")
            else:
                yield name, kind


def _cut(path: Path, folder: Path) -> Path:
    """A raster, or the window about the middle of one that is very large."""
    if path.suffix != ".tif":
        return path
    with rasterio.open(path) as raster:
        if max(raster.shape) <= 2 * _WINDOW:
            return path
        window = Window((raster.width - _WINDOW) // 2, (raster.height - _WINDOW) // 2, _WINDOW, _WINDOW)
        profile = raster.profile | {"width": _WINDOW, "height": _WINDOW, "transform": raster.window_transform(window)}
        with rasterio.open(folder / path.name, "w", **profile) as target:
            target.write(raster.read(window=window))
            if raster.colorinterp[0] == rasterio.enums.ColorInterp.palette:
                target.write_colormap(1, raster.colormap(1))
    return folder / path.name


def _generated(repository: Repository, store: Path, dice: random.Random, only: str) -> Iterator[tuple[str, str]]:
    """(dataset, kind) of random rasters: ten of each CRS, and global grids that begin anywhere."""
    for number, crs in enumerate(PLACES):
        for place, variant in enumerate(VARIANTS):
            if variant == "south-up" and crs == "EPSG:3857":
                continue  # rio-tiler fails on it: it reads a grid of the tile's own CRS without its warper
            name, kind = f"made-{number}-{place}", f"made {crs} {variant}"
            made = _made(store, name, random_grid(crs, variant, dice), variant, dice)
            if only in kind:
                repository.publish(made)
                yield name, kind
    for number, west in enumerate((-180.0, -180.25, -179.6, 0.0)):
        name, step = f"globe-{number}", 0.5
        grid = Grid(crs=CRS84, transform=(step, 0.0, west, 0.0, -step, 90.0), width=720, height=360)
        made = _made(store, name, grid, "values", dice)
        if only in f"made globe from {west:g}":
            repository.publish(made)
            yield name, f"made globe from {west:g}"


def random_grid(crs: str, variant: str, dice: random.Random) -> Grid:
    """Make a random grid within the CRS's area."""
    (left, bottom), (right, top), cells = PLACES[crs]
    width, height = dice.randint(40, 1200), dice.randint(40, 1000)
    step = min(dice.uniform(*cells), (right - left) / width, (top - bottom) / height)
    down = min(step * dice.choice([1.0, 1.0, 0.77, 1.31]), (top - bottom) / height)
    west = left + dice.random() * (right - left - width * step)
    north = bottom + height * down + dice.random() * (top - bottom - height * down)
    turn = 0.2 * step if variant == "rotated" else 0.0
    vertical = (down, north - height * down) if variant == "south-up" else (-down, north)
    return Grid(crs=crs, transform=(step, turn, west, 0.0, *vertical), width=width, height=height)


def _made(store: Path, name: str, grid: Grid, variant: str, dice: random.Random) -> Publication:
    """A dataset of random values."""
    dtype = "uint8" if variant in ("classes", "rgb", "alpha") else dice.choice(DTYPES)
    source = np.random.default_rng(dice.randrange(1 << 30))
    values = source.integers(0, 120, (grid.height, grid.width)).astype(dtype)
    nodata = dice.choice([None, 7.0, math.nan] if dtype.startswith("float") else [None, 7.0])
    if variant in ("alpha", "mask"):
        nodata = None
    if nodata is not None and math.isnan(nodata):
        values[source.random(values.shape) < 0.2] = math.nan
    scale, offset = (0.25, -3.0) if variant == "packed" else (1.0, 0.0)
    made = publication(store, name, {None: values}, grid, nodata=nodata, scale=scale, offset=offset, bbox=(0, 0, 1, 1))
    variable, granule = made.variables[0], made.granules[0]
    if variant == "classes":
        colors = {v: (v, 255 - v, v // 2, 255) for v in range(0, 120, 2)}
        classes = tuple(ColorClass(value=value, color=color) for value, color in colors.items())
        variable = replace(variable, kind="categorical", classes=classes)
    elif variant in ("rgb", "alpha"):
        bands: Any = source.integers(0, 256, (4 if variant == "alpha" else 3, *values.shape)).astype(dtype)
        if grid.is_geographic:
            bands[3:] = bands[3:] // 128 * 255  # there, alpha is a mask: the ingest stores no other
        variable = replace(variable, kind="rgb", band_count=len(bands), styles=())
        granule = replace(granule, asset=write_cog(store, granule.asset.href, bands, grid, nodata=nodata))
    elif variant == "mask":
        granule = replace(granule, asset=write_cog(store, granule.asset.href, values, grid, mask=True))
    return replace(made, variables=(variable,), granules=(granule,))
