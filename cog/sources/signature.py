"""The format of a file, by its first bytes: an extension is only a name."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from cog.sources.grib.gzipped import holds_grib
from config.errors import SourceRefused

_HEAD = 256
_KEYS = (b"ncols", b"nrows", b"xllcorner", b"xllcenter", b"yllcorner", b"yllcenter", b"cellsize", b"dx", b"dy")
_REMEDY = "give it as GeoTIFF, NetCDF, HDF, GRIB, ASCII grid or Erdas Imagine"


class SourceFormat(StrEnum):
    """The formats that have an adapter."""

    GEOTIFF = "GeoTIFF"
    NETCDF3 = "NetCDF-3"
    HDF5 = "HDF5"
    HDF4 = "HDF4"
    GRIB = "GRIB"
    GZIPPED_GRIB = "GRIB in gzip"
    ERDAS = "Erdas Imagine"
    ASCII_GRID = "ASCII grid"


_SIGNATURES: tuple[tuple[bytes, SourceFormat], ...] = (
    (b"II*\x00", SourceFormat.GEOTIFF),
    (b"MM\x00*", SourceFormat.GEOTIFF),
    (b"II+\x00", SourceFormat.GEOTIFF),
    (b"MM\x00+", SourceFormat.GEOTIFF),
    (b"CDF\x01", SourceFormat.NETCDF3),
    (b"CDF\x02", SourceFormat.NETCDF3),
    (b"CDF\x05", SourceFormat.NETCDF3),
    (b"\x89HDF\r\n\x1a\n", SourceFormat.HDF5),
    (b"\x0e\x03\x13\x01", SourceFormat.HDF4),
    (b"GRIB", SourceFormat.GRIB),
    (b"EHFA_HEADER_TAG", SourceFormat.ERDAS),
)
_GZIP = b"\x1f\x8b"
_KNOWN_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"<VRTDataset", "a GDAL virtual raster"),
    (b"PK\x03\x04", "a ZIP archive"),
    (_GZIP, "a gzip file of something else than GRIB"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\x00\x00\x00\x0cjP", "a JPEG 2000 image"),
)


def identify(path: Path) -> SourceFormat:
    """The format of a file; raises SourceRefused for one that has no adapter or cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise SourceRefused(path, f"cannot be read: {error.strerror}", "check the path and its permissions") from error
    if not head:
        raise SourceRefused(path, "is empty", "check that it was copied whole")
    for signature, format_ in _SIGNATURES:
        if head.startswith(signature):
            return format_
    if head.startswith(_GZIP) and holds_grib(path):
        return SourceFormat.GZIPPED_GRIB
    if _is_ascii_grid(head):
        return SourceFormat.ASCII_GRID
    what = next((name for signature, name in _KNOWN_OTHERS if head.startswith(signature)), None)
    cause = f"is {what}, which is not ingested" if what else f"has an unknown signature {head[:8]!r}"
    raise SourceRefused(path, cause, _REMEDY)


def _is_ascii_grid(head: bytes) -> bool:
    """Whether a file's first bytes are those of an ASCII grid: two header keys, each with its number."""
    words = head.lower().split()
    return len(words) > 3 and words[0] in _KEYS and words[2] in _KEYS
