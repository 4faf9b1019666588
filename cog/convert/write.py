"""Writing a COG in one pass: while strips of cells are read, others are compressed and their overviews made.

No uncompressed copy is kept. Compressed blocks wait in unnamed temporary files, a level each, until the file is put
together from the coarsest level to the finest. The cells in memory are bounded, so memory does not grow with the
raster. The bytes do not depend on the number of threads.
"""

from __future__ import annotations

import tempfile
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cog.convert import tiff
from cog.convert.blocks import BLOCK, Compressor, encoded
from cog.convert.pyramid import Rule, cascade, halved

_MOST_PENDING = 128 * 1024 * 1024
"""Bytes of cells that may wait to be compressed before the reader waits."""
_SPOOL = 16 * 1024 * 1024
"""Compressed bytes of a level that are kept in memory; what goes beyond moves to a temporary file."""


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """The packing of blocks: the TIFF predictor, and a factory of compressors, of which each thread has its own."""

    predictor: int
    compressor: Callable[[], Compressor]


class _Inline(Executor):
    """Does each task at once, in the thread that submits it."""

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class CogWriter:
    """Takes strips of cells from north to south and makes a COG of them; a context manager.

    Args:
        target: File to make; its folder also takes the temporary files.
        shape: (band, row, column) sizes of the full resolution.
        levels: Number of overviews.
        rule: The way in which overviews are made.
        encoding: The packing of blocks.
        threads: Number of threads that compress beside the calling one; 1: that one does everything.
    """

    def __init__(
        self, target: Path, shape: tuple[int, int, int], *, levels: int, rule: Rule, encoding: Encoding, threads: int
    ) -> None:
        self._target = target
        self._closing = ExitStack()
        pool: Executor = ThreadPoolExecutor(threads) if threads > 1 else _Inline()
        self.executor = self._closing.enter_context(pool)
        """The pool, to which callers may submit further work on the strips."""
        self._encoding = encoding
        self._own = threading.local()
        bands, height, width = shape
        self._lanes = []
        for _ in range(levels + 1):
            spool = tempfile.SpooledTemporaryFile[bytes](max_size=_SPOOL, dir=str(target.parent))
            self._closing.callback(spool.close)
            self._lanes.append(_Lane(tiff.Level(width=width, height=height, bands=bands, data=spool)))
            height, width = halved(height), halved(width)
        self._feed = cascade(shape[1:], levels, rule, emit=self._take)
        self._waiting: deque[tuple[_Lane, int, Future[list[bytes]]]] = deque()
        self._pending_bytes = 0

    def __enter__(self) -> Self:
        """The writer."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Drop the temporary files, after what is being compressed."""
        for _, _, future in self._waiting:
            future.cancel()
        self._closing.close()

    def add(self, strip: NDArray[Any]) -> None:
        """Take the next (band, row, column) cells; they must not change any more."""
        for first in range(0, strip.shape[1], BLOCK):
            rows = strip[:, first : first + BLOCK]
            self._take(0, rows)
            self._feed(rows)

    def _take(self, level: int, rows: NDArray[Any]) -> None:
        lane = self._lanes[level]
        for whole in lane.add(rows):
            self._submit(lane, whole)

    def _submit(self, lane: _Lane, rows: NDArray[Any]) -> None:
        while self._waiting and self._pending_bytes + rows.nbytes > _MOST_PENDING:
            self._store_next()
        self._waiting.append((lane, rows.nbytes, self.executor.submit(self._encoded, rows)))
        self._pending_bytes += rows.nbytes
        while self._waiting and self._waiting[0][2].done():
            self._store_next()

    def _store_next(self) -> None:
        lane, size, future = self._waiting.popleft()
        for block in future.result():
            lane.level.add(block)
        self._pending_bytes -= size

    def _encoded(self, rows: NDArray[Any]) -> list[bytes]:
        """The blocks of up to `BLOCK` rows, by band and column."""
        if not hasattr(self._own, "compress"):
            self._own.compress = self._encoding.compressor()
        compress, predictor = self._own.compress, self._encoding.predictor
        return [
            encoded(band[:, first : first + BLOCK], predictor=predictor, compress=compress)
            for band in rows
            for first in range(0, rows.shape[2], BLOCK)
        ]

    def finish(self, skeleton: Sequence[tiff.Tag]) -> None:
        """Put the file together under the given tags, once all strips are there."""
        for lane in self._lanes:
            for rest in lane.rest():
                self._submit(lane, rest)
        while self._waiting:
            self._store_next()
        with self._target.open("wb") as file:
            tiff.write(file, skeleton, [lane.level for lane in self._lanes])


class _Lane:
    """Collects the rows of a level until they fill a row of blocks."""

    def __init__(self, level: tiff.Level) -> None:
        self.level = level
        self._parts: list[NDArray[Any]] = []

    def add(self, rows: NDArray[Any]) -> list[NDArray[Any]]:
        """The rows of blocks that are full now, each of `BLOCK` rows."""
        self._parts.append(rows)
        if sum(part.shape[1] for part in self._parts) < BLOCK:
            return []
        buffer = np.concatenate(self._parts, axis=1) if len(self._parts) > 1 else self._parts[0]
        full = buffer.shape[1] // BLOCK * BLOCK
        self._parts = [buffer[:, full:]] if full < buffer.shape[1] else []
        return [buffer[:, first : first + BLOCK] for first in range(0, full, BLOCK)]

    def rest(self) -> list[NDArray[Any]]:
        """The rows that fill no row of blocks."""
        parts, self._parts = self._parts, []
        return [np.concatenate(parts, axis=1)] if parts else []
