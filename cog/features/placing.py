"""The geometries of tables of features in one CRS, valid, and within one turn of longitudes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from pyproj import CRS, Transformer

from cog.features.geoparquet import GEOMETRY, ROW
from config.errors import InvalidInput

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

TURN: Final = 360.0
_HALF: Final = 180.0
_FAR: Final = 1e-9
_AREAS: Final = (3, 6, 7)
"""shapely's type ids of Polygon, MultiPolygon and GeometryCollection: what may be invalid."""


@dataclass(frozen=True, kw_only=True)
class FeaturePlacing:
    """The way from the geometries of a file to those that are compared.

    Attributes:
        name: What the features are called in messages.
        source: CRS of the file, as WKT.
        target: CRS in which they are compared, as WKT.
        repair: Make valid what is not; else it is refused.
    """

    name: str
    source: str
    target: str
    repair: bool = False

    @property
    def is_geographic(self) -> bool:
        """Whether coordinates are longitudes and latitudes."""
        return _is_geographic(self.target)

    def place(self, table: pa.Table) -> tuple[NDArray[Any], bool]:
        """The geometries of a table with `geometry` and `row`, and whether they are other than those of the table.

        Raises InvalidInput naming the feature that is bad.
        """
        rows = table[ROW].to_numpy()
        try:
            stored = shapely.from_wkb(table[GEOMETRY].to_numpy())
        except shapely.errors.GEOSException as error:
            raise InvalidInput(f"{self.name}: a geometry among features {rows[0]} to {rows[-1]} is no WKB") from error
        flat = shapely.force_2d(stored) if shapely.has_z(stored).any() else stored
        shapes = self.moved(self._valid(flat, rows), rows)
        shapes = within_one_turn(shapes, rows, self.name) if self.is_geographic else shapes
        return shapes, shapes is not stored

    def _valid(self, shapes: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
        areas = np.isin(shapely.get_type_id(shapes), _AREAS)
        bad = np.flatnonzero(areas)[~shapely.is_valid(shapes[areas])]
        if not bad.size:
            return shapes
        if not self.repair:
            reason = shapely.is_valid_reason(shapes[bad[0]])
            raise InvalidInput(
                f"{self.name}: feature {rows[bad[0]]} is not valid: {reason}; correct it, or set repair to true"
            )
        shapes = shapes.copy()
        shapes[bad] = shapely.make_valid(shapes[bad])
        return shapes

    def moved(self, shapes: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
        """Geometries of these numbers in the target's CRS, vertex by vertex; raises InvalidInput."""
        transformer = _transformer(self.source, self.target)
        if transformer is None:
            return shapes
        moved = shapely.transform(shapes, lambda places: np.stack(transformer.transform(*places.T), axis=1))
        bounds = shapely.bounds(moved)
        lost = np.flatnonzero(
            ~np.isfinite(bounds).all(axis=1) & ~shapely.is_empty(shapes) & ~shapely.is_missing(shapes)
        )
        if lost.size:
            raise InvalidInput(f"{self.name}: feature {rows[lost[0]]} has no place in the other CRS")
        return moved


@lru_cache(maxsize=8)
def _is_geographic(crs: str) -> bool:
    return bool(CRS.from_wkt(crs).is_geographic)


@lru_cache(maxsize=8)
def _transformer(source: str, target: str) -> Transformer | None:
    first, second = CRS.from_wkt(source), CRS.from_wkt(target)
    if first.equals(second, ignore_axis_order=True):
        return None
    return Transformer.from_crs(first, second, always_xy=True)


def turned(shapes: Any, turns: int) -> Any:
    """Geometries in degrees, moved eastward by whole turns."""
    return shapely.transform(shapes, lambda places: places + np.array([turns * TURN, 0.0]))


def within_one_turn(shapes: NDArray[Any], rows: NDArray[np.int64], name: str) -> NDArray[Any]:
    """Geometries with longitudes of -180 to 180: what reaches beyond is cut there and goes on at the other side."""
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        outside = (np.abs(bounds[:, (1, 3)]) > 90 + _FAR).any(axis=1) | (np.abs(bounds[:, (0, 2)]) > 2 * TURN).any(
            axis=1
        )
        beyond = np.flatnonzero((bounds[:, 0] < -_HALF - _FAR) | (bounds[:, 2] > _HALF + _FAR))
    if outside.any():
        number = int(np.flatnonzero(outside)[0])
        raise InvalidInput(
            f"{name}: feature {rows[number]} lies within {bounds[number].tolist()} (west, south, east, north); "
            "longitude and latitude in degrees are needed"
        )
    if not beyond.size:
        return shapes
    shapes = shapes.copy()
    world = shapely.box(-_HALF, -90.0, _HALF, 90.0)
    for place in beyond.tolist():
        pieces = [shapely.intersection(turned(shapes[place], turns), world) for turns in range(-2, 3)]
        shapes[place] = shapely.union_all([piece for piece in pieces if not piece.is_empty])
    return shapes
