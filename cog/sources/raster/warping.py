"""Rasters that have no north-up grid: placed by control points or RPCs, or rotated; warped where declared."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import rasterio
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import CRSError, RasterioError
from rasterio.io import DatasetReader
from rasterio.rpc import RPC
from rasterio.vrt import WarpedVRT

from config.errors import SourceRefused

REMEDY = "ingest it with --warp or `warp: true` in its declaration, or warp it to a grid with gdalwarp"
MAX_GROWTH = 16
"""Most cells of a warped grid, as a multiple of those of its source."""
_WITHOUT_CRS = "warp it to a grid with gdalwarp -s_srs first"
_NEAR = 2.0
"""Times the scale of rational polynomials that the middle of a raster may be away from theirs."""
_PARTS_OF_A_CELL = 0.0
"""Error, in cells, that an approximated transformation may have: none, each cell is transformed by itself."""


def why_no_grid(file: DatasetReader) -> str | None:
    """The reason why a raster is on no north-up grid, or None for one that is."""
    if file.gcps[0]:
        return f"is placed by {len(file.gcps[0])} ground control points, not by a grid"
    if file.rpcs is not None and file.transform.is_identity:
        return "is placed by rational polynomial coefficients (RPCs), not by a grid"
    if file.transform.b or file.transform.d:
        return "has a rotated grid"
    return None


def warped(file: DatasetReader, closing: ExitStack, *, path: Path) -> tuple[WarpedVRT, str]:
    """A raster on a north-up grid by nearest neighbour, masked where the source has no cell; and what was done.

    The CRS is that of the control points or of the rotated grid; longitude and latitude on WGS 84 for RPCs. GDAL
    chooses extent and cell. Raises SourceRefused.
    """
    why, crs = why_no_grid(file), _crs(file)
    if crs is None:
        raise SourceRefused(path, f"{why}, in no coordinate reference system", _WITHOUT_CRS)
    options: dict[str, Any] = {"src_crs": crs, "crs": crs, "resampling": Resampling.nearest}
    if file.nodata is None and ColorInterp.alpha not in file.colorinterp:
        options["add_alpha"] = True
    try:
        vrt = closing.enter_context(WarpedVRT(file, tolerance=_PARTS_OF_A_CELL, **options))
    except (RasterioError, CRSError, ValueError) as error:
        raise SourceRefused(path, f"{why}, and GDAL cannot warp it: {error}", "warp it with gdalwarp first") from error
    if vrt.width * vrt.height > MAX_GROWTH * file.width * file.height:
        cause = f"{why}; warped it would have {vrt.width} x {vrt.height} cells of {file.width} x {file.height}"
        raise SourceRefused(path, cause, "warp it with gdalwarp, choosing extent and cell")
    if file.rpcs is not None and file.transform.is_identity and not _is_near(vrt, file.rpcs):
        cause = f"{why}, but GDAL takes the numbers of its columns and rows for coordinates"
        raise SourceRefused(path, cause, "warp it with gdalwarp -rpc -t_srs EPSG:4326 first")
    note = (
        f"The source {why}: its cells were warped by nearest neighbour to a grid of {vrt.width} x {vrt.height} cells."
    )
    return vrt, note


def remedy(file: DatasetReader) -> str:
    """The remedy for a raster that is on no north-up grid."""
    return _WITHOUT_CRS if _crs(file) is None else REMEDY


def _is_near(vrt: WarpedVRT, rpcs: RPC) -> bool:
    """Whether a warped raster lies where its rational polynomials are meant for: longitudes and latitudes."""
    west, south, east, north = vrt.bounds
    beside, above = abs(rpcs.long_off - (west + east) / 2), abs(rpcs.lat_off - (south + north) / 2)
    return bool(beside <= _NEAR * rpcs.long_scale and above <= _NEAR * rpcs.lat_scale)


def _crs(file: DatasetReader) -> rasterio.CRS | None:
    if file.gcps[0]:
        return file.gcps[1]
    return rasterio.CRS.from_epsg(4326) if file.transform.is_identity else file.crs
