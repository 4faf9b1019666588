"""The directory of a COG's full resolution (TIFF 6.0; BigTIFF): how its blocks are encoded, and where each lies.

GDAL takes a millisecond to open a file; a series has thousands. What is read here takes a twentieth of that.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NONE, DEFLATE, OLD_DEFLATE, ZSTD = 1, 8, 32946, 50000
"""Values of the tag Compression that can be read."""

_HEAD: Final = 16 * 1024
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _SAMPLES, _PLANAR = 256, 257, 258, 259, 277, 284
_PREDICTOR, _TILE_WIDTH, _TILE_HEIGHT, _OFFSETS, _SIZES, _FORMAT = 317, 322, 323, 324, 325, 339
_KINDS: Final = {1: "u", 2: "i", 3: "f"}
_TYPES: Final = {1: "u1", 3: "<u2", 4: "<u4", 16: "<u8"}
"""numpy names of the field types BYTE, SHORT, LONG and LONG8."""
_DEFAULTS: Final = {_BITS: 1, _COMPRESSION: NONE, _SAMPLES: 1, _PLANAR: 1, _PREDICTOR: 1, _FORMAT: 1}


class UnknownLayoutError(Exception):
    """The file is a TIFF of a kind that is not read here; GDAL may read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Encoding and places of the blocks of one raster.

    Attributes:
        width: Columns of cells.
        height: Rows of cells.
        bands: Number of bands, each in blocks of its own.
        dtype: Little-endian type of the cells.
        block: (rows, columns) of each block.
        compression: One of NONE, DEFLATE, OLD_DEFLATE and ZSTD.
        predictor: 1 none, 2 horizontal differences, 3 floating point.
        offsets: First byte of each block, as (band, block row, block column); 0 where a block is not stored.
        sizes: Bytes of each block, in the same shape.
    """

    width: int
    height: int
    bands: int
    dtype: np.dtype[np.generic]
    block: tuple[int, int]
    compression: int
    predictor: int
    offsets: NDArray[np.uint64]
    sizes: NDArray[np.uint64]

    @property
    def memory(self) -> int:
        """Bytes that it takes, about."""
        return 600 + self.offsets.nbytes + self.sizes.nbytes


def read_directory(descriptor: int) -> Directory:
    """Read the first directory of an open file; raises UnknownLayoutError for one that is not read here."""
    head = os.pread(descriptor, _HEAD, 0)
    try:
        tags = _tags(descriptor, head)
        return _directory(tags)
    except (struct.error, KeyError, IndexError, ValueError, TypeError) as error:
        raise UnknownLayoutError(str(error)) from error


def _tags(descriptor: int, head: bytes) -> dict[int, NDArray[np.integer]]:
    """Values by tag, of those tags whose values are whole numbers."""
    magic = head[:4]
    if magic == b"II*\0":
        (start,) = struct.unpack_from("<I", head, 4)
        (count,) = struct.unpack_from("<H", head, start)
        first, entry, inline = start + 2, "<HHII", 4
    elif magic == b"II+\0":
        (start,) = struct.unpack_from("<Q", head, 8)
        (count,) = struct.unpack_from("<Q", head, start)
        first, entry, inline = start + 8, "<HHQQ", 8
    else:
        raise UnknownLayoutError("no little-endian TIFF")
    size, tags = struct.calcsize(entry), {}
    for place in range(first, first + count * size, size):
        code, kind, length, where = struct.unpack_from(entry, head, place)
        if kind not in _TYPES or code not in _WANTED:
            continue
        dtype = np.dtype(_TYPES[kind])
        bytes_ = dtype.itemsize * length
        tags[code] = np.frombuffer(
            head[place + size - inline : place + size] if bytes_ <= inline else _bytes(descriptor, head, where, bytes_),
            dtype,
            length,
        )
    return tags


_WANTED: Final = frozenset({*_DEFAULTS, _WIDTH, _HEIGHT, _TILE_WIDTH, _TILE_HEIGHT, _OFFSETS, _SIZES})


def _bytes(descriptor: int, head: bytes, start: int, length: int) -> bytes:
    if start + length <= len(head):
        return head[start : start + length]
    return os.pread(descriptor, length, start)


def _directory(tags: dict[int, NDArray[np.integer]]) -> Directory:
    one = {code: int(tags[code][0]) if code in tags else default for code, default in _DEFAULTS.items()}
    width, height = int(tags[_WIDTH][0]), int(tags[_HEIGHT][0])
    rows, columns = int(tags[_TILE_HEIGHT][0]), int(tags[_TILE_WIDTH][0])
    bands, bits = one[_SAMPLES], one[_BITS]
    unread = (
        one[_COMPRESSION] not in (NONE, DEFLATE, OLD_DEFLATE, ZSTD)
        or one[_PREDICTOR] not in (1, 2, 3)
        or (bands > 1 and one[_PLANAR] != 2)
        or bits not in (8, 16, 32, 64)
        or any(len(set(tags[code].tolist())) > 1 for code in (_BITS, _FORMAT) if code in tags)
    )
    if unread:
        raise UnknownLayoutError(f"compression {one[_COMPRESSION]}, planes {one[_PLANAR]}, {bits} bits")
    shape = (bands, -(-height // rows), -(-width // columns))
    return Directory(
        width=width,
        height=height,
        bands=bands,
        dtype=np.dtype(f"<{_KINDS[one[_FORMAT]]}{bits // 8}"),
        block=(rows, columns),
        compression=one[_COMPRESSION],
        predictor=one[_PREDICTOR],
        offsets=tags[_OFFSETS].astype("uint64").reshape(shape),
        sizes=tags[_SIZES].astype("uint64").reshape(shape),
    )
