"""The container of a COG: header, directories, and the blocks of all levels in the order that readers fetch them.

GDAL writes a skeleton, the file without blocks; its directory is taken over with all tags of georeference,
types and metadata. So GDAL decides what the tags mean, and only blocks and their places are added here.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO

import numpy as np

from cog.convert.blocks import BLOCK

LEADER, TRAILER = 4, 4
"""Bytes before a block (its size) and after it (its last four bytes again)."""

SIZES = 325
"""Tag of the bytes of each block."""
_WIDTH, _HEIGHT, _OFFSETS, _SUBFILE = 256, 257, 324, 254
_OF_OVERVIEWS = frozenset({258, 259, 262, 277, 284, 317, 320, 322, 323, 338, 339, 42113})
"""Tags of the full resolution that overviews repeat: sample layout, compression, palette and GDAL's no-data value."""
_LONG, _LONG8 = 4, 16
_SIZE_OF = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_CLASSIC_LIMIT = 2**32 - 2**20
_CHUNK = 8 * 1024 * 1024

_ROW_MAJOR = b"BLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\nBLOCK_TRAILER=LAST_4_BYTES_REPEATED\n"


@dataclass(frozen=True, kw_only=True)
class Tag:
    """A TIFF tag: its number, its field type, its number of values, and these as little-endian bytes."""

    code: int
    type: int
    count: int
    value: bytes


def framed(block: bytes) -> bytes:
    """A block with its leader and trailer."""
    return struct.pack("<I", len(block)) + block + block[-TRAILER:].rjust(TRAILER, b"\0")


