"""The messages of a GRIB file, one field each, by ecCodes.

Its library is loaded with the first message: a process that loads it before libpq crashes when it ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

_MISSING = 1e300
"""The value that ecCodes puts where a field has none."""


class GribError(Exception):
    """ecCodes cannot read a message."""


def _library() -> Any:
    import eccodes  # noqa: PLC0415 - see the module's first words

    return eccodes


@contextmanager
def _translated() -> Iterator[Any]:
    """The library; its errors become GribError."""
    library = _library()
    try:
        yield library
    except library.CodesInternalError as error:
        raise GribError(str(error)) from error


class Message:
    """One open message."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def get(self, name: str, kind: type | None = None) -> Any:
        """The value of a key, as `kind` where it has several forms, or None where the message has none."""
        with suppress(GribError), _translated() as library:
            return library.codes_get(self._handle, name, kind)
        return None

    @property
    def offset(self) -> int:
        """The byte at which the message begins."""
        with _translated() as library:
            return int(library.codes_get_message_offset(self._handle))

    def array(self, name: str) -> NDArray[Any]:
        """The values of a key that has one a point, such as `latitudes`; raises GribError."""
        with _translated() as library:
            return np.asarray(library.codes_get_array(self._handle, name))

    def last_point(self) -> tuple[float, float] | None:
        """(longitude, latitude) of the last point as ecCodes computes it, or None if it cannot."""
        with suppress(GribError):
            return float(self.array("longitudes")[-1]), float(self.array("latitudes")[-1])
        return None

    def values(self) -> NDArray[np.float64]:
        """All values in stored order, NaN where the field has none; raises GribError."""
        with _translated() as library:
            library.codes_set(self._handle, "missingValue", _MISSING)
            values = library.codes_get_values(self._handle)
        return np.where(values == _MISSING, np.nan, values)


def messages(file: BinaryIO) -> Iterator[Message]:
    """Every message of a file, each valid until the next is taken; raises GribError."""
    file.seek(0)
    while True:
        with _next(file) as message:
            if message is None:
                return
            yield message


@contextmanager
def message_at(file: BinaryIO, offset: int) -> Iterator[Message]:
    """The message that begins there; raises GribError."""
    file.seek(offset)
    with _next(file) as message:
        if message is None:
            raise GribError(f"no message begins at byte {offset}")
        yield message


@contextmanager
def _next(file: BinaryIO) -> Iterator[Message | None]:
    with _translated() as library:
        handle = library.codes_grib_new_from_file(file)
    if handle is None:
        yield None
        return
    try:
        yield Message(handle)
    finally:
        library.codes_release(handle)
