"""Opening a source by what it contains."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from pathlib import Path

from cog.sources.grib.grib import GribSource
from cog.sources.grib.gzipped import unpacked
from cog.sources.hdf.hdf4 import Hdf4Source
from cog.sources.hdf.hdf5 import Hdf5Source, require_self_contained
from cog.sources.netcdf.netcdf import NetcdfSource
from cog.sources.netcdf.netcdf3 import require_whole
from cog.sources.protocol import GridSource
from cog.sources.raster.asciigrid import ascii_grid_driver
from cog.sources.raster.raster import ERDAS, RasterFileSource
from cog.sources.signature import SourceFormat, identify
from config.declarations.datasets import DatasetDeclaration
from config.errors import SourceRefused


def open_source(path: Path, declaration: DatasetDeclaration | None = None) -> GridSource:
    """Open a file with the adapter of its format; raises SourceRefused naming cause and remedy."""
    return _OPENERS[identify(path)](path, declaration or DatasetDeclaration())


def _hdf5(path: Path, declaration: DatasetDeclaration) -> GridSource:
    """HDF5 whose variables' `dims` and grid are declared is read as declared, other HDF5 as CF NetCDF-4."""
    require_self_contained(path)
    has_place = declaration.grid is not None and declaration.grid.origin is not None
    if has_place and any(v.dims for v in declaration.variables):
        return Hdf5Source(path, declaration)
    return NetcdfSource(path, declaration)


def _netcdf3(path: Path, declaration: DatasetDeclaration) -> GridSource:
    require_whole(path)
    return NetcdfSource(path, declaration)


def _gzipped_grib(path: Path, declaration: DatasetDeclaration) -> GridSource:
    return GribSource(path, declaration, file=unpacked(path))


def _ascii_grid(path: Path, declaration: DatasetDeclaration) -> GridSource:
    return RasterFileSource(path, declaration, ascii_grid_driver(path))


def _erdas(path: Path, declaration: DatasetDeclaration) -> GridSource:
    """An .img file that holds its cells itself; one that names another file for them could name any."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(b"ExternalRasterDMS") != -1:
            raise SourceRefused(path, "keeps its cells in another file", "convert it to GeoTIFF with gdal_translate")
    return RasterFileSource(path, declaration, ERDAS)


_OPENERS: dict[SourceFormat, Callable[[Path, DatasetDeclaration], GridSource]] = {
    SourceFormat.GEOTIFF: RasterFileSource,
    SourceFormat.NETCDF3: _netcdf3,
    SourceFormat.HDF5: _hdf5,
    SourceFormat.HDF4: Hdf4Source,
    SourceFormat.GRIB: GribSource,
    SourceFormat.GZIPPED_GRIB: _gzipped_grib,
    SourceFormat.ERDAS: _erdas,
    SourceFormat.ASCII_GRID: _ascii_grid,
}
