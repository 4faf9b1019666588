"""The tile matrix sets as WMTS names and describes them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from services.drawing.tiles.extents import box_in_crs
from services.drawing.tiles.matrices import clipped, is_met, limits, native_matrix
from services.drawing.tiles.matrix_sets import PLAIN, WEB_MERCATOR_QUAD
from services.ows.markup import element, leaf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config.grids import Grid
    from services.drawing.tiles.extents import Box
    from services.drawing.tiles.matrices import MatrixSet, TileLimits
    from services.drawing.tiles.matrix_sets import MatrixSets

GOOGLE: Final = "GoogleMapsCompatible"
ALIASES: Final = {
    GOOGLE: WEB_MERCATOR_QUAD,
    "WholeWorld_WebMercator": WEB_MERCATOR_QUAD,
    "w": WEB_MERCATOR_QUAD,
    "c": "CGCS2000Quad",
}
"""Names by which clients ask for sets, and ours. GoogleMapsCompatible is listed, for clients that know no other;
ArcGIS and programs written for Tianditu ask for the others unasked. No set has a WellKnownScaleSet, whose CRS would
have to be named in a way that clients refuse."""
_KEPT: Final = 2048
"""Limits and links that are kept: datasets on the same grid have the same."""


def limits_of(bbox: Box, matrix_set: MatrixSet) -> TileLimits:
    """The tiles of every matrix of a set that meet a box in CRS84."""
    return _limits(bbox, matrix_set)


@lru_cache(maxsize=_KEPT)
def _limits(bbox: Box, matrix_set: MatrixSet) -> TileLimits:
    return limits(bbox, matrix_set)


def served_sets(sets: MatrixSets) -> list[MatrixSet]:
    """The sets that WMTS can express: those whose rows have all the same tiles, and whose CRS has a name."""
    return [entry for entry in sets if entry.crs_urn is not None and not entry.is_variable]


def common_sets(sets: MatrixSets) -> list[MatrixSet]:
    """The sets that the catalogue's capabilities link each layer with: the plain ones and the operator's own."""
    own = {entry.id for entry in sets.own}
    return [entry for entry in served_sets(sets) if entry.id in PLAIN or entry.id in own]


def set_elements(sets: Iterable[MatrixSet]) -> str:
    """The TileMatrixSet elements."""
    return "".join(_set_element(name, entry) for entry in sets for name in _names(entry))


def set_links(bbox: Box, grid: Grid, sets: Iterable[MatrixSet]) -> str:
    """Links of data in a box and on a grid with the sets that show some of it."""
    return "".join(_set_links(bbox, grid, entry) for entry in sets if is_met(bbox, entry))


def boxes(bbox: Box, sets: Iterable[MatrixSet]) -> str:
    """The ows:BoundingBox of data in each set that is neither plain: without it QGIS and GDAL find no polar layer."""
    return "".join(_box(bbox, entry) for entry in sets if entry.id not in PLAIN and is_met(bbox, entry))


@lru_cache(maxsize=_KEPT)
def _box(bbox: Box, matrix_set: MatrixSet) -> str:
    first = matrix_set.matrices[min(matrix_set.matrices)]
    edge = first.cell * first.tile
    west, south, east, north = box_in_crs(clipped(bbox, matrix_set), matrix_set.crs)
    west, east = max(west, first.left), min(east, first.left + first.columns * edge)
    south, north = max(south, first.top - first.rows * edge), min(north, first.top)
    low_x, low_y, high_x, high_y = matrix_set.in_crs_order((west, south, east, north))
    corners = leaf("ows:LowerCorner", f"{low_x!r} {low_y!r}") + leaf("ows:UpperCorner", f"{high_x!r} {high_y!r}")
    return element("ows:BoundingBox", corners, {"crs": str(matrix_set.crs_urn)})


def _names(matrix_set: MatrixSet) -> tuple[str, ...]:
    return (matrix_set.id, GOOGLE) if matrix_set.id == WEB_MERCATOR_QUAD else (matrix_set.id,)


@lru_cache(maxsize=_KEPT)
def _set_links(bbox: Box, grid: Grid, matrix_set: MatrixSet) -> str:
    """A set, and the tiles of it that meet the data down to their own resolution; without limits where all do."""
    limits = limits_of(bbox, matrix_set)
    is_whole = all((0, level.rows - 1, 0, level.columns - 1) == limits[n] for n, level in matrix_set.matrices.items())
    names = ("MinTileRow", "MaxTileRow", "MinTileCol", "MaxTileCol")
    last = native_matrix(grid, matrix_set)
    rows = "".join(
        element(
            "TileMatrixLimits",
            leaf("TileMatrix", number)
            + "".join(leaf(key, value) for key, value in zip(names, limits[number], strict=True)),
        )
        for number in sorted(limits)
        if number <= last
    )
    inner = "" if is_whole else element("TileMatrixSetLimits", rows)
    return "".join(element("TileMatrixSetLink", leaf("TileMatrixSet", name) + inner) for name in _names(matrix_set))


@lru_cache(maxsize=256)
def _set_element(name: str, matrix_set: MatrixSet) -> str:
    rows = "".join(
        element(
            "TileMatrix",
            leaf("ows:Identifier", matrix.id)
            + leaf("ScaleDenominator", repr(matrix.scaleDenominator))
            + leaf("TopLeftCorner", " ".join(repr(number) for number in matrix.pointOfOrigin))
            + leaf("TileWidth", matrix.tileWidth)
            + leaf("TileHeight", matrix.tileHeight)
            + leaf("MatrixWidth", matrix.matrixWidth)
            + leaf("MatrixHeight", matrix.matrixHeight),
        )
        for matrix in matrix_set.definition.tileMatrices
    )
    names = leaf("ows:Identifier", name) + leaf("ows:SupportedCRS", matrix_set.crs_urn)
    return element("TileMatrixSet", names + rows)
