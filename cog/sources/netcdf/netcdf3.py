"""Whether a classic NetCDF file is whole: the NetCDF library reads a truncated one as zeros, without an error."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

from config.errors import SourceRefused

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8, 7: 1, 8: 2, 9: 4, 10: 8, 11: 8}
"""Bytes of a value of each nc_type."""
MAX_ENTRIES = 100_000
_STREAMING = (0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)


@dataclass(frozen=True, kw_only=True)
class _Extent:
    """The start of a variable's cells, and the bytes of one record of it (all, without a record dimension)."""

    begin: int
    size: int
    is_record: bool


class _Header:
    """A reader of the header (NetCDF classic format specification, CDF-1, 2 and 5)."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        version = file.read(4)[3]
        self._wide_counts = version == 5
        self._wide_offsets = version in (2, 5)

    def number(self, *, wide: bool) -> int:
        size = 8 if wide else 4
        return int(struct.unpack(">Q" if wide else ">I", self._exactly(size))[0])

    def count(self) -> int:
        return self.number(wide=self._wide_counts)

    def entries(self) -> int:
        self.number(wide=False)  # the list's tag, or zero for none
        count = self.count()
        if count > MAX_ENTRIES:
            raise ValueError(f"a list of {count} entries")
        return count

    def skip(self, size: int) -> None:
        self._file.seek(size + -size % 4, 1)

    def skip_attributes(self) -> None:
        for _ in range(self.entries()):
            self.skip(self.count())
            kind = self.number(wide=False)
            self.skip(_SIZES[kind] * self.count())

    def dimension(self) -> int:
        self.skip(self.count())
        return self.count()

    def variable(self, lengths: list[int]) -> _Extent:
        self.skip(self.count())
        dims = [lengths[self.count()] for _ in range(self.count())]
        self.skip_attributes()
        kind = self.number(wide=False)
        self.count()  # the stated size, which cannot hold that of large variables
        begin = self.number(wide=self._wide_offsets)
        is_record = bool(dims) and dims[0] == 0
        return _Extent(begin=begin, size=_SIZES[kind] * prod(dims[is_record:]), is_record=is_record)

    def _exactly(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) != size:
            raise ValueError("the header ends early")
        return data


def require_whole(path: Path) -> None:
    """Raise SourceRefused for a classic NetCDF file that is shorter than its header states."""
    try:
        with path.open("rb") as file:
            needed = _needed_size(_Header(file))
    except (ValueError, KeyError, IndexError, OSError) as error:
        raise SourceRefused(path, f"its header cannot be read: {error}", "check that the file is whole") from error
    size = path.stat().st_size
    if size < needed:
        cause = f"is truncated: it has {size} bytes of the {needed} that its header states"
        raise SourceRefused(path, cause, "copy it again from its source")


def _needed_size(header: _Header) -> int:
    records = header.count()
    lengths = [header.dimension() for _ in range(header.entries())]
    header.skip_attributes()
    extents = [header.variable(lengths) for _ in range(header.entries())]
    of_records = [e for e in extents if e.is_record]
    # records of several variables alternate, each padded to four bytes; those of a single one are not padded
    stride = of_records[0].size if len(of_records) == 1 else sum(e.size + -e.size % 4 for e in of_records)
    ends = [e.begin + e.size for e in extents if not e.is_record]
    if records and records not in _STREAMING:
        ends += [e.begin + (records - 1) * stride + e.size for e in of_records]
    return max(ends, default=0)
