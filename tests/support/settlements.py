"""Synthetic roads and parcels around settlements of very unlike sizes, as joins of a country meet them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from cog.features.geoparquet import schema_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SIDE: Final = 1_000_000.0
"""Metres of the square."""
_SETTLEMENTS: Final = 2_000
_SPREAD: Final = 8_000.0
PLANE: Final = CRS.from_epsg(32650).to_wkt()


def _places(random: np.random.Generator, count: int) -> NDArray[np.float64]:
    """(count, 2) places around settlements whose sizes follow Zipf's law."""
    centres = np.random.default_rng(1).uniform(0, SIDE, (_SETTLEMENTS, 2))
    shares = 1 / np.arange(1, _SETTLEMENTS + 1)
    own = random.choice(_SETTLEMENTS, count, p=shares / shares.sum())
    places: NDArray[np.float64] = centres[own] + random.normal(0, _SPREAD, (count, 2))
    return places


def roads(count: int) -> NDArray[Any]:
    """Lines of 2 to 12 vertices some 50 m apart; one in 50 has steps 15 times as long."""
    random = np.random.default_rng(2)
    steps = random.normal(0, 50, (count, 12, 2)) * np.where(random.random(count) < 0.02, 15, 1)[:, None, None]
    vertices = _places(random, count)[:, None] + steps.cumsum(axis=1)
    kept = np.arange(12) < random.integers(2, 13, count)[:, None]
    lines: NDArray[Any] = shapely.linestrings(vertices[kept], indices=np.repeat(np.arange(count), kept.sum(axis=1)))
    return lines


def parcels(count: int) -> NDArray[Any]:
    """Rotated squares of 10 to 60 m from centre to corner; one in 1,000 is 30 times as large."""
    random = np.random.default_rng(3)
    sizes = random.uniform(10, 60, count) * np.where(random.random(count) < 0.001, 30, 1)
    angles = random.uniform(0, np.pi / 2, count)[:, None] + np.arange(4) * np.pi / 2
    corners = np.stack([np.cos(angles), np.sin(angles)], axis=-1) * sizes[:, None, None]
    return np.asarray(shapely.polygons(_places(random, count)[:, None] + corners))


def write_settlements(folder: Path, count: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Write `roads.parquet` and `parcels.parquet`, GeoParquet in metres; returns the geometries."""
    folder.mkdir(parents=True, exist_ok=True)
    sides = roads(count), parcels(count)
    for name, shapes in zip(("roads", "parcels"), sides, strict=True):
        table = pa.table({"geometry": pa.array(shapely.to_wkb(shapes), type=pa.binary())})
        pq.write_table(table.cast(schema_of(table.schema, PLANE)), folder / f"{name}.parquet")
    return sides
