"""COGs with their places, and virtual rasters of them: sheets on a common lattice, or a globe continued past its seam.

A virtual raster is a text that GDAL opens wherever a path does. It is made here alone: virtual rasters from outside are
never opened.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring  # writes only: nothing is parsed

from cog.reading.integrity import require_intact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cog.cells.codec import Codec
    from cog.grids.lattice import CellBox
    from config.grids import Grid

_TOLERANCE = 1e-3
"""Distance, in cells, at which a longitude still counts as on an edge between columns."""

_BLOCK = 256
_GDAL_TYPES = {
    "uint8": "Byte",
    "int8": "Int8",
    "uint16": "UInt16",
    "int16": "Int16",
    "uint32": "UInt32",
    "int32": "Int32",
    "uint64": "UInt64",
    "int64": "Int64",
    "float32": "Float32",
    "float64": "Float64",
}


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One COG and its grid.

    Attributes:
        path: Where GDAL opens it.
        grid: Its grid by the catalogue; the file is not consulted.
        version: Changes whenever the file does (its checksum); empty: unknown, so that it is never kept open.
    """

    path: str
    grid: Grid
    version: str = ""


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """Columns [left, left + width) of a sheet, all its rows, at (column, row) of the virtual raster."""

    sheet: Sheet
    left: int
    width: int
    column: int
    row: int


def referenced(path: str, crs: str) -> str:
    """A COG that names no CRS in its keys, in the one of that text."""
    return f"vrt://{path}?a_srs={crs}"


def virtual_mosaic(grid: Grid, sheets: Sequence[tuple[Sheet, CellBox]], codec: Codec) -> str:
    """Sheets, each with its cells of a lattice, as one raster; where several have data, the first of them counts."""
    pieces = [
        _Piece(sheet=sheet, left=0, width=sheet.grid.width, column=place.left, row=place.top) for sheet, place in sheets
    ]
    return _virtual(grid, pieces[::-1], codec)  # what is written last covers what is below it


def continued(sheet: Sheet, codec: Codec, *, span: tuple[float, float], margin: int) -> Sheet:
    """A global raster over a span of longitudes, its columns modulo, and `margin` columns more on each side.

    A resampling kernel at the antimeridian finds its neighbours there, whatever longitude the grid begins at.
    """
    a, _, c, _, _, _ = sheet.grid.transform
    start = math.floor((span[0] - c) / a + _TOLERANCE) - margin
    stop = math.ceil((span[1] - c) / a - _TOLERANCE) + margin
    width = sheet.grid.width
    seams = [start, *range((start // width + 1) * width, stop, width), stop]
    pieces = [
        _Piece(sheet=sheet, left=begin % width, width=end - begin, column=begin - start, row=0)
        for begin, end in pairwise(seams)
    ]
    transform = (*sheet.grid.transform[:2], c + start * a, *sheet.grid.transform[3:])
    grid = replace(sheet.grid, transform=transform, width=stop - start)
    return Sheet(path=_virtual(grid, pieces, codec), grid=grid)


def turned(sheet: Sheet, codec: Codec, *, turns: int) -> Sheet:
    """A raster whose longitudes are `turns` times 360 degrees farther east."""
    a, b, c, d, e, f = sheet.grid.transform
    grid = replace(sheet.grid, transform=(a, b, c + 360.0 * turns, d, e, f))
    whole = _Piece(sheet=sheet, left=0, width=grid.width, column=0, row=0)
    return Sheet(path=_virtual(grid, [whole], codec), grid=grid)


def _virtual(grid: Grid, pieces: Sequence[_Piece], codec: Codec) -> str:
    """The text of a virtual raster (GDAL, VRT driver); later pieces cover earlier ones where they have data.

    GDAL opens the files itself, so they are compared with their names here; raises DamagedAsset.
    """
    for piece in pieces:
        require_intact(piece.sheet.path)
    a, b, c, d, e, f = grid.transform
    root = Element("VRTDataset", rasterXSize=str(grid.width), rasterYSize=str(grid.height))
    SubElement(root, "SRS").text = "EPSG:4326" if grid.is_geographic else grid.crs
    SubElement(root, "GeoTransform").text = ", ".join(repr(v) for v in (c, a, b, f, d, e))
    factors = _factors(pieces)
    if factors:
        SubElement(root, "OverviewList", resampling="nearest").text = " ".join(map(str, factors))
    for band in range(1, codec.bands + 1):
        element = SubElement(root, "VRTRasterBand", dataType=_GDAL_TYPES[codec.dtype], band=str(band))
        if codec.nodata is not None:
            SubElement(element, "NoDataValue").text = repr(codec.nodata)
        for piece in pieces:
            _add_source(element, piece, codec, band=band)
    return tostring(root, encoding="unicode")


def _factors(pieces: Sequence[_Piece]) -> list[int]:
    """The overviews of the largest sheet, as COGs have them."""
    edge = max(max(piece.sheet.grid.width, piece.sheet.grid.height) for piece in pieces)
    return [2**n for n in range(1, 20) if edge / 2 ** (n - 1) > _BLOCK]


def _add_source(parent: Element, piece: _Piece, codec: Codec, *, band: int) -> None:
    grid = piece.sheet.grid
    missing = math.nan if codec.nodata is None and codec.dtype.startswith("float") else codec.nodata
    source = SubElement(parent, "SimpleSource" if missing is None else "ComplexSource")
    SubElement(source, "SourceFilename", relativeToVRT="0").text = piece.sheet.path
    SubElement(source, "SourceBand").text = str(band)
    # with these the files are opened when they are read, not when the virtual raster is
    properties = {"RasterXSize": grid.width, "RasterYSize": grid.height, "BlockXSize": _BLOCK, "BlockYSize": _BLOCK}
    _add(source, "SourceProperties", properties | {"DataType": _GDAL_TYPES[codec.dtype]})
    size = {"xSize": piece.width, "ySize": grid.height}
    _add(source, "SrcRect", {"xOff": piece.left, "yOff": 0} | size)
    _add(source, "DstRect", {"xOff": piece.column, "yOff": piece.row} | size)
    if missing is not None:
        SubElement(source, "NODATA").text = repr(missing)


def _add(parent: Element, tag: str, attributes: Mapping[str, int | str]) -> None:
    SubElement(parent, tag, {name: str(value) for name, value in attributes.items()})
