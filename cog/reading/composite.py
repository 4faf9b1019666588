"""Several COGs as one raster: the sheets of one time on their common lattice, or a globe continued past its seam.

A composite is the text of a GDAL virtual raster, which opens wherever a path does. It is made here alone: virtual
rasters from outside are never opened.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring  # writes only: nothing is parsed

from config.errors import InvalidInput
from config.grids import Grid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cog.cells.codec import Codec

_TOLERANCE = 1e-3
"""How far, in cells, the cells of two sheets may lie apart, counted over the whole of the lattice."""

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
    """One COG and its grid."""

    path: str
    grid: Grid


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """Columns [left, left + width) of a sheet, all its rows, laid at (column, row) of the composite."""

    sheet: Sheet
    left: int
    width: int
    column: int
    row: int


def lattice(sheets: Sequence[Sheet]) -> Grid:
    """The smallest grid that holds the cells of all sheets.

    Raises InvalidInput, naming `part=`, if they differ in CRS or cell size, or if their cells do not meet.
    """
    first = sheets[0].grid
    if len(sheets) == 1:
        return first
    a, _, _, _, e, _ = first.transform
    offsets = [offset(first, sheet.grid) for sheet in sheets]
    left, top = min(column for column, _ in offsets), min(row for _, row in offsets)
    width = max(column + sheet.grid.width for (column, _), sheet in zip(offsets, sheets, strict=True)) - left
    height = max(row + sheet.grid.height for (_, row), sheet in zip(offsets, sheets, strict=True)) - top
    transform = (a, 0.0, first.transform[2] + left * a, 0.0, e, first.transform[5] + top * e)
    return replace(first, transform=transform, width=width, height=height)


def offset(first: Grid, other: Grid) -> tuple[int, int]:
    """(column, row) of another grid's first cell on the lattice of the first; raises InvalidInput naming `part=`."""
    a, b, c, d, e, f = other.transform
    reach = max(first.width, first.height, other.width, other.height)
    alike = all(
        math.isclose(x, y, rel_tol=_TOLERANCE / reach) for x, y in ((a, first.transform[0]), (e, first.transform[4]))
    )
    if first.crs != other.crs or not alike or b or d or first.transform[1] or first.transform[3]:
        raise InvalidInput("the parts of this time differ in CRS or cell size; ask for one of them by part=")
    column, row = (c - first.transform[2]) / a, (f - first.transform[5]) / e
    if abs(column - round(column)) > _TOLERANCE or abs(row - round(row)) > _TOLERANCE:
        raise InvalidInput("the cells of the parts of this time do not meet; ask for one of them by part=")
    return round(column), round(row)


def mosaic(sheets: Sequence[Sheet], codec: Codec) -> str:
    """The sheets as one raster on their `lattice`; where several have data, the first of them counts.

    One sheet is its own path. Raises InvalidInput as `lattice` does.
    """
    if len(sheets) == 1:
        return sheets[0].path
    grid = lattice(sheets)
    pieces = []
    for sheet in sheets:
        column, row = offset(grid, sheet.grid)
        pieces.append(_Piece(sheet=sheet, left=0, width=sheet.grid.width, column=column, row=row))
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
    """A raster whose longitudes are so many turns of 360 degrees farther east."""
    a, b, c, d, e, f = sheet.grid.transform
    grid = replace(sheet.grid, transform=(a, b, c + 360.0 * turns, d, e, f))
    whole = _Piece(sheet=sheet, left=0, width=grid.width, column=0, row=0)
    return Sheet(path=_virtual(grid, [whole], codec), grid=grid)


def _virtual(grid: Grid, pieces: Sequence[_Piece], codec: Codec) -> str:
    """The text of a virtual raster (GDAL, VRT driver); later pieces cover earlier ones where they have data."""
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
    # with these the files are opened when they are read, not when the composite is
    properties = {"RasterXSize": grid.width, "RasterYSize": grid.height, "BlockXSize": _BLOCK, "BlockYSize": _BLOCK}
    _add(source, "SourceProperties", properties | {"DataType": _GDAL_TYPES[codec.dtype]})
    size = {"xSize": piece.width, "ySize": grid.height}
    _add(source, "SrcRect", {"xOff": piece.left, "yOff": 0} | size)
    _add(source, "DstRect", {"xOff": piece.column, "yOff": piece.row} | size)
    if missing is not None:
        SubElement(source, "NODATA").text = repr(missing)


def _add(parent: Element, tag: str, attributes: Mapping[str, int | str]) -> None:
    SubElement(parent, tag, {name: str(value) for name, value in attributes.items()})
