"""Features divided among leaves: files whose row groups are leaves, written in a bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import shapely

from cog.features.geoparquet import GEOMETRY, ROW, schema_of, write_parquet
from cog.features.leaves import leaves_of
from cog.features.placing import turned
from cog.features.predicates import reach_degrees

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from cog.features.leaves import Cut
    from cog.features.placing import FeaturePlacing

SHARED: Final = "_shared"
"""Column: whether the feature is in other leaves too."""
TURNS: Final = "_turn"
"""Column: by how many turns of longitude the geometry was moved, to be compared across the antimeridian."""
BOUNDS: Final = ("_west", "_south", "_east", "_north")
"""Columns: the envelope of the feature, as far as it is looked for; not in files."""
INNER: Final = (ROW, GEOMETRY, SHARED, TURNS)
_HALF: Final = 180.0


@dataclass(frozen=True, kw_only=True)
class LeafRows:
    """Rows of one leaf: a row group of a file of the store."""

    path: str
    group: int
    rows: int


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far from its geometry a feature is looked for.

    Attributes:
        distance: In metres where coordinates are degrees, else in units of the CRS; 0: only where it is.
        is_geographic: Whether coordinates are longitude and latitude.
    """

    distance: float = 0.0
    is_geographic: bool = False

    def widened(self, shapes: NDArray[Any]) -> NDArray[np.float64]:
        """(n, 4) envelopes of geometries, widened; NaN for what has no place."""
        bounds = shapely.bounds(shapes)
        if not self.distance:
            return bounds
        if self.is_geographic:
            return reach_degrees(bounds, self.distance)
        return bounds + np.array([-1, -1, 1, 1]) * self.distance


def placed(table: pa.Table, placing: FeaturePlacing, reach: Reach) -> pa.Table:
    """A table of features as they are compared: geometries placed, with copies across the antimeridian.

    Copies are made where a distance is asked for, which may be shorter that way; the column `_turn` says so.
    """
    shapes, is_other = placing.place(table)
    table = table.append_column(TURNS, pa.array(np.zeros(len(table), dtype="int8")))
    bounds = reach.widened(shapes)
    tables = [_with_bounds(_with_shapes(table, shapes) if is_other else table, bounds)]
    if reach.distance and reach.is_geographic:
        for turn, over in ((1, bounds[:, 0] < -_HALF), (-1, bounds[:, 2] > _HALF)):
            which = np.flatnonzero(over)
            if which.size:
                moved = turned(shapes[which], turn)
                copies = _with_bounds(_with_shapes(table.take(which), moved), reach.widened(moved))
                place = copies.schema.get_field_index(TURNS)
                tables.append(copies.set_column(place, TURNS, pa.array(np.full(which.size, turn, dtype="int8"))))
    return pa.concat_tables(tables)


def _with_shapes(table: pa.Table, shapes: NDArray[Any]) -> pa.Table:
    place = table.schema.get_field_index(GEOMETRY)
    return table.set_column(place, GEOMETRY, pa.array(shapely.to_wkb(shapes), type=pa.binary()))


def _with_bounds(table: pa.Table, bounds: NDArray[np.float64]) -> pa.Table:
    for name, edge in zip(BOUNDS, bounds.T, strict=True):
        table = table.append_column(name, pa.array(edge))
    return table


def _bounds_of(table: pa.Table, reach: Reach) -> tuple[pa.Table, NDArray[np.float64]]:
    """A table without the columns of envelopes, and the envelopes."""
    if BOUNDS[0] in table.schema.names:
        return table.drop_columns(list(BOUNDS)), np.stack([table[name].to_numpy() for name in BOUNDS], axis=1)
    return table, reach.widened(shapely.from_wkb(table[GEOMETRY].to_numpy()))


def write_leaves(path: Path, table: pa.Table, cut: Cut | None, reach: Reach, *, crs: str) -> list[tuple[int, int]]:
    """Write a placed table into a file with a row group for each leaf that has rows.

    Args:
        path: The new file.
        table: Features (`placed`), one at least.
        cut: The leaves.
        reach: How far features are looked for.
        crs: CRS of the geometries, as WKT.

    Returns:
        Leaf and number of rows of each row group, in order.
    """
    table, bounds = _bounds_of(table, reach)
    members, leaves = leaves_of(cut, bounds)
    shared = _is_shared(table, members)
    if SHARED in table.schema.names:
        shared |= table[SHARED].to_numpy()
        table = table.drop_columns(SHARED)
    table = table.append_column(SHARED, pa.array(shared))
    firsts = np.flatnonzero(np.diff(leaves, prepend=-1))
    ends = np.append(firsts[1:], len(leaves))
    ordered = table.take(members)
    with write_parquet(path, schema_of(table.schema, crs), compression="lz4") as writer:
        for first, end in zip(firsts, ends, strict=True):
            rows = ordered.slice(first, end - first)
            writer.write_table(rows.cast(writer.schema), row_group_size=max(1, len(rows)))
    return [(int(leaves[first]), int(end - first)) for first, end in zip(firsts, ends, strict=True)]


def _is_shared(table: pa.Table, members: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows are of features that are written more than once, as copies or in several leaves."""
    if not table[TURNS].to_numpy().any():
        return np.asarray(np.bincount(members, minlength=len(table)) > 1)
    _, features = np.unique(table[ROW].to_numpy(), return_inverse=True)
    return np.asarray((np.bincount(features[members]) > 1)[features])


def gathered(tables: Iterable[pa.Table], most: int) -> Iterator[list[pa.Table]]:
    """Tables in groups of about `most` rows."""
    group: list[pa.Table] = []
    for table in tables:
        group.append(table)
        if sum(map(len, group)) >= most:
            yield group
            group = []
    if group:
        yield group


def sampled_centres(shapes: NDArray[Any]) -> NDArray[np.float64]:
    """(n, 2) centres of the envelopes of geometries, without those that have none."""
    bounds = shapely.bounds(shapes)
    centres = (bounds[:, :2] + bounds[:, 2:]) / 2
    return centres[np.isfinite(centres).all(axis=1)]


def heavy_leaves(counts: Sequence[int], *, times: float = 4.0) -> list[int]:
    """The leaves with more than `times` the mean number of rows."""
    mean = sum(counts) / max(1, len(counts))
    return [leaf for leaf, count in enumerate(counts) if count > times * mean]