@dataclass(kw_only=True)
class Level:
    """One resolution: its shape, and its blocks one after the other, by row, band and column.

    Attributes:
        data: The file that holds the blocks, with leaders and trailers, until the COG is put together.
        sizes: The bytes of each block, without leader and trailer.
    """

    width: int
    height: int
    bands: int
    data: IO[bytes]
    sizes: list[int] = field(default_factory=list)

    def add(self, block: bytes) -> None:
        """Append a compressed block."""
        self.sizes.append(len(block))
        self.data.write(framed(block))

    @property
    def total(self) -> int:
        """Bytes of all its blocks with leaders and trailers."""
        return sum(self.sizes) + len(self.sizes) * (LEADER + TRAILER)

    def by_band(self, numbers: Sequence[int]) -> list[int]:
        """Numbers of the blocks in the order of their tags: all blocks of a band, then those of the next."""
        across = -(-self.width // BLOCK)
        order = np.asarray(numbers, dtype="int64").reshape(-1, self.bands, across).transpose(1, 0, 2)
        return [int(number) for number in order.ravel()]


def tags_of(skeleton: bytes) -> list[Tag]:
    """The tags of the only directory of a little-endian classic TIFF; raises ValueError for any other file."""
    if skeleton[:4] != b"II*\0":
        raise ValueError("the skeleton is no little-endian TIFF")
    (start,) = struct.unpack_from("<I", skeleton, 4)
    (count,) = struct.unpack_from("<H", skeleton, start)
    if struct.unpack_from("<I", skeleton, start + 2 + 12 * count)[0]:
        raise ValueError("the skeleton has several directories")
    return [_tag(skeleton, start + 2 + 12 * index) for index in range(count)]


def _tag(skeleton: bytes, place: int) -> Tag:
    code, type_, count = struct.unpack_from("<HHI", skeleton, place)
    length = _SIZE_OF[type_] * count
    where = place + 8 if length <= 4 else struct.unpack_from("<I", skeleton, place + 8)[0]
    return Tag(code=code, type=type_, count=count, value=skeleton[where : where + length])


def write(file: IO[bytes], skeleton: Sequence[Tag], levels: Sequence[Level]) -> None:
    """Put a COG together: directories, then blocks from the coarsest level to the finest.

    Args:
        file: The file to write, from its start.
        skeleton: The tags of the full resolution, without places of blocks.
        levels: The full resolution, then each overview.
    """
    file.write(_head(skeleton, levels))
    for level in reversed(levels):
        level.data.seek(0)
        while chunk := level.data.read(_CHUNK):
            file.write(chunk)


def value_place(head: bytes, code: int) -> int:
    """The first byte of the value of a tag of the first directory of a little-endian classic TIFF, in the file.

    Raises ValueError for any other file, and KeyError where the tag is absent.
    """
    if head[:4] != b"II*\0":
        raise ValueError("it is no little-endian classic TIFF")
    (start,) = struct.unpack_from("<I", head, 4)
    (count,) = struct.unpack_from("<H", head, start)
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        number, type_, values = struct.unpack_from("<HHI", head, entry)
        if number == code:
            inline = _SIZE_OF[type_] * values <= _inline(big=False)
            return entry + 8 if inline else int(struct.unpack_from("<I", head, entry + 8)[0])
    raise KeyError(code)


def _head(skeleton: Sequence[Tag], levels: Sequence[Level]) -> bytes:
    """Header, ghost area and directories; a BigTIFF where the file needs it."""
    total = sum(level.total for level in levels)
    ghost = _ghost(levels[0].bands)
    for big in (False, True):
        nowhere = [[0] * len(level.sizes) for level in levels]
        directories = _directories(skeleton, levels, nowhere, big=big)
        length = _header_size(big=big) + len(ghost) + sum(_directory_size(tags, big=big) for tags in directories)
        if big or length + total < _CLASSIC_LIMIT:
            break
    directories = _directories(skeleton, levels, _places(levels, length), big=big)
    start = _header_size(big=big) + len(ghost)
    parts = [_header(start, big=big), ghost]
    for number, tags in enumerate(directories, 1):
        end = start + _directory_size(tags, big=big)
        parts.append(_packed(tags, start, end if number < len(directories) else 0, big=big))
        start = end
    return b"".join(parts)


def _ghost(bands: int) -> bytes:
    """The header ghost area of GDAL's COG driver: the order of the blocks in the file."""
    order = _ROW_MAJOR if bands == 1 else b""
    layout = b"LAYOUT=IFDS_BEFORE_DATA\n" + order + b"KNOWN_INCOMPATIBLE_EDITION=NO\n "
    return b"GDAL_STRUCTURAL_METADATA_SIZE=%06d bytes\n" % len(layout) + layout


def _places(levels: Sequence[Level], start: int) -> list[list[int]]:
    """The offsets of the blocks of each level, when those of the coarsest begin at `start`."""
    offsets: list[list[int]] = []
    for level in reversed(levels):
        steps = np.asarray(level.sizes, dtype="int64") + (LEADER + TRAILER)
        begins = start + LEADER + np.concatenate([[0], np.cumsum(steps)[:-1]])
        offsets.append([int(place) for place in begins])
        start += level.total
    return offsets[::-1]


def _directories(
    skeleton: Sequence[Tag], levels: Sequence[Level], places: Sequence[Sequence[int]], *, big: bool
) -> list[list[Tag]]:
    """The tags of each level, in rising order (TIFF 6.0, section 2)."""
    own = {_WIDTH, _HEIGHT, _OFFSETS, SIZES, _SUBFILE}
    directories = []
    for number, (level, offsets) in enumerate(zip(levels, places, strict=True)):
        tags = [t for t in skeleton if t.code not in own and (number == 0 or t.code in _OF_OVERVIEWS)]
        if number:
            tags.append(_numbers(_SUBFILE, _LONG, [1]))  # a reduced-resolution version of another image
        tags += [_numbers(_WIDTH, _LONG, [level.width]), _numbers(_HEIGHT, _LONG, [level.height])]
        tags.append(_numbers(_OFFSETS, _LONG8 if big else _LONG, level.by_band(offsets)))
        tags.append(_numbers(SIZES, _LONG, level.by_band(level.sizes)))
        directories.append(sorted(tags, key=lambda tag: tag.code))
    return directories


def _numbers(code: int, type_: int, values: Sequence[int]) -> Tag:
    letter = {_LONG: "I", _LONG8: "Q"}[type_]
    return Tag(code=code, type=type_, count=len(values), value=struct.pack(f"<{len(values)}{letter}", *values))


def _header_size(*, big: bool) -> int:
    return 16 if big else 8


def _header(first: int, *, big: bool) -> bytes:
    return struct.pack("<2sHHHQ", b"II", 43, 8, 0, first) if big else struct.pack("<2sHI", b"II", 42, first)


def _inline(*, big: bool) -> int:
    """Bytes of a value that stand in the directory itself."""
    return 8 if big else 4


def _directory_size(tags: Sequence[Tag], *, big: bool) -> int:
    frame = (8 + 20 * len(tags) + 8) if big else (2 + 12 * len(tags) + 4)
    return frame + sum(_even(len(tag.value)) for tag in tags if len(tag.value) > _inline(big=big)) + frame % 2


def _even(length: int) -> int:
    return length + length % 2


def _packed(tags: Sequence[Tag], start: int, following: int, *, big: bool) -> bytes:
    """A directory at `start`, and after it the values that are too long to stand in it."""
    entry, count, link = ("<HHQ", "<Q", "<Q") if big else ("<HHI", "<H", "<I")
    frame = struct.calcsize(count) + len(tags) * (20 if big else 12) + struct.calcsize(link)
    frame += frame % 2
    entries, values = [], b""
    for tag in tags:
        content = tag.value
        if len(content) > _inline(big=big):
            content = struct.pack(link, start + frame + len(values))
            values += tag.value.ljust(_even(len(tag.value)), b"\0")
        entries.append(struct.pack(entry, tag.code, tag.type, tag.count) + content.ljust(_inline(big=big), b"\0"))
    directory = struct.pack(count, len(tags)) + b"".join(entries) + struct.pack(link, following)
    return directory.ljust(frame, b"\0") + values
