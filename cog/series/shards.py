"""Files of the codec `sharding_indexed` of Zarr 3: chunks one after the other, and at the end where each lies.

The index holds (offset, length) of each chunk as little-endian 64-bit integers, all bits set for a chunk that is not
there, and a CRC-32C. Chunks are little-endian numbers packed by blosc.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any, Final, Self

import google_crc32c
import numpy as np
from numcodecs import blosc

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ABSENT: Final = 2**64 - 1
_ENTRY: Final = 16
_CHECKSUM: Final = 4
_LEVEL: Final = 5


def packed_chunk(cells: NDArray[Any]) -> bytes:
    """A chunk as bytes, the same on every machine: one thread packs it."""
    little = np.ascontiguousarray(cells, cells.dtype.newbyteorder("<"))
    packed: bytes = blosc.compress(little, b"zstd", _LEVEL, blosc.BITSHUFFLE, 0, little.dtype.itemsize)
    return packed


def chunk_cells(data: bytes, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """The cells of a packed chunk; raises ValueError for a broken one."""
    try:
        raw = blosc.decompress(data)
    except RuntimeError as error:
        raise ValueError(f"a chunk cannot be unpacked: {error}") from error
    return np.frombuffer(raw, np.dtype(dtype).newbyteorder("<")).reshape(shape)


class ShardWriter:
    """Writes one file: chunks in any order, then the index. The file is on disk when `close` returns."""

    def __init__(self, path: Path, chunks: int) -> None:
        self._file = path.open("wb")
        self._digest = hashlib.sha256()
        self._index = np.full((chunks, 2), ABSENT, "<u8")
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._file.close()

    def put(self, number: int, data: bytes) -> None:
        """Append the chunk of that number."""
        self._index[number] = self._size, len(data)
        self._write(data)

    def close(self) -> tuple[str, int]:
        """Write the index and wait until all is on disk; returns the SHA-256 of the file and its size."""
        index = self._index.tobytes()
        self._write(index)
        self._write(google_crc32c.value(index).to_bytes(_CHECKSUM, "little"))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._digest.hexdigest(), self._size

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self._size += len(data)


class ShardReader:
    """One open file; a context manager. Raises OSError where it cannot be read, ValueError where it is broken."""

    def __init__(self, path: str, chunks: int) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._chunks = chunks
        self._start = os.fstat(self._descriptor).st_size - chunks * _ENTRY - _CHECKSUM
        self._index: NDArray[np.uint64] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        os.close(self._descriptor)

    def load(self) -> None:
        """Read the whole index at once, for a reader of many chunks."""
        self._index = np.frombuffer(self._index_bytes(), "<u8").reshape(-1, 2)

    def chunk(self, number: int) -> bytes | None:
        """The bytes of a chunk; None if it is not there."""
        if self._index is not None:
            offset, length = self._index[number].tolist()
        else:
            entry = os.pread(self._descriptor, _ENTRY, self._start + number * _ENTRY)
            if len(entry) < _ENTRY or self._start < 0:
                raise ValueError("the file is shorter than its index")
            offset, length = int.from_bytes(entry[:8], "little"), int.from_bytes(entry[8:], "little")
        if offset == ABSENT:
            return None
        if offset + length > self._start:
            raise ValueError(f"chunk {number} lies beyond the chunks of its file")
        return os.pread(self._descriptor, length, offset)

    def check(self) -> None:
        """Raise ValueError unless the index is as it was written."""
        index = self._index_bytes()
        stated = os.pread(self._descriptor, _CHECKSUM, self._start + len(index))
        if google_crc32c.value(index).to_bytes(_CHECKSUM, "little") != stated:
            raise ValueError("the index does not have its checksum")

    def _index_bytes(self) -> bytes:
        length = self._chunks * _ENTRY
        index = os.pread(self._descriptor, length, self._start) if self._start >= 0 else b""
        if len(index) < length:
            raise ValueError("the file is shorter than its index")
        return index
