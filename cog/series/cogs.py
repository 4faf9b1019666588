"""Cells of many COGs of one grid: at points, or of a box, file after file.

Each file is opened, the wanted bytes of the wanted blocks are read, and it is closed: no descriptor stays open.
Directories are kept, by the file's identity, within a bound. A file whose layout is not read here goes through GDAL.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rasterio.windows import Window as RasterWindow

from cog.grids.lattice import CellBox
from cog.reading.integrity import require_intact, require_undamaged
from cog.reading.opener import open_raster
from cog.series.decoding import block_rows
from cog.series.directory import Directory, UnknownLayoutError, read_directory
from config.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from cog.cells.codec import Codec

log = logging.getLogger(__name__)

THREADS: Final = min(4, os.cpu_count() or 1)
_COMPARED: Final = 64
"""Files up to which each is compared with its checksum before it is first read; of more only a few bytes are wanted."""
_SEVERAL: Final = 256
"""Files from which on threads are worth starting."""
_MOST_MEMORY: Final = 64 * 1024 * 1024
"""Bytes of the directories that are kept."""

_Identity = tuple[str, int, int]
_directories: OrderedDict[_Identity, Directory | None] = OrderedDict()
_lock = threading.Lock()
_held = {"bytes": 0}


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Places of cells in a grid.

    Attributes:
        rows: Row of each cell.
        columns: Column of each, as many.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def by_tile(self, height: int, width: int) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
        """Group cells by the tile of a size that holds them: (tile row, tile column, numbers of the cells)."""
        rows, columns = self.rows // height, self.columns // width
        across = int(columns.max(initial=0)) + 1
        distinct, which = np.unique(rows * across + columns, return_inverse=True)
        for number, tile in enumerate(distinct.tolist()):
            yield tile // across, tile % across, np.flatnonzero(which == number)


def read_points(paths: Sequence[str], cells: Cells, codec: Codec, *, band: int = 1) -> NDArray[Any]:
    """Stored values (file, cell) of a band, bit for bit; raises EnvironmentFault.

    Args:
        paths: COGs of one grid.
        cells: Inside the grid.
        codec: The meaning of the stored values; a block that a file does not store holds its `fill`.
        band: Number of the band, from 1.
    """
    out = np.empty((len(paths), len(cells)), np.dtype(codec.dtype))
    groups: dict[tuple[int, int], list[tuple[int, int, NDArray[np.int64]]]] = {}
    compared = len(paths) <= _COMPARED

    def read(number: int) -> None:
        with _opened(paths[number], compared=compared) as file:
            if file.directory is None:
                out[number] = _gdal_points(paths[number], cells, band)
                return
            block = file.directory.block
            tiles = groups.get(block)
            if tiles is None:
                tiles = groups[block] = list(cells.by_tile(*block))
            for row, column, members in tiles:
                inner, across = cells.rows[members] - row * block[0], cells.columns[members] - column * block[1]
                first, stop = int(inner.min()), int(inner.max()) + 1
                values = file.rows(band, row, column, first=first, stop=stop)
                out[number, members] = codec.fill if values is None else values[inner - first, across]

    _each(read, len(paths))
    return out


def read_boxes(paths: Sequence[str], box: CellBox, codec: Codec, *, band: int = 1) -> NDArray[Any]:
    """Stored values (file, row, column) of a box inside the grid, as `read_points`."""
    out = np.empty((len(paths), box.rows, box.columns), np.dtype(codec.dtype))
    compared = len(paths) <= _COMPARED

    def read(number: int) -> None:
        with _opened(paths[number], compared=compared) as file:
            if file.directory is None:
                out[number] = _gdal_box(paths[number], box, band)
                return
            for row, column, part in _blocks(box, file.directory.block):
                top, left = row * file.directory.block[0], column * file.directory.block[1]
                values = file.rows(band, row, column, first=part.top - top, stop=part.bottom - top)
                where = (
                    slice(part.top - box.top, part.bottom - box.top),
                    slice(part.left - box.left, part.right - box.left),
                )
                out[number][where] = codec.fill if values is None else values[:, part.left - left : part.right - left]

    _each(read, len(paths))
    return out


def directory_of(path: str) -> Directory | None:
    """The directory of a COG, None if its layout is not read here; raises EnvironmentFault or DamagedAsset."""
    with _opened(path, compared=False) as file:
        return file.directory


def kept_memory() -> int:
    """Bytes of the directories that the process keeps, about."""
    return _held["bytes"]


def block_count(box: CellBox, block: tuple[int, int]) -> int:
    """How many blocks of a size a box meets."""
    down = -(-box.bottom // block[0]) - box.top // block[0]
    across = -(-box.right // block[1]) - box.left // block[1]
    return down * across


def _blocks(box: CellBox, block: tuple[int, int]) -> Iterator[tuple[int, int, CellBox]]:
    height, width = block
    for row in range(box.top // height, -(-box.bottom // height)):
        for column in range(box.left // width, -(-box.right // width)):
            whole = CellBox(
                top=row * height, bottom=(row + 1) * height, left=column * width, right=(column + 1) * width
            )
            yield row, column, box.meet(whole)


def _each(read: Callable[[int], None], count: int) -> None:
    """Call for each number; in threads where there are many, since decompressing releases the interpreter's lock."""
    if count < _SEVERAL or THREADS == 1:
        for number in range(count):
            read(number)
        return

    def run(start: int) -> None:
        for number in range(start, min(start + _SEVERAL, count)):
            read(number)

    with ThreadPoolExecutor(THREADS, thread_name_prefix="series") as pool:
        list(pool.map(run, range(0, count, _SEVERAL)))


