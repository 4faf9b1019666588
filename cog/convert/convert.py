"""From one step of a source to one Cloud-Optimized GeoTIFF: the same cells, in blocks, with overviews and tags."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.rio.overview import get_maximum_overview_level

from cog.convert.blocks import BLOCK
from cog.convert.models import RGB, Converted
from cog.convert.profiles import Profile, best_predictor
from cog.convert.single import is_single, write_single
from cog.convert.skeleton import overview_rule, skeleton
from cog.convert.validate import CellDigest, require_valid, strips
from cog.convert.write import CogWriter, Encoding
from cog.sources.models import SourceVariable
from cog.sources.protocol import GridSource
from cog.statistics.packing import pack
from cog.statistics.partial import Partial, partial
from config.folders import sync_file
from config.grids import Grid

WHOLE_BYTES = 64 * 1024 * 1024
"""Steps up to this size are read at once."""
_LONGEST = 2 * BLOCK
"""Most cells of an edge of a COG without overviews."""
SAMPLES = 8
"""Blocks compressed to choose the predictor, from at most `SAMPLE_ROWS` rows of blocks."""
SAMPLE_ROWS = 2
MOST_PENDING_STRIPS = 2
"""Strips whose statistics may be pending before the reader waits."""
_WRITING = 0.75
"""The share of the work that is done when the cells are written and their check begins."""


def convert(
    source: GridSource,
    variable: SourceVariable,
    step: int,
    *,
    target: Path,
    profile: Profile,
    tags: dict[str, str],
    layer: int = 0,
    threads: int = 1,
    pulse: Callable[[float], None] = lambda _: None,
    defer: bool = False,
) -> Converted:
    """Write one step as a COG and validate it: structure, georeference and every cell. Equal input gives equal bytes.

    Args:
        source: Where the cells come from.
        variable: Its variable, with the meaning that the COG's tags will state.
        step: Number of the step.
        target: File to write; its folder exists. Removed again if anything fails.
        profile: The encoding.
        tags: Further GeoTIFF tags, such as the time.
        layer: Number of the layer.
        threads: Number of threads to compress in; the bytes do not depend on it.
        pulse: Called now and then with the share of the work that is done, 0 to 1.
        defer: A small file need not be on disk when this returns; the caller sees to that for many at once.
    """

    def checked(share: float) -> None:
        pulse(_WRITING + (1 - _WRITING) * share)

    reading = _GranuleCells(source, variable, (step, layer), pulse=lambda share: pulse(_WRITING * share))
    if is_single(variable):
        return _converted_single(reading, target=target, profile=profile, tags=tags, defer=defer)
    predictor = best_predictor(reading.sample(), profile)
    grid = variable.grid
    try:
        with CogWriter(
            target,
            (variable.band_count, grid.height, grid.width),
            levels=_overviews(grid),
            rule=overview_rule(variable),
            encoding=Encoding(predictor=predictor, compressor=profile.compressor),
            threads=threads,
        ) as writer:
            digest, statistics = reading.copy(writer)
            writer.finish(skeleton(variable, profile.creation_options(predictor), tags))
            checksum = writer.executor.submit(_hash_on_disk, target)
            require_valid(target, grid, digest=digest, source=source.description.path, threads=threads, pulse=checked)
            sha256 = checksum.result()
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return Converted(path=target, sha256=sha256, size=target.stat().st_size, summary=pack(statistics))


def _converted_single(
    reading: _GranuleCells, *, target: Path, profile: Profile, tags: dict[str, str], defer: bool
) -> Converted:
    variable = reading.variable
    (cells,) = reading.rows(0, variable.grid.height)
    try:
        sha256, size = write_single(
            cells, variable, target=target, profile=profile, tags=tags, source=reading.source.description.path
        )
        if not defer:
            sync_file(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    summary = pack(_statistics(cells, variable))
    return Converted(path=target, sha256=sha256, size=size, summary=summary, is_on_disk=not defer)


class _GranuleCells:
    """The cells of one (step, layer) of a source variable, in strips; small ones are read at once and kept."""

    def __init__(
        self, source: GridSource, variable: SourceVariable, place: tuple[int, int], *, pulse: Callable[[float], None]
    ) -> None:
        self.variable = variable
        self.source = source
        self._place = place
        self._pulse = pulse
        # what a source stores in one chunk is then unpacked once
        self._whole = self._read(0, variable.grid.height) if variable.step_bytes <= WHOLE_BYTES else None

    def rows(self, first: int, last: int) -> NDArray[Any]:
        """Rows [first, last), as (band, row, column)."""
        return self._read(first, last) if self._whole is None else self._whole[:, first:last]

    def _read(self, first: int, last: int) -> NDArray[Any]:
        step, layer = self._place
        cells = self.source.read(self.variable.name, step, rows=(first, last), layer=layer)
        self._pulse(0.0)
        return cells if self.variable.kind == "rgb" else cells[np.newaxis]

    def sample(self) -> list[NDArray[Any]]:
        """Blocks spread evenly over the raster."""
        grid = self.variable.grid
        down, across = ceil(grid.height / BLOCK), ceil(grid.width / BLOCK)
        bands = _spread(down, SAMPLE_ROWS)
        columns = _spread(across, SAMPLES // len(bands))
        blocks = []
        for row in bands:
            cells = self.rows(row * BLOCK, min((row + 1) * BLOCK, grid.height))[0]
            blocks += [cells[:, column * BLOCK : (column + 1) * BLOCK].copy() for column in columns]
        return blocks

    def copy(self, writer: CogWriter) -> tuple[str, Partial]:
        """Hand all cells to a writer; their digest, and statistics of all bands but alpha."""
        digest, waiting, whole = CellDigest(), deque[Future[Partial]](), None
        grid, variable = self.variable.grid, self.variable
        for first, last in strips(grid.height, grid.width, np.dtype(variable.dtype).itemsize * variable.band_count):
            cells = self.rows(first, last)
            waiting.append(writer.executor.submit(_statistics, cells[:RGB], variable))
            writer.add(cells)
            digest.add(cells)
            self._pulse(last / grid.height)
            while len(waiting) > MOST_PENDING_STRIPS or (waiting and last == grid.height):
                part = waiting.popleft().result()
                whole = part if whole is None else whole.merge(part)
        assert whole is not None
        return digest.value(), whole


def _overviews(grid: Grid) -> int:
    """Number of overviews: halves until the shorter edge fits into a block, or the longer one into a tile."""
    levels: int = get_maximum_overview_level(grid.width, grid.height, minsize=BLOCK)
    if levels:
        return levels
    longest = max(grid.width, grid.height)
    while ceil(longest / 2**levels) > _LONGEST:
        levels += 1
    return levels


def _spread(length: int, count: int) -> list[int]:
    """At most `count` numbers below `length`, evenly spread and, where possible, at neither end."""
    return sorted({int((index + 0.5) * length / count) for index in range(count)})


def _statistics(cells: NDArray[Any], variable: SourceVariable) -> Partial:
    return partial(cells, variable.codec)


def _hash_on_disk(path: Path) -> str:
    """The SHA-256 of a file, which is on disk when this returns."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest
