"""Tile matrices and sets of them (OGC 17-083r4), and the arithmetic of tiles within them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rasterio._err import CPLE_BaseError
from rasterio.warp import transform_bounds

from cog.grids.gridmath import SEPARABLE, native_cell, same_crs
from config.errors import InvalidParameter, TileOutsideMatrix
from config.vocabulary import CRS84_URI, epsg_uri
from records.datasets.granule_selection import Footprint
from services.drawing.tiles.extents import MERCATOR, Box, box_in_crs, box_in_degrees
from services.selection.coarse import is_coarse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from morecantile import TileMatrixSet

    from config.grids import Grid
    from records.datasets.publication import MosaicOverview

_NUMBER = re.compile(r"-?[0-9]+", re.ASCII)
_DIGITS = 10
_ROUNDING = 1e-6
_MERCATOR_WORLD: Box = (-180.0, -85.0511287798066, 180.0, 85.0511287798066)

TileLimits = dict[int, tuple[int, int, int, int]]
"""By the number of a matrix (first row, last row, first column, last column) of its tiles, all inclusive."""


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """A tile matrix, as far as the arithmetic of its tiles needs it.

    Attributes:
        left: x of the north-west corner of the matrix.
        top: y of the same corner.
        cell: Edge of a cell, in units of the CRS.
        tile: Edge of a tile, in cells.
        columns: Tiles from west to east.
        rows: Tiles from north to south.
        merged: (first row, last row, factor): in these rows so many tiles are one, which all their columns name.
    """

    left: float
    top: float
    cell: float
    tile: int
    columns: int
    rows: int
    merged: tuple[tuple[int, int, int], ...] = ()

    def bounds(self, row: int, column: int) -> Box:
        """(west, south, east, north) of a tile, to the bit as morecantile computes them."""
        span = 1
        if self.merged:
            span = next((factor for first, last, factor in self.merged if first <= row <= last), 1)
            column -= column % span
        return (
            self.left + column * self.cell * self.tile,
            self.top - (row + 1) * self.cell * self.tile,
            self.left + (column + span) * self.cell * self.tile,
            self.top - row * self.cell * self.tile,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class MatrixSet:
    """A tile matrix set.

    Attributes:
        id: Its identifier.
        title: What people call it.
        uri: Its name in OGC's register, or None.
        crs: Its CRS as `cog.grids.gridmath` names CRSs, x before y; the same name for all that have the same cells.
        code: (authority, code) of its CRS, or None for one in no register.
        axes_swapped: Whether its CRS names y, or latitude, first.
        matrices: By number.
        definition: For titiler, and its document. It is not to be changed.
    """

    id: str
    title: str
    uri: str | None
    crs: str
    code: tuple[str, str] | None
    axes_swapped: bool
    matrices: Mapping[int, Matrix]
    definition: TileMatrixSet

    @cached_property
    def world(self) -> Box:
        """(west, south, east, north) of what it shows, longitudes and latitudes."""
        if self.crs == MERCATOR:
            return _MERCATOR_WORLD
        matrix = self.matrices[min(self.matrices)]
        edge = matrix.cell * matrix.tile
        right, bottom = matrix.left + matrix.columns * edge, matrix.top - matrix.rows * edge
        return box_in_degrees((matrix.left, bottom, right, matrix.top), self.crs)

    @property
    def crs_uri(self) -> str | None:
        """The URI of its CRS; None for one in no register."""
        if self.code is None:
            return None
        authority, code = self.code
        if authority == "OGC":
            return CRS84_URI
        return epsg_uri(int(code)) if authority == "EPSG" else f"http://www.opengis.net/def/crs/{authority}/0/{code}"

    @cached_property
    def crs_member(self) -> Any:
        """Its CRS in JSON documents: its URI, else its definition."""
        return self.crs_uri or self.definition.crs.model_dump(mode="json", exclude_none=True)

    @property
    def crs_urn(self) -> str | None:
        """The URN of its CRS; None for one in no register."""
        if self.code is None:
            return None
        authority, code = self.code
        return "urn:ogc:def:crs:OGC:1.3:CRS84" if authority == "OGC" else f"urn:ogc:def:crs:{authority}::{code}"

    @property
    def is_variable(self) -> bool:
        """Whether tiles are merged in some rows, which WMTS and TileJSON cannot say."""
        return any(matrix.merged for matrix in self.matrices.values())

    def in_crs_order(self, box: Box) -> Box:
        """A box (west, south, east, north) as the CRS orders its axes."""
        return (box[1], box[0], box[3], box[2]) if self.axes_swapped else box


@dataclass(frozen=True, kw_only=True)
class Address:
    """A tile inside its matrix: the set, the matrix's number, row (down) and column (east)."""

    matrix_set: MatrixSet
    matrix: int
    row: int
    column: int

    @property
    def bounds(self) -> Box:
        """(west, south, east, north) of the tile, in the CRS of the set."""
        return self.matrix_set.matrices[self.matrix].bounds(self.row, self.column)


def address(matrix_set: MatrixSet, *, matrix: str, row: str, column: str) -> Address:
    """The tile of a path; raises InvalidParameter for what is no number, TileOutsideMatrix."""
    levels = matrix_set.matrices
    level, line, place = (_number(n, v) for n, v in (("tileMatrix", matrix), ("tileRow", row), ("tileCol", column)))
    if level not in levels:
        first, last = min(levels), max(levels)
        name = matrix_set.id
        raise TileOutsideMatrix(f"tileMatrix {level} is not in {name}, whose matrices are {first} to {last}")
    for name, value, size in (("tileRow", line, levels[level].rows), ("tileCol", place, levels[level].columns)):
        if not 0 <= value < size:
            raise TileOutsideMatrix(f"{name} {value} is outside 0 to {size - 1} of matrix {level} of {matrix_set.id}")
    return Address(matrix_set=matrix_set, matrix=level, row=line, column=place)