class _OpenFile:
    """A COG while its blocks are read."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self.directory = _directory_of(path, self.descriptor)
        except BaseException:
            os.close(self.descriptor)
            raise

    def rows(self, band: int, row: int, column: int, *, first: int, stop: int) -> NDArray[Any] | None:
        """Rows [first, stop) of a block, None if it is not stored."""
        directory = self.directory
        assert directory is not None
        offset, size = directory.offsets.item(band - 1, row, column), directory.sizes.item(band - 1, row, column)
        if size == 0:
            return None
        return block_rows(os.pread(self.descriptor, size, offset), directory, first=first, stop=stop)


@contextmanager
def _opened(path: str, *, compared: bool) -> Iterator[_OpenFile]:
    """A file while it is open; its failures are EnvironmentFault, or DamagedAsset where it is compared."""
    (require_intact if compared else require_undamaged)(path)
    try:
        file = _OpenFile(path)
        try:
            yield file
        finally:
            os.close(file.descriptor)
        if "@" in path:  # it lies elsewhere, and somebody may have written there meanwhile
            require_undamaged(path)
    except (OSError, ValueError, IndexError) as error:
        log.exception("cannot read %s", path)
        raise EnvironmentFault("a file of the store cannot be read; the operator finds its name in the log") from error


def _directory_of(path: str, descriptor: int) -> Directory | None:
    """The directory of an open file, None if its layout is not read here."""
    status = os.fstat(descriptor)
    identity = (path, status.st_ino, status.st_mtime_ns)
    with suppress(KeyError):
        return _directories[identity]
    try:
        directory = read_directory(descriptor)
    except UnknownLayoutError:
        directory = None
    with _lock:
        if identity not in _directories:
            _directories[identity] = directory
            _held["bytes"] += _memory(directory)
        while _held["bytes"] > _MOST_MEMORY:
            _held["bytes"] -= _memory(_directories.popitem(last=False)[1])
    return directory


def _memory(directory: Directory | None) -> int:
    return 300 if directory is None else 300 + directory.memory


def _gdal_points(path: str, cells: Cells, band: int) -> NDArray[Any]:
    with open_raster(path) as raster:
        values = np.empty(len(cells), raster.full.dtypes[band - 1])
        for number, (row, column) in enumerate(zip(cells.rows.tolist(), cells.columns.tolist(), strict=True)):
            values[number] = raster.full.read(band, window=RasterWindow(column, row, 1, 1), masked=False)[0, 0]
    return values


def _gdal_box(path: str, box: CellBox, band: int) -> NDArray[Any]:
    with open_raster(path) as raster:
        window = RasterWindow(box.left, box.top, box.columns, box.rows)
        values: NDArray[Any] = raster.full.read(band, window=window, masked=False)
    return values
