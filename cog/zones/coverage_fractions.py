"""The fraction of each cell that a polygon covers, by exactextract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from exactextract import exact_extract
from exactextract.feature import Feature, FeatureSource
from exactextract.raster import NumPyRasterSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from config.grids import Grid

Covered = tuple["NDArray[np.int64]", "NDArray[np.float64]"]
"""Flat indices of cells, rising, and the fraction of each that is covered, > 0."""


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


def _covered(answer: dict[str, NDArray[np.float64] | None]) -> Covered:
    cells, fractions = answer["cell_id"], answer["coverage"]
    if cells is None or fractions is None:
        return np.empty(0, dtype="int64"), np.empty(0)
    positive = fractions > 0
    if positive.all():
        return cells.astype("int64", copy=False), fractions
    return cells[positive].astype("int64", copy=False), fractions[positive]
