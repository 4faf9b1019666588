"""GRIB files in gzip, as weather services send them: unpacked into a file without a name that goes with its source."""

from __future__ import annotations

import gzip
import tempfile
import zlib
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from config.errors import SourceRefused

if TYPE_CHECKING:
    from pathlib import Path

_MOST_BYTES: Final = 4 * 2**30
"""Bytes that are unpacked: a small file may hold a thousand times as many."""
_PIECE: Final = 2**20
_MAGIC: Final = b"GRIB"


def holds_grib(path: Path) -> bool:
    """Whether what a gzip file holds begins as GRIB does."""
    try:
        with gzip.open(path) as packed:
            return packed.read(len(_MAGIC)) == _MAGIC
    except (OSError, EOFError, zlib.error):
        return False


def unpacked(path: Path) -> BinaryIO:
    """What a gzip file holds, as an open file; raises SourceRefused where it is broken or too large."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        size = 0
        with gzip.open(path) as packed:
            while piece := packed.read(_PIECE):
                size += len(piece)
                _require_room(path, size)
                file.write(piece)
        file.seek(0)
    except (OSError, EOFError, zlib.error) as error:
        file.close()
        raise SourceRefused(path, f"its gzip content is broken: {error}", "check that the file is whole") from error
    except BaseException:
        file.close()
        raise
    return cast("BinaryIO", file)


def _require_room(path: Path, size: int) -> None:
    if size > _MOST_BYTES:
        cause = f"it holds more than {_MOST_BYTES >> 30} GiB"
        raise SourceRefused(path, cause, "unpack it with gunzip, and ingest what it held")
