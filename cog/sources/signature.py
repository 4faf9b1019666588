"""What a file is, by its first bytes: an extension is only a name."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from config.errors import SourceRefused


class Format(StrEnum):
    """The formats that have an adapter."""

    GEOTIFF = "GeoTIFF"
    NETCDF3 = "NetCDF-3"
    HDF5 = "HDF5"


_SIGNATURES: tuple[tuple[bytes, Format], ...] = (
    (b"II*\x00", Format.GEOTIFF),
    (b"MM\x00*", Format.GEOTIFF),
    (b"II+\x00", Format.GEOTIFF),
    (b"MM\x00+", Format.GEOTIFF),
    (b"CDF\x01", Format.NETCDF3),
    (b"CDF\x02", Format.NETCDF3),
    (b"CDF\x05", Format.NETCDF3),
    (b"\x89HDF\r\n\x1a\n", Format.HDF5),
)
_KNOWN_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"GRIB", "GRIB"),
    (b"\x0e\x03\x13\x01", "HDF4"),
    (b"<VRTDataset", "a GDAL virtual raster"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip file"),
)


def identify(path: Path) -> Format:
    """The format of a file; raises SourceRefused for one that has no adapter or cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise SourceRefused(path, f"cannot be read: {error.strerror}", "check the path and its permissions") from error
    if not head:
        raise SourceRefused(path, "is empty", "check that it was copied whole")
    for signature, found in _SIGNATURES:
        if head.startswith(signature):
            return found
    what = next((name for signature, name in _KNOWN_OTHERS if head.startswith(signature)), None)
    cause = f"is {what}, which is not ingested" if what else f"has an unknown signature {head[:8]!r}"
    raise SourceRefused(path, cause, "convert it to GeoTIFF, NetCDF or HDF5")
