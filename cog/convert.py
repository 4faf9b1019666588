"""From one step of a source to one Cloud-Optimized GeoTIFF: the same cells, in blocks, with overviews and tags."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.io import DatasetWriter, MemoryFile
from rasterio.rio.overview import get_maximum_overview_level
from rasterio.windows import Window

from cog.models import SourceVariable
from cog.profiles import BLOCK, SAMPLES, Profile, best_predictor
from cog.sources.crs import raster_crs
from cog.sources.protocol import Source
from cog.statistics import Partial, merge, partial
from cog.validate import CellDigest, require_valid, strips

RGB = 3
"""Bands of a colour image without alpha."""
_COLORS = ("red", "green", "blue", "alpha")
IN_MEMORY_BYTES = 64 * 1024 * 1024
"""Steps up to this size are put together in memory, larger ones in a file beside the COG."""


@dataclass(frozen=True, kw_only=True)
class Converted:
    """A validated COG under its temporary name, and the statistics of its cells."""

    path: Path
    sha256: str
    size: int
    statistics: Partial


def convert(  # noqa: PLR0913
    source: Source,
    variable: SourceVariable,
    step: int,
    *,
    target: Path,
    profile: Profile,
    tags: dict[str, str],
    level: int = 0,
) -> Converted:
    """Write one step as a COG and validate it: structure, georeference and every cell. Equal input gives equal bytes.

    Args:
        source: Where the cells come from.
        variable: Its variable, with the meaning that the COG's tags will state.
        step: Number of the step.
        target: File to write; its folder exists. Removed again if anything fails.
        profile: How to encode.
        tags: Further GeoTIFF tags, such as the time.
        level: Number of the level.
    """
    try:
        with _scratch(target, variable) as dataset:
            digest, statistics = _copy_cells(source, variable, (step, level), dataset)
            predictor = best_predictor(_sample(dataset), profile)
            _describe(dataset, variable, tags)
            _build_overviews(dataset, variable)
            options = profile.creation_options(predictor)
            rasterio.shutil.copy(dataset, str(target), copy_src_overviews=True, **options)
        require_valid(target, variable.grid, digest=digest, source=source.description.path)
        sha256 = _sealed(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return Converted(path=target, sha256=sha256, size=target.stat().st_size, statistics=statistics)


@contextmanager
def _scratch(target: Path, variable: SourceVariable) -> Iterator[DatasetWriter]:
    """An uncompressed tiled raster of the variable's grid, in memory or beside the target."""
    grid = variable.grid
    options: dict[str, Any] = {
        "driver": "GTiff",
        "width": grid.width,
        "height": grid.height,
        "count": variable.band_count,
        "dtype": variable.dtype,
        "crs": raster_crs(grid.crs),
        "transform": rasterio.Affine(*grid.transform),
        "nodata": variable.nodata,
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
        "bigtiff": "IF_SAFER",
    }
    if variable.kind == "rgb":
        options |= {"photometric": "RGB"} | ({"alpha": "NON-PREMULTIPLIED"} if variable.band_count > RGB else {})
    if variable.step_bytes <= IN_MEMORY_BYTES:
        with MemoryFile() as memory, memory.open(**options) as dataset:
            yield dataset
        return
    beside = target.with_suffix(".scratch")
    try:
        with rasterio.open(beside, "w+", **options) as dataset:
            yield dataset
    finally:
        beside.unlink(missing_ok=True)


def _copy_cells(
    source: Source, variable: SourceVariable, place: tuple[int, int], dataset: DatasetWriter
) -> tuple[str, Partial]:
    """Copy the cells of one (step, level); their digest, and statistics of all bands but alpha."""
    digest, whole = CellDigest(), None
    grid, (step, level) = variable.grid, place
    for first, last in strips(grid.height, grid.width, np.dtype(variable.dtype).itemsize * variable.band_count):
        cells = source.read(variable.name, step, rows=(first, last), level=level)
        bands = cells if variable.kind == "rgb" else cells[np.newaxis]
        dataset.write(bands, window=Window(0, first, grid.width, last - first))
        digest.add(bands)
        found = partial(bands[:RGB], nodata=variable.nodata, scale=variable.scale, offset=variable.offset)
        whole = found if whole is None else merge(whole, found)
    assert whole is not None
    return digest.value(), whole


def _sample(dataset: DatasetWriter) -> list[NDArray[Any]]:
    """Blocks spread evenly over the raster."""
    windows = [window for _, window in dataset.block_windows(1)]
    places = sorted({round(i) for i in np.linspace(0, len(windows) - 1, SAMPLES)})
    return [dataset.read(1, window=windows[place]) for place in places]


def overview_resampling(variable: SourceVariable) -> Resampling:
    """How overviews are made: never a class or a count that no cell has; means only of continuous quantities."""
    if variable.kind == "categorical":
        return Resampling.mode
    if variable.kind == "rgb":
        return Resampling.average
    whole_numbers = not variable.dtype.startswith("float")
    meaningless = variable.unit is None and (variable.scale, variable.offset) == (1.0, 0.0)
    return Resampling.nearest if whole_numbers and meaningless else Resampling.average


def _build_overviews(dataset: DatasetWriter, variable: SourceVariable) -> None:
    levels = get_maximum_overview_level(dataset.width, dataset.height, minsize=BLOCK)
    if levels:
        with rasterio.Env(GDAL_TIFF_OVR_BLOCKSIZE=BLOCK):
            dataset.build_overviews([2**n for n in range(1, levels + 1)], overview_resampling(variable))


def _describe(dataset: DatasetWriter, variable: SourceVariable, tags: dict[str, str]) -> None:
    if variable.kind == "rgb":
        for band, name in enumerate(_COLORS[: variable.band_count], start=1):
            dataset.set_band_description(band, name)
    else:
        dataset.set_band_description(1, variable.title)
    if variable.unit:
        dataset.units = (variable.unit,) * variable.band_count
    if (variable.scale, variable.offset) != (1.0, 0.0):
        dataset.scales, dataset.offsets = (variable.scale,), (variable.offset,)
    resampling = overview_resampling(variable).name.upper()
    dataset.update_tags(OVERVIEW_RESAMPLING=resampling, **{k: tags[k] for k in sorted(tags)})
    if variable.standard_name:
        dataset.update_tags(1, standard_name=variable.standard_name)


def _sealed(path: Path) -> str:
    """The SHA-256 of a file, which is on disk when this returns."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return found
