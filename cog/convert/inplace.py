"""GeoTIFFs that stay where they lie: whether one can be served as it is, and what its layout costs.

Nothing is converted, and nothing is written to the file. What the catalogue will say of it (grid, no-data value, cells)
must be what every reader of the file finds there; cell for cell that is compared once.
"""

from __future__ import annotations

import math
import os
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import rasterio
from rasterio.enums import MaskFlags
from rasterio.errors import RasterioError
from rasterio.windows import Window
from rio_cogeo.cogeo import cog_validate

from cog.convert.models import RGB, Converted
from cog.convert.validate import strips
from cog.grids.georeference import CRS_TAG, is_same_reference
from cog.series.directory import UnknownLayoutError, read_directory
from cog.statistics.packing import pack
from cog.statistics.partial import Partial, partial
from config.errors import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rasterio.io import DatasetReader

    from cog.convert.models import KnownFile
    from cog.sources.models import SourceVariable
    from cog.sources.protocol import GridSource

REMEDY: Final = "leave --in-place out, so that it is converted"
_SMALL: Final = 1 << 20
"""Cells of a raster that may be one block: all of it is read quickly."""
_LARGE_BLOCK: Final = 1 << 20
"""Cells of a block above which drawing a tile unpacks many that it does not show."""
_OVERVIEWS: Final = 2048
"""Cells of the longer edge above which a raster should have overviews."""
_STEP: Final = 4
"""Most times that an overview may be coarser than the one before, for tiles to be drawn at full speed."""


def catalogued(
    source: GridSource,
    variable: SourceVariable,
    *,
    file: KnownFile,
    link: Path,
    pulse: Callable[[float], None] = lambda _: None,
) -> Converted:
    """A file that can be served where it lies, and the statistics of its cells; raises SourceRefused.

    Args:
        source: The file, as it is understood.
        variable: Its one variable.
        file: The file.
        link: A link to the file that is made here, by which it is read.
        pulse: Called now and then with the share of the work that is done, 0 to 1.
    """
    os.symlink(file.path, link)  # noqa: PTH211 - as Path.symlink_to
    try:
        with rasterio.open(link, driver="GTiff", sharing=False) as dataset:
            _require_plain(dataset, variable, file.path)
            _require_overviews(dataset, link, file.path)
            statistics = _compared(source, variable, dataset, file.path, pulse)
            if variable.kind == "categorical":
                _require_classes(dataset, statistics, link, file.path)
            notes = _costs(dataset)
        _require_stored(link, variable, file.path)
        is_cog, _, _ = cog_validate(link, quiet=True)
    except RasterioError as error:
        link.unlink(missing_ok=True)
        raise SourceRefused(file.path, f"GDAL cannot read it: {error}", "check that the file is whole") from error
    except BaseException:
        link.unlink(missing_ok=True)
        raise
    return Converted(
        path=link,
        sha256=file.sha256,
        size=file.size,
        summary=pack(statistics),
        mtime_ns=file.mtime_ns,
        is_cog=bool(is_cog),
        notes=notes,
    )


def _require_plain(dataset: DatasetReader, variable: SourceVariable, path: Path) -> None:
    """Raise SourceRefused unless the bands of a file are those of the variable, as it stores them."""
    grid = variable.grid
    same_place = (dataset.height, dataset.width) == (grid.height, grid.width) and np.allclose(
        dataset.transform[:6], grid.transform, rtol=1e-12, atol=0
    )
    reference = dataset.tags().get(CRS_TAG)
    same_crs = reference == grid.crs if dataset.crs is None else is_same_reference(dataset.crs, grid.crs)
    block = dataset.block_shapes[0]
    masks = [flags for flags in dataset.mask_flag_enums if flags not in ([MaskFlags.all_valid], [MaskFlags.nodata])]
    has_alpha = variable.kind == "rgb" and variable.band_count > RGB
    faults = [
        (len(variable.steps) > 1 or variable.levels is not None, "it holds several times or levels"),
        (dataset.count != variable.band_count, f"it has {dataset.count} bands, and {variable.name} is one of several"),
        (not same_place, "its rows or columns are turned, rolled or declared to lie elsewhere than it says"),
        (not same_crs, "it does not state the CRS that it is catalogued in"),
        (set(dataset.dtypes) != {variable.dtype}, f"its cells are kept as {variable.dtype}, not as they are"),
        (bool(masks) and not has_alpha, "a mask hides some of its cells"),
        (not _same_nodata(dataset, variable), f"its no-data value is not the catalogue's ({variable.nodata})"),
        (
            block[1] == dataset.width and dataset.width * dataset.height > _SMALL and block[0] < dataset.height,
            f"its blocks are strips of {block[0]} rows, not tiles",
        ),
        (block[0] * block[1] > 64 * _SMALL, f"its blocks have {block[0]} x {block[1]} cells"),
    ]
    cause = next((cause for fault, cause in faults if fault), None)
    if cause is not None:
        raise SourceRefused(path, f"{cause}, so that it cannot be served where it lies", REMEDY)


