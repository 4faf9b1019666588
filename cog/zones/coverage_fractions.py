"""How much of each cell a polygon covers, by exactextract."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from exactextract import exact_extract
from exactextract.feature import Feature, FeatureSource
from exactextract.raster import NumPyRasterSource

from cog.grids.ellipsoid import cell_areas

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from config.grids import Grid

Covered = tuple["NDArray[np.int64]", "NDArray[np.float64]"]
"""Flat indices of cells, rising, and how much of each is covered, > 0: its fraction, or an area in square metres."""

_MOST_FINE_CELLS = 4_000_000
_AREA_ERROR = 1e-6
"""Of the area of a cell: what its part may be off, while the cells are few enough to be cut that finely."""


class _Polygon(Feature):  # type: ignore[misc]  # exactextract has no types
    """A feature that is a geometry alone."""

    def __init__(self, geometry: BaseGeometry) -> None:
        super().__init__()
        self._wkb = shapely.to_wkb(geometry)

    def geometry(self) -> bytes:
        return self._wkb

    def fields(self) -> list[str]:
        return []


class _Polygons(FeatureSource):  # type: ignore[misc]
    """Geometries as exactextract iterates over them."""

    def __init__(self, geometries: Sequence[BaseGeometry]) -> None:
        super().__init__()
        self._geometries = geometries

    def count(self) -> int:
        return len(self._geometries)

    def __iter__(self) -> Iterator[_Polygon]:
        return map(_Polygon, self._geometries)

    def srs_wkt(self) -> None:
        return None


def coverage_fractions(geometries: Sequence[BaseGeometry], grid: Grid) -> list[Covered]:
    """The cells of an upright, north-up grid that each polygon covers; coordinates are those of the grid.

    The fractions are exact apart from their float32 storage in exactextract.
    """
    west, south, east, north = grid.bounds
    blank = np.zeros((grid.height, grid.width), dtype="uint8")
    source = NumPyRasterSource(blank, west, south, east, north)
    results = exact_extract(source, _Polygons(geometries), ["cell_id", "coverage"])
    return [_covered(feature["properties"]) for feature in results]


def coverage_areas(geometries: Sequence[BaseGeometry], grid: Grid) -> list[Covered]:
    """The cells of an upright geographic grid that each polygon covers, and the area of the very part in square metres.

    Half of a cell between two parallels is not half of its area. Cells are cut into so many rows that it matters no
    more: by the midpoint rule the error falls with the square of their number.
    """
    cuts = _cuts(grid)
    a, b, c, d, e, f = grid.transform
    fine = replace(grid, transform=(a, b, c, d, e / cuts, f), height=grid.height * cuts)
    areas = cell_areas(fine)
    return [
        _gathered(cells, fractions * areas[cells // grid.width], columns=grid.width, cuts=cuts)
        for cells, fractions in coverage_fractions(geometries, fine)
    ]


def _cuts(grid: Grid) -> int:
    """Into how many rows to cut each row of a geographic grid."""
    edges = np.clip(grid.transform[5] + grid.transform[4] * np.arange(grid.height + 1), -90.0, 90.0)
    widths = np.cos(np.radians(edges))
    change = float((np.abs(np.diff(widths)) / np.maximum((widths[1:] + widths[:-1]) / 2, 1e-12)).max())
    return max(1, min(math.ceil(math.sqrt(change / 8 / _AREA_ERROR)), _MOST_FINE_CELLS // (grid.width * grid.height)))


def _gathered(cells: NDArray[np.int64], areas: NDArray[np.float64], *, columns: int, cuts: int) -> Covered:
    """The cells that are cut, of the rows that they were cut into."""
    whole, inverse = np.unique(cells // (columns * cuts) * columns + cells % columns, return_inverse=True)
    sums = np.bincount(inverse, weights=areas, minlength=len(whole))
    positive = sums > 0
    return whole[positive], sums[positive]


def _covered(answer: dict[str, NDArray[np.float64] | None]) -> Covered:
    cells, fractions = answer["cell_id"], answer["coverage"]
    if cells is None or fractions is None:
        return np.empty(0, dtype="int64"), np.empty(0)
    positive = fractions > 0
    if positive.all():
        return cells.astype("int64", copy=False), fractions
    return cells[positive].astype("int64", copy=False), fractions[positive]
