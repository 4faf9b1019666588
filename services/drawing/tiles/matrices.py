"""The tile matrix sets that tiles are served in, and the arithmetic of tiles within them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import morecantile
from morecantile.defaults import TileMatrixSets
from rasterio._err import CPLE_BaseError
from rasterio.warp import transform_bounds

from cog.grids.gridmath import native_cell, same_crs
from config.errors import InvalidParameter, NotFound, TileOutsideMatrix
from config.vocabulary import CRS84_URI, epsg_uri
from records.datasets.granule_selection import Footprint

if TYPE_CHECKING:
    from morecantile import TileMatrixSet

    from config.grids import Grid

WEB_MERCATOR_QUAD = "WebMercatorQuad"
CRS_NAME = {WEB_MERCATOR_QUAD: "EPSG:3857", "WorldCRS84Quad": "OGC:CRS84"}
"""The CRS of each set as `cog.grids.gridmath` names it."""
IDS = (WEB_MERCATOR_QUAD, "WorldCRS84Quad")
"""Web Mercator first: GDAL's WMTS driver takes the first set."""
SUPPORTED = TileMatrixSets({name: morecantile.tms.get(name) for name in IDS})
CRS_URI = {WEB_MERCATOR_QUAD: epsg_uri(3857), "WorldCRS84Quad": CRS84_URI}

MERCATOR_LATITUDE = 85.0511287798066
_NUMBER = re.compile(r"-?[0-9]+", re.ASCII)
_DIGITS = 10
_ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True)
class Address:
    """A tile inside its matrix: the set's id, the matrix's number, row (down) and column (east)."""

    matrix_set: str
    matrix: int
    row: int
    column: int


def matrix_set(matrix_set_id: str) -> TileMatrixSet:
    """The tile matrix set of that id, which is not to be changed; raises NotFound."""
    if matrix_set_id not in IDS:
        raise NotFound(f"there is no tile matrix set {matrix_set_id[:80]!r} here; it is {' or '.join(IDS)}")
    return _matrix_set(matrix_set_id)


@cache
def _matrix_set(matrix_set_id: str) -> TileMatrixSet:
    return SUPPORTED.get(matrix_set_id)  # a deep copy each time, of a thousand objects


def address(matrix_set_id: str, *, matrix: str, row: str, column: str) -> Address:
    """The tile of a path; raises NotFound, InvalidParameter for what is no number, TileOutsideMatrix."""
    tms = matrices(matrix_set_id)
    level, line, place = (_number(n, v) for n, v in (("tileMatrix", matrix), ("tileRow", row), ("tileCol", column)))
    if not 0 <= level < len(tms):
        raise TileOutsideMatrix(f"tileMatrix {level} is not in {matrix_set_id}, whose matrices are 0 to {len(tms) - 1}")
    for name, value, size in (("tileRow", line, tms[level].rows), ("tileCol", place, tms[level].columns)):
        if not 0 <= value < size:
            raise TileOutsideMatrix(f"{name} {value} is outside 0 to {size - 1} of matrix {level} of {matrix_set_id}")
    return Address(matrix_set=matrix_set_id, matrix=level, row=line, column=place)


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
    """

    left: float
    top: float
    cell: float
    tile: int
    columns: int
    rows: int

    def bounds(self, row: int, column: int) -> tuple[float, float, float, float]:
        """(west, south, east, north) of a tile, to the bit as morecantile computes them."""
        return (
            self.left + column * self.cell * self.tile,
            self.top - (row + 1) * self.cell * self.tile,
            self.left + (column + 1) * self.cell * self.tile,
            self.top - row * self.cell * self.tile,
        )


@cache
def matrices(matrix_set_id: str) -> tuple[Matrix, ...]:
    """The matrices of a set, in the order of their numbers; raises NotFound."""
    return tuple(
        Matrix(
            left=m.pointOfOrigin[0],
            top=m.pointOfOrigin[1],
            cell=m.cellSize,
            tile=m.tileWidth,
            columns=m.matrixWidth,
            rows=m.matrixHeight,
        )
        for m in matrix_set(matrix_set_id).tileMatrices
    )


def _number(name: str, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise InvalidParameter(name, text, "a whole number is needed")
    if len(text) > _DIGITS:
        raise TileOutsideMatrix(f"{name} is far outside every matrix")
    return int(text)


def footprint_of(where: Address, grid: Grid) -> Footprint | None:
    """Enclose a tile in a box in the CRS of a grid; None where that CRS has no such box."""
    crs = CRS_NAME[where.matrix_set]
    bounds = matrices(where.matrix_set)[where.matrix].bounds(where.row, where.column)
    if not same_crs(crs, grid.crs):
        try:
            bounds = transform_bounds(crs, grid.crs, *bounds, densify_pts=21)
        except CPLE_BaseError:
            return None
    return Footprint(crs=grid.crs, bounds=bounds) if all(map(math.isfinite, bounds)) else None


def native_matrix(grid: Grid, matrix_set_id: str) -> int:
    """The coarsest matrix whose cells are no larger than the grid's."""
    tms = matrix_set(matrix_set_id)
    cell = min(native_cell(grid, "OGC:CRS84" if matrix_set_id != WEB_MERCATOR_QUAD else "EPSG:3857"))
    fine = [int(m.id) for m in tms.tileMatrices if m.cellSize <= cell * (1 + _ROUNDING)]
    return fine[0] if fine else int(tms.tileMatrices[-1].id)