def _number(name: str, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise InvalidParameter(name, text, "a whole number is needed")
    if len(text) > _DIGITS:
        raise TileOutsideMatrix(f"{name} is far outside every matrix")
    return int(text)


def footprint_of(where: Address, grid: Grid) -> Footprint | None:
    """Enclose a tile in a box in the CRS of a grid; None where that CRS has no such box."""
    crs, bounds = where.matrix_set.crs, where.bounds
    if not same_crs(crs, grid.crs):
        try:
            bounds = transform_bounds(crs, grid.crs, *bounds, densify_pts=21)
        except CPLE_BaseError:
            return None
    return Footprint(crs=grid.crs, bounds=bounds) if all(map(math.isfinite, bounds)) else None


def draws_from(overview: MosaicOverview, where: Address, size: int | None, grid: Grid) -> bool:
    """Whether a tile, of `size` pixels or the matrix set's own, is drawn from an overview across sheets of a grid."""
    matrix = where.matrix_set.matrices[where.matrix]
    edge, crs = size or matrix.tile, where.matrix_set.crs
    bounds = matrix.bounds(where.row, where.column)
    return crs in SEPARABLE and is_coarse(overview, grid, bounds=bounds, crs=crs, shape=(edge, edge))


def native_matrix(grid: Grid, matrix_set: MatrixSet) -> int:
    """The coarsest matrix whose cells are no larger than the grid's; the finest where its CRS has no such cells."""
    numbers = sorted(matrix_set.matrices)
    try:
        cell = min(native_cell(grid, matrix_set.crs))
    except CPLE_BaseError:
        return numbers[-1]
    fine = [n for n in numbers if matrix_set.matrices[n].cell <= cell * (1 + _ROUNDING)]
    return fine[0] if fine else numbers[-1]


def clipped(bbox: Box, matrix_set: MatrixSet) -> Box:
    """(west, south, east, north) within the set's world; the whole turn for a box across the antimeridian.

    A box beside that world is its nearest edge.
    """
    west, south, east, north = bbox
    left, low, right, high = matrix_set.world
    if west > east or east > 180.0 or west < -180.0 or left > right:
        west, east = (-180.0, 180.0) if left > right else (left, right)
    else:
        west, east = min(max(west, left), right), max(min(east, right), left)
    return west, min(max(south, low), high), east, max(min(north, high), low)


def is_met(bbox: Box, matrix_set: MatrixSet) -> bool:
    """Whether a set shows something of a box in CRS84."""
    west, south, east, north = clipped(bbox, matrix_set)
    return west < east and south < north


def limits(bbox: Box, matrix_set: MatrixSet) -> TileLimits:
    """The tiles of each matrix that a CRS84 box meets; outside the set's world, those nearest."""
    west, south, east, north = box_in_crs(clipped(bbox, matrix_set), matrix_set.crs)
    entries = {}
    for number, matrix in matrix_set.matrices.items():
        edge = matrix.cell * matrix.tile
        rows = _met((matrix.top - north) / edge, (matrix.top - south) / edge, matrix.rows)
        entries[number] = (*rows, *_met((west - matrix.left) / edge, (east - matrix.left) / edge, matrix.columns))
    return entries


def limits_document(bbox: Box, matrix_set: MatrixSet, *, last: int) -> list[dict[str, Any]]:
    """`limits` of the matrices up to `last`, as OGC 17-083r4, 7.3, writes them."""
    names = ("minTileRow", "maxTileRow", "minTileCol", "maxTileCol")
    return [
        {"tileMatrix": str(number)} | dict(zip(names, entry, strict=True))
        for number, entry in sorted(limits(bbox, matrix_set).items())
        if number <= last
    ]


def _met(low: float, high: float, size: int) -> tuple[int, int]:
    """The first and the last tile between two positions, in tiles."""
    first = min(max(math.floor(low + _ROUNDING), 0), size - 1)
    return first, min(max(math.ceil(high - _ROUNDING) - 1, first), size - 1)


def document(matrix_set: MatrixSet) -> dict[str, Any]:
    """A tile matrix set as JSON: TMS 2.0 and, beside it, the members of TMS 1.0 that GDAL 3.6 reads."""
    body: dict[str, Any] = matrix_set.definition.model_dump(mode="json", exclude_none=True, by_alias=True)
    first = [
        {
            "type": "TileMatrixType",
            "identifier": matrix["id"],
            "scaleDenominator": matrix["scaleDenominator"],
            "topLeftCorner": matrix["pointOfOrigin"],
            "tileWidth": matrix["tileWidth"],
            "tileHeight": matrix["tileHeight"],
            "matrixWidth": matrix["matrixWidth"],
            "matrixHeight": matrix["matrixHeight"],
        }
        for matrix in body["tileMatrices"]
    ]
    return body | {
        "id": matrix_set.id,
        "title": matrix_set.title,
        **({"uri": matrix_set.uri} if matrix_set.uri else {}),
        "crs": matrix_set.crs_member,
        "type": "TileMatrixSetType",
        "identifier": matrix_set.id,
        "supportedCRS": matrix_set.crs_member,
        "tileMatrix": first,
    }
