"""ASCII grids (Esri), which GDAL reads; whether their cells are whole numbers is seen from the whole text."""

from __future__ import annotations

from pathlib import Path

from cog.sources.raster.raster import RasterDriver
from config.errors import SourceRefused

_CHUNK = 4 * 1024 * 1024
_HEADER_BYTES = 4096


def ascii_grid_driver(path: Path) -> RasterDriver:
    """GDAL's driver with the type of the cells: alone it reads the beginning only, and would cut later fractions."""
    kind = "Float32" if _has_fractions(path) else "Int32"
    return RasterDriver(name="AAIGrid", format="ASCII grid", options={"DATATYPE": kind})


def _has_fractions(path: Path) -> bool:
    """Whether any cell is written with a decimal point or comma, an exponent or as `nan`."""
    try:
        with path.open("rb") as file:
            start = _header_end(file.read(_HEADER_BYTES))
            file.seek(start)
            while chunk := file.read(_CHUNK):
                if any(mark in chunk for mark in (b".", b",", b"e", b"E", b"n", b"N")):
                    return True
    except OSError as error:
        raise SourceRefused(path, f"cannot be read: {error.strerror}", "check the path and its permissions") from error
    return False


def _header_end(head: bytes) -> int:
    """The byte at which the lines that begin with a key end."""
    place = 0
    for line in head.splitlines(keepends=True):
        if not line[:1].isalpha() and line.strip():
            break
        place += len(line)
    return place
