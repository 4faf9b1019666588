"""The tasks of worker processes, each on one file: inspect a source, convert steps of it, measure an asset.

The planning process knows them by name (`services.ingest.tasks`) and does not import this module.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from cog.cells.codec import Codec
from cog.convert.convert import convert
from cog.convert.inplace import catalogued
from cog.convert.models import RGB, Converted, KnownFile
from cog.convert.mosaic_overview import SheetsOverview
from cog.convert.profiles import profile
from cog.convert.validate import strips
from cog.sources.models import SourceDescription, SourceVariable
from cog.sources.opening import open_source
from cog.sources.protocol import GridSource
from cog.sources.regular import require_regular
from cog.statistics.partial import Partial, partial
from config.declarations.datasets import DatasetDeclaration
from services.compute.children.call import ALONE, Slot
from services.ingest.store import resuming
from services.ingest.tasks import Conversion, OverviewBuild


def inspect_source(path: Path, declaration: DatasetDeclaration) -> SourceDescription:
    """Describe the content of a source; raises SourceRefused."""
    require_regular(path)
    with open_source(path, declaration) as source:
        return source.description


def convert_steps(path: Path, conversion: Conversion, *, slot: Slot = ALONE) -> list[Converted]:
    """Convert some steps of a source; raises SourceRefused, or OSError where a file cannot be written.

    Small files need not be on disk when this returns (`Converted.is_on_disk`).
    """
    reading = rasterio.Env(GDAL_NUM_THREADS=str(slot.threads))
    with reading, open_source(path, conversion.declaration) as source:
        return [_convert_step(source, conversion, number, slot) for number in range(len(conversion.steps))]


def _convert_step(source: GridSource, conversion: Conversion, number: int, slot: Slot) -> Converted:
    """Convert one of the steps, unless an ingest before this one has finished it."""
    (step, layer), waiting = conversion.steps[number], conversion.finished[number]
    done = None if waiting is None else resuming.finished(waiting)
    if done is not None:
        return done
    converted = convert(
        source,
        conversion.variable,
        step,
        layer=layer,
        target=conversion.targets[number],
        profile=profile(conversion.profile),
        tags=conversion.tags[number],
        threads=slot.threads,
        pulse=partial_pulse(slot.pulse, number, len(conversion.steps)),
        defer=True,
    )
    return converted if waiting is None else resuming.keep(converted, waiting)


def partial_pulse(pulse: Callable[[float], None], number: int, count: int) -> Callable[[float], None]:
    """What tells of one of equal pieces, of which those before it are done."""
    return lambda share: pulse((number + share) / count)


def catalogue_in_place(
    path: Path,
    declaration: DatasetDeclaration,
    variable: SourceVariable,
    file: KnownFile,
    link: Path,
    *,
    slot: Slot = ALONE,
) -> list[Converted]:
    """Check that a file can be served where it lies, and measure its cells; raises SourceRefused."""
    with rasterio.Env(GDAL_NUM_THREADS=str(slot.threads)), open_source(path, declaration) as source:
        return [catalogued(source, variable, file=file, link=link, pulse=slot.pulse)]


def measure_asset(path: Path, codec: Codec, *, slot: Slot = ALONE) -> Partial:
    """Compute the statistics of a COG of the store, in physical units."""
    whole: Partial | None = None
    with rasterio.open(path, driver="GTiff") as dataset:
        bands = list(dataset.indexes[:RGB])
        for first, last in strips(dataset.height, dataset.width, np.dtype(dataset.dtypes[0]).itemsize * len(bands)):
            cells = dataset.read(bands, window=Window(0, first, dataset.width, last - first))
            strip = partial(cells, codec)
            whole = strip if whole is None else whole.merge(strip)
            slot.pulse(last / dataset.height)
    assert whole is not None
    return whole


def build_overview(path: Path, build: OverviewBuild, *, slot: Slot = ALONE) -> Converted:
    """Build one, in a worker; raises SourceRefused, or what `open_raster` raises."""
    del path  # names the work where it fails
    source = SheetsOverview(
        build.variable, build.sheets, missing=build.missing, before=build.before, pulse=lambda: slot.pulse(0.0)
    )
    with source:
        return convert(
            source,
            build.variable,
            0,
            target=build.target,
            profile=profile("zstd"),
            tags={"OVERVIEW_OF": f"{len(build.sheets)} sheets, 1:{build.factor}"},
            threads=slot.threads,
            pulse=slot.pulse,
        )
