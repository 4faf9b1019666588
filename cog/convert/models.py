"""What is made of a source, or known of a file, as plain values: no reader or writer of rasters is imported here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cog.statistics.packing import unpack
from cog.statistics.partial import Partial

RGB = 3
"""Bands of a colour image without alpha."""


@dataclass(frozen=True, kw_only=True)
class Converted:
    """A validated COG under its temporary name, and the statistics of its cells.

    Attributes:
        path: The file, or the link to one that stays where it lies (`cog.convert.inplace`).
        sha256: Its SHA-256 in hexadecimal digits.
        size: Its bytes.
        summary: The statistics of its cells, but alpha, packed (`cog.statistics.packing`): thousands are held at once.
        mtime_ns: The time of the last change, in nanoseconds, of a file that stays where it lies.
        is_cog: Whether it is a valid COG, and not only a GeoTIFF.
        notes: What its layout costs, a sentence each.
        is_on_disk: Whether its bytes are on disk for certain.
    """

    path: Path
    sha256: str
    size: int
    summary: bytes
    mtime_ns: int | None = None
    is_cog: bool = True
    notes: tuple[str, ...] = ()
    is_on_disk: bool = True

    @property
    def statistics(self) -> Partial:
        """The statistics of its cells, as coarse as they are packed."""
        statistics = unpack(self.summary)
        assert statistics is not None
        return statistics


@dataclass(frozen=True, kw_only=True)
class KnownFile:
    """A file by what was known of it when it was read through.

    Attributes:
        path: Absolute, without links.
        sha256: Its SHA-256 in hexadecimal digits.
        size: Its bytes.
        mtime_ns: The time of its last change, in nanoseconds.
    """

    path: Path
    sha256: str
    size: int
    mtime_ns: int
