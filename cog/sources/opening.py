"""Opening a source by what it contains."""

from __future__ import annotations

from pathlib import Path

from cog.sources.geotiff import GeotiffSource
from cog.sources.hdf5 import Hdf5Source, require_self_contained
from cog.sources.netcdf import NetcdfSource
from cog.sources.netcdf3 import require_whole
from cog.sources.protocol import Source
from cog.sources.signature import Format, identify
from config.datasets import DatasetDeclaration


def open_source(path: Path, declaration: DatasetDeclaration | None = None) -> Source:
    """Open a file with the adapter of its format; raises SourceRefused naming cause and remedy.

    HDF5 whose declared variables have `dims` is read as declared, other HDF5 as CF NetCDF-4.
    """
    declaration = declaration or DatasetDeclaration()
    found = identify(path)
    if found is Format.GEOTIFF:
        return GeotiffSource(path, declaration)
    if found is Format.HDF5:
        require_self_contained(path)
        if any(v.dims for v in declaration.variables):
            return Hdf5Source(path, declaration)
    else:
        require_whole(path)
    return NetcdfSource(path, declaration)