def _same_nodata(dataset: DatasetReader, variable: SourceVariable) -> bool:
    """Whether a file states the variable's no-data value; NaN needs no statement."""
    mine = variable.nodata
    for value in dataset.nodatavals[: variable.band_count]:
        if value is None and (mine is None or math.isnan(mine)):
            continue
        if value is None or mine is None or not (value == mine or (math.isnan(value) and math.isnan(mine))):
            return False
    return True


def _require_overviews(dataset: DatasetReader, link: Path, path: Path) -> None:
    """Raise SourceRefused unless the overviews have the sizes that GDAL gives them, by which tiles are placed."""
    for number, factor in enumerate(dataset.overviews(1)):
        with rasterio.open(link, driver="GTiff", sharing=False, overview_level=number) as overview:
            expected = (-(-dataset.width // factor), -(-dataset.height // factor))
            if (overview.width, overview.height) != expected:
                cause = f"its overview 1:{factor} has {overview.width} x {overview.height} cells, not {expected}"
                raise SourceRefused(path, cause, f"make its overviews again with gdaladdo, or {REMEDY}")


def _require_classes(dataset: DatasetReader, statistics: Partial, link: Path, path: Path) -> None:
    """Raise SourceRefused where overviews hold classes that no cell has: they were averaged."""
    histogram = statistics.histogram
    if not histogram.exact:
        return
    known = np.asarray(histogram.codes)
    for number in range(len(dataset.overviews(1))):
        with rasterio.open(link, driver="GTiff", sharing=False, overview_level=number) as overview:
            for first, last in strips(overview.height, overview.width, np.dtype(overview.dtypes[0]).itemsize):
                cells = overview.read(1, window=Window(0, first, overview.width, last - first), masked=False)
                strange = np.setdiff1d(cells if overview.nodata is None else cells[cells != overview.nodata], known)
                if strange.size:
                    cause = (
                        f"its overviews hold the class {strange[0]}, which no cell has: they are averages of classes"
                    )
                    raise SourceRefused(path, cause, f"make them again with gdaladdo -r mode, or {REMEDY}")


def _require_stored(link: Path, variable: SourceVariable, path: Path) -> None:
    """Raise SourceRefused for blocks that are not stored, where GDAL shows 0 there and the catalogue means NaN."""
    descriptor = os.open(link, os.O_RDONLY | os.O_CLOEXEC)
    try:
        sizes = read_directory(descriptor).sizes
    except UnknownLayoutError:
        return
    finally:
        os.close(descriptor)
    nodata = variable.nodata
    if not sizes.all() and nodata is not None and math.isnan(nodata):
        with rasterio.open(link, driver="GTiff") as dataset:
            if dataset.nodata is None:
                raise SourceRefused(path, "it leaves blocks out and states no no-data value for them", REMEDY)


def _compared(
    source: GridSource, variable: SourceVariable, dataset: DatasetReader, path: Path, pulse: Callable[[float], None]
) -> Partial:
    """The statistics of a file's cells, all of which are what the source means; raises SourceRefused."""
    whole: Partial | None = None
    codec = variable.codec
    for first, last in strips(dataset.height, dataset.width, np.dtype(variable.dtype).itemsize * variable.band_count):
        cells = dataset.read(window=Window(0, first, dataset.width, last - first), masked=False)
        meant = source.read(variable.name, 0, rows=(first, last))
        meant = meant if variable.kind == "rgb" else meant[np.newaxis]
        valid, expected = codec.valid(cells), codec.valid(meant)
        if not np.array_equal(valid, expected) or not np.array_equal(cells[valid], meant[valid]):
            cause = f"some of its cells in rows {first} to {last} are read otherwise than they are stored"
            raise SourceRefused(path, f"{cause} (by a valid range or further missing values)", REMEDY)
        part = partial(cells[:RGB], codec)
        whole = part if whole is None else whole.merge(part)
        pulse(last / dataset.height)
    assert whole is not None
    return whole


def _costs(dataset: DatasetReader) -> tuple[str, ...]:
    """What the layout of a file costs those who read it, a sentence each."""
    block, factors = dataset.block_shapes[0], [1, *dataset.overviews(1)]
    longest, notes = max(dataset.width, dataset.height), []
    if block[0] * block[1] > _LARGE_BLOCK:
        notes.append(f"its blocks have {block[0]} x {block[1]} cells, and each tile unpacks at least one")
    if -(-longest // factors[-1]) > _OVERVIEWS:
        notes.append(f"its coarsest overview is 1:{factors[-1]}, and pictures of all of it read {longest} cells a side")
    elif any(coarse > _STEP * fine for fine, coarse in pairwise(factors)):
        notes.append(f"its overviews 1:{', 1:'.join(map(str, factors[1:]))} lie far apart")
    return tuple(notes)