def clipped(bbox: tuple[float, float, float, float], matrix_set_id: str) -> tuple[float, float, float, float]:
    """(west, south, east, north) within the set's world; the whole turn for a box across the antimeridian."""
    west, south, east, north = bbox
    if west > east or east > 180.0 or west < -180.0:
        west, east = -180.0, 180.0
    limit = MERCATOR_LATITUDE if matrix_set_id == WEB_MERCATOR_QUAD else 90.0
    return west, min(max(south, -limit), limit), east, max(min(north, limit), -limit)


def limits(bbox: tuple[float, float, float, float], matrix_set_id: str, *, last: int) -> list[dict[str, Any]]:
    """The rows and columns of each matrix up to `last` that a CRS84 box meets (OGC 17-083r4, 7.3)."""
    tms = matrix_set(matrix_set_id)
    west, south, east, north = clipped(bbox, matrix_set_id)
    if matrix_set_id == WEB_MERCATOR_QUAD:
        west, south, east, north = transform_bounds("EPSG:4326", "EPSG:3857", west, south, east, north)
    entries = []
    for matrix in tms.tileMatrices[: last + 1]:
        left, top = matrix.pointOfOrigin
        across, down = matrix.cellSize * matrix.tileWidth, matrix.cellSize * matrix.tileHeight
        rows = _met((top - north) / down, (top - south) / down, matrix.matrixHeight)
        columns = _met((west - left) / across, (east - left) / across, matrix.matrixWidth)
        entries.append(
            {
                "tileMatrix": matrix.id,
                "minTileRow": rows[0],
                "maxTileRow": rows[1],
                "minTileCol": columns[0],
                "maxTileCol": columns[1],
            }
        )
    return entries


def _met(low: float, high: float, size: int) -> tuple[int, int]:
    """The first and the last tile between two positions, in tiles."""
    first = min(max(math.floor(low + _ROUNDING), 0), size - 1)
    return first, min(max(math.ceil(high - _ROUNDING) - 1, first), size - 1)


def document(matrix_set_id: str) -> dict[str, Any]:
    """A tile matrix set as JSON: TMS 2.0 and, beside it, the members of TMS 1.0 that GDAL 3.6 reads."""
    body: dict[str, Any] = matrix_set(matrix_set_id).model_dump(mode="json", exclude_none=True)
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
        "id": matrix_set_id,
        "crs": CRS_URI[matrix_set_id],
        "type": "TileMatrixSetType",
        "identifier": matrix_set_id,
        "supportedCRS": CRS_URI[matrix_set_id],
        "tileMatrix": first,
    }
