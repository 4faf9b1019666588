"""Opening a source by what it contains."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from pathlib import Path

from cog.sources.grib.grib import GribSource
from cog.sources.hdf.hdf4 import Hdf4Source
from cog.sources.hdf.hdf5 import Hdf5Source, require_self_contained
from cog.sources.netcdf.netcdf import NetcdfSource
from cog.sources.netcdf.netcdf3 import require_whole
from cog.sources.protocol import Source
from cog.sources.raster.asciigrid import ascii_grid_driver
from cog.sources.raster.raster import ERDAS, RasterFileSource
from cog.sources.signature import Format, identify
from config.datasets import DatasetDeclaration
from config.errors import SourceRefused


def open_source(path: Path, declaration: DatasetDeclaration | None = None) -> Source:
    """Open a file with the adapter of its format; raises SourceRefused naming cause and remedy."""
    return _OPENERS[identify(path)](path, declaration or DatasetDeclaration())


def _hdf5(path: Path, declaration: DatasetDeclaration) -> Source:
    """HDF5 whose variables' `dims` and grid are declared is read as declared, other HDF5 as CF NetCDF-4."""
    require_self_contained(path)
    placed = declaration.grid is not None and declaration.grid.origin is not None
    if placed and any(v.dims for v in declaration.variables):
        return Hdf5Source(path, declaration)
    return NetcdfSource(path, declaration)


def _netcdf3(path: Path, declaration: DatasetDeclaration) -> Source:
    require_whole(path)
    return NetcdfSource(path, declaration)


def _ascii_grid(path: Path, declaration: DatasetDeclaration) -> Source:
    return RasterFileSource(path, declaration, ascii_grid_driver(path))


def _erdas(path: Path, declaration: DatasetDeclaration) -> Source:
    """An .img file that holds its cells itself; one that names another file for them could name any."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(b"ExternalRasterDMS") != -1:
            raise SourceRefused(path, "keeps its cells in another file", "convert it to GeoTIFF with gdal_translate")
    return RasterFileSource(path, declaration, ERDAS)


_OPENERS: dict[Format, Callable[[Path, DatasetDeclaration], Source]] = {
    Format.GEOTIFF: RasterFileSource,
    Format.NETCDF3: _netcdf3,
    Format.HDF5: _hdf5,
    Format.HDF4: Hdf4Source,
    Format.GRIB: GribSource,
    Format.ERDAS: _erdas,
    Format.ASCII_GRID: _ascii_grid,
}
