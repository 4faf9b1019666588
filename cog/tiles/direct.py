"""The first tiles of a raster, read by the raster's own directories: GDAL opens what is looked at again.

Opening a file by GDAL costs more than the tile, takes a descriptor and tens of kilobytes, and pays once many tiles are
read. Of a raster that is looked at for the first times only the blocks under the tile are read, and only the places of
its blocks are kept, within a bound of bytes.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cog.reading.integrity import require_intact
from cog.series.decoding import block_rows
from cog.series.directory import UnknownLayoutError, read_resolutions
from config.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from rasterio.windows import Window

    from cog.reading.integrity import Identity
    from cog.series.directory import Directory, Resolution

log = logging.getLogger(__name__)

LOOKS: Final = 4
"""Times that a raster is read in this way; the next time GDAL opens it, and keeps its blocks."""
MAX_BYTES: Final = 16 * 2**20
"""Bytes that a process keeps of the places of blocks."""
_MOST_BLOCKS: Final = 16_384
"""Blocks of a raster whose places are read at once; GDAL reads the places of more piece by piece."""
_EACH: Final = 1000
"""Bytes that a raster takes beside those of its resolutions, about."""
_EACH_RESOLUTION: Final = 3000


class DirectRaster:
    """A COG whose blocks are read without GDAL; its cells lie along the axes of its CRS, all bands are of one type.

    What `cog.tiles.read` asks of `cog.reading.opener.OpenRaster` it answers in the same way. May be used by several
    threads.
    """

    has_mask: Final = False
    is_plain: Final = True

    def __init__(self, path: str, version: str, identity: Identity | None) -> None:
        self.path = path
        self.version = version
        self.identity = identity
        self.looks = 0
        with _opened(path) as descriptor:
            self._resolutions = read_resolutions(descriptor)
            if self._resolutions[0].blocks > _MOST_BLOCKS:
                raise UnknownLayoutError(f"{self._resolutions[0].blocks} blocks")
            first = self._resolutions[0].directory(descriptor)
        self._directories: dict[int, Directory] = {0: first}
        self.count = first.bands
        self.bands = tuple(range(1, first.bands + 1))
        self.dtype = first.dtype.name

    @property
    def overview_sizes(self) -> tuple[tuple[int, int], ...]:
        """(width, height) of each overview, finest first."""
        return tuple((each.width, each.height) for each in self._resolutions[1:])

    @property
    def memory(self) -> int:
        """Bytes that it takes, about."""
        kept = sum(directory.memory for directory in self._directories.values())
        return _EACH + _EACH_RESOLUTION * len(self._resolutions) + kept

    def size(self, level: int | None) -> tuple[int, int]:
        """(width, height) of an overview; None: of full resolution."""
        resolution = self._resolution(level)
        return resolution.width, resolution.height

    def at(self, level: int | None) -> _Level:
        """The overview of that number; None: full resolution."""
        return _Level(self, level)

    def read(self, level: int | None, bands: tuple[int, ...], window: Window) -> NDArray[Any]:
        """Stored values (band, row, column) of a window of a resolution; raises EnvironmentFault."""
        column, row, width, height = (int(number) for number in window.flatten())
        with _opened(self.path) as descriptor:
            directory = self._directory(level, descriptor)
            out = np.empty((len(bands), height, width), directory.dtype)
            for number, band in enumerate(bands):
                _read(descriptor, directory, band, (column, row), out[number])
        return out

    def _resolution(self, level: int | None) -> Resolution:
        return self._resolutions[0 if level is None else level + 1]

    def _directory(self, level: int | None, descriptor: int) -> Directory:
        number = 0 if level is None else level + 1
        directory = self._directories.get(number)
        if directory is None:
            directory = self._directories[number] = self._resolutions[number].directory(descriptor)
        return directory


class _Level:
    """One resolution of a raster, read as rasterio reads a dataset."""

    def __init__(self, raster: DirectRaster, level: int | None) -> None:
        self._raster = raster
        self._level = level

    def read(self, bands: tuple[int, ...], *, window: Window) -> NDArray[Any]:
        """Stored values (band, row, column) of a window."""
        return self._raster.read(self._level, bands, window)


def _read(descriptor: int, directory: Directory, band: int, corner: tuple[int, int], out: NDArray[Any]) -> None:
    """Fill an array with the cells from a corner (column, row) on, block by block."""
    left, top = corner
    height, width = out.shape
    rows, columns = directory.block
    for down in range(top // rows, -(-(top + height) // rows)):
        first, stop = max(top, down * rows), min(top + height, (down + 1) * rows)
        for across in range(left // columns, -(-(left + width) // columns)):
            start, end = max(left, across * columns), min(left + width, (across + 1) * columns)
            place = (band - 1, down, across)
            offset, size = directory.offsets.item(place), directory.sizes.item(place)
            if size == 0:
                raise UnknownLayoutError("a block that is not stored")
            raw = os.pread(descriptor, size, offset)
            cells = block_rows(raw, directory, first=first - down * rows, stop=stop - down * rows)
            inner = cells[:, start - across * columns : end - across * columns]
            out[first - top : stop - top, start - left : end - left] = inner


class _Kept:
    """The rasters that a process knows, the least recently looked at forgotten first. Thread-safe."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.rasters: OrderedDict[str, tuple[DirectRaster | None, int]] = OrderedDict()
        """By path, with the bytes that each was counted with; None where GDAL has to read."""
        self.bytes = 0

    def keep(self, path: str, raster: DirectRaster | None) -> None:
        with self.lock:
            size = _EACH if raster is None else raster.memory
            self.bytes += size - self.rasters.pop(path, (None, 0))[1]
            self.rasters[path] = (raster, size)
            while self.bytes > MAX_BYTES:
                self.bytes -= self.rasters.popitem(last=False)[1][1]


_kept: Final = _Kept()


def kept_memory() -> int:
    """Bytes that the process keeps of rasters, about."""
    return _kept.bytes


def first_look(path: str, version: str) -> DirectRaster | None:
    """The raster of a version for one of its first tiles; None where GDAL shall read it.

    Raises DamagedAsset, and EnvironmentFault for a file that cannot be read.
    """
    raster, _ = _kept.rasters.get(path, (None, -1))
    if path in _kept.rasters and (raster is None or (raster.version == version and raster.looks >= LOOKS)):
        return None
    identity = require_intact(path, raster.identity if raster is not None else None)
    if raster is None or (raster.version, raster.identity) != (version, identity):
        try:
            raster = DirectRaster(path, version, identity)
        except UnknownLayoutError:
            _kept.keep(path, None)
            return None
    raster.looks += 1
    _kept.keep(path, raster)
    return raster


def leave_to_gdal(path: str) -> None:
    """Let GDAL read a raster from now on."""
    _kept.keep(path, None)


@contextmanager
def _opened(path: str) -> Iterator[int]:
    """The descriptor of a file while it is read; its failures are EnvironmentFault."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    except (OSError, ValueError, IndexError) as error:
        log.exception("cannot read %s", path)
        raise EnvironmentFault("a file of the store cannot be read; the operator finds its name in the log") from error
