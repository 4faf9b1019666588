"""The original files that a dataset keeps: where they lie in the store, and their media types."""

from __future__ import annotations

from typing import Final

SOURCE_FOLDER: Final = "source-files"
"""Folder of a dataset in the store; no variable has that id."""
_TYPES: Final = {
    ".nc": "application/netcdf",
    ".nc4": "application/netcdf",
    ".cdf": "application/netcdf",
    ".h5": "application/x-hdf5",
    ".hdf5": "application/x-hdf5",
    ".he5": "application/x-hdf5",
    ".hdf": "application/x-hdf",
    ".grib": "application/wmo-GRIB",
    ".grb": "application/wmo-GRIB",
    ".grib1": "application/wmo-GRIB",
    ".grib2": "application/wmo-GRIB2",
    ".grb2": "application/wmo-GRIB2",
    ".tif": "image/tiff; application=geotiff",
    ".tiff": "image/tiff; application=geotiff",
    ".gz": "application/gzip",
    ".asc": "text/plain",
}
_OTHER: Final = "application/octet-stream"


def media_type_of(name: str) -> str:
    """The media type of a file by the suffix of its name; `application/octet-stream` for one that is not known."""
    return next((media for suffix, media in _TYPES.items() if name.lower().endswith(suffix)), _OTHER)
