"""The directories of a COG (TIFF 6.0; BigTIFF): how the blocks of each resolution are encoded, and where each lies.

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
_SUBFILE, _EXTRA, _TIE_POINTS, _TRANSFORMATION = 254, 338, 33922, 34264
_REDUCED, _MASK = 1, 4
"""Bits of the tag NewSubfileType: an overview, and a mask."""
_ALPHA: Final = frozenset({1, 2})
_TIE_POINT: Final = 6
"""Numbers of a tie point; a raster that lies along the axes of its CRS has one."""
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
        entries, _ = _entries(head, _first(head))
        return _directory(entries.values(descriptor, head))
    except _BROKEN as error:
        raise UnknownLayoutError(str(error)) from error


@dataclass(frozen=True, slots=True)
class Resolution:
    """The entries of one directory, whose values are read when they are needed.

    Attributes:
        width: Columns of cells.
        height: Rows of cells.
        entries: What its directory says.
    """

    width: int
    height: int
    entries: _Entries

    @property
    def blocks(self) -> int:
        """Number of blocks, of all bands."""
        return self.entries.places[_OFFSETS][1]

    def directory(self, descriptor: int) -> Directory:
        """Read its directory from the open file; raises UnknownLayoutError."""
        try:
            return _directory(self.entries.values(descriptor, b""))
        except _BROKEN as error:
            raise UnknownLayoutError(str(error)) from error


def read_resolutions(descriptor: int) -> tuple[Resolution, ...]:
    """List the resolutions of an open file whose cells lie along the axes of its CRS: the full one, then its overviews.

    Raises UnknownLayoutError for a file with a mask or an alpha band, and for other kinds that are not read here.
    """
    head = os.pread(descriptor, _HEAD, 0)
    resolutions: list[Resolution] = []
    try:
        start = _first(head)
        while start:
            if len(resolutions) >= _MOST_RESOLUTIONS:
                raise UnknownLayoutError(f"more than {_MOST_RESOLUTIONS} directories")
            entries, start = _entries(head, start)
            _require_plain(entries, descriptor, head, is_first=not resolutions)
            resolutions.append(Resolution(entries.one(_WIDTH), entries.one(_HEIGHT), entries))
    except _BROKEN as error:
        raise UnknownLayoutError(str(error)) from error
    return tuple(resolutions)


def _require_plain(entries: _Entries, descriptor: int, head: bytes, *, is_first: bool) -> None:
    """Raise UnknownLayoutError for a mask, an alpha band, or cells that do not lie along the axes."""
    subfile = entries.one(_SUBFILE, 0)
    if subfile & _MASK or bool(subfile & _REDUCED) == is_first:
        raise UnknownLayoutError(f"a directory of kind {subfile}")
    if _EXTRA in entries.places and _ALPHA & set(entries.value(_EXTRA, descriptor, head).tolist()):
        raise UnknownLayoutError("an alpha band")
    tie_points = entries.places.get(_TIE_POINTS)
    if _TRANSFORMATION in entries.places or (tie_points is not None and tie_points[1] != _TIE_POINT):
        raise UnknownLayoutError("cells that do not lie along the axes of their CRS")


def _first(head: bytes) -> int:
    """The place of the first directory."""
    if head[:4] == b"II*\0":
        return int(struct.unpack_from("<I", head, 4)[0])
    if head[:4] == b"II+\0":
        return int(struct.unpack_from("<Q", head, 8)[0])
    raise UnknownLayoutError("no little-endian TIFF")


@dataclass(frozen=True, slots=True)
class _Entries:
    """The entries of one directory: by tag the field type, the number of values, and these or where they stand.

    Attributes:
        places: (field type, number of values, the entry's last bytes).
    """

    places: dict[int, tuple[int, int, bytes]]

    def one(self, code: int, default: int | None = None) -> int:
        """The one whole number of a tag; raises KeyError without a default, ValueError for several."""
        if code not in self.places and default is not None:
            return default
        kind, count, inline = self.places[code]
        if count != 1:
            raise ValueError(f"tag {code} has {count} values")
        return int(np.frombuffer(inline, _TYPES[kind], 1)[0])

    def value(self, code: int, descriptor: int, head: bytes) -> NDArray[np.integer]:
        """The whole numbers of a tag."""
        kind, count, inline = self.places[code]
        dtype = np.dtype(_TYPES[kind])
        size = dtype.itemsize * count
        if size <= len(inline):
            return np.frombuffer(inline, dtype, count)
        start = int.from_bytes(inline, "little")
        return np.frombuffer(_bytes(descriptor, head, start, size), dtype, count)

    def values(self, descriptor: int, head: bytes) -> dict[int, NDArray[np.integer]]:
        """The whole numbers of each tag that a directory needs."""
        return {code: self.value(code, descriptor, head) for code in _WANTED if code in self.places}


def _entries(head: bytes, start: int) -> tuple[_Entries, int]:
    """The entries of the directory at a place, and the place of the next one, 0 after the last."""
    if head[:4] == b"II*\0":
        counted, entry, following = "<H", "<HHI4s", "<I"
    else:
        counted, entry, following = "<Q", "<HHQ8s", "<Q"
    (count,) = struct.unpack_from(counted, head, start)
    first = start + struct.calcsize(counted)
    end = first + count * struct.calcsize(entry)
    if end > len(head):
        raise UnknownLayoutError("a directory that does not stand at the beginning of the file")
    places = {
        code: (kind, number, inline)
        for code, kind, number, inline in struct.iter_unpack(entry, head[first:end])
        if code in _READ
    }
    return _Entries(places), int(struct.unpack_from(following, head, end)[0])


_WANTED: Final = frozenset({*_DEFAULTS, _WIDTH, _HEIGHT, _TILE_WIDTH, _TILE_HEIGHT, _OFFSETS, _SIZES})
_READ: Final = _WANTED | {_SUBFILE, _EXTRA, _TIE_POINTS, _TRANSFORMATION}
_BROKEN: Final = (struct.error, KeyError, IndexError, ValueError, TypeError, OverflowError)
_MOST_RESOLUTIONS: Final = 32


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
