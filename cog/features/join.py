"""The join of two sets of features within one leaf: an STRtree over the right ones, chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from cog.features.geoparquet import GEOMETRY, ROW
from cog.features.leaves import holds
from cog.features.partition import INNER, SHARED, TURNS, gathered
from cog.features.placing import turned
from cog.features.predicates import distances
from config.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from cog.features.leaves import Box
    from cog.features.partition import LeafRows, Reach
    from cog.features.predicates import Predicate

How = Literal["inner", "left", "count"]
CHUNK_ROWS: Final = 131_072
LEFT, RIGHT, COUNT, DISTANCE = "left", "right", "count", "distance_m"
"""Columns of the answer: the numbers of the features, how many there are, and how far apart they are."""


@dataclass(frozen=True, kw_only=True)
class LeafJoin:
    """The question that is put to each leaf.

    Attributes:
        predicate: What is asked of a left and a right geometry.
        reach: How far from its geometry a left feature is looked for.
        how: Pairs; pairs and the left features without any; or left features with the number of their pairs.
        with_geometry: Whether rows carry the geometry of the left feature.
    """

    predicate: Predicate
    reach: Reach
    how: How = "inner"
    with_geometry: bool = True

    @property
    def has_distance(self) -> bool:
        """Whether pairs have a distance."""
        return self.predicate == "dwithin"


@dataclass(frozen=True, kw_only=True)
class LeafCounts:
    """What a leaf knows of its left features.

    Attributes:
        pairs: Number of pairs that count here.
        unmatched: Number of left features without pair that are in no other leaf.
        shared: Numbers of the features of this leaf that are in others too and have pairs here.
        shared_pairs: How many pairs each of those has here.
        shared_home: Numbers of the features that are at home here and in other leaves too.
    """

    pairs: int
    unmatched: int
    shared: NDArray[np.int64]
    shared_pairs: NDArray[np.int64]
    shared_home: NDArray[np.int64]


def read_leaf(rows: Sequence[LeafRows], *, most: int = CHUNK_ROWS) -> Iterator[pa.Table]:
    """The rows of a leaf in tables of about `most` rows."""

    def each() -> Iterator[pa.Table]:
        for part in rows:
            with pq.ParquetFile(part.path) as file:
                for batch in file.iter_batches(most, row_groups=[part.group]):
                    yield pa.Table.from_batches([batch])

    for group in gathered(each(), most):
        yield pa.concat_tables(group)


def join_leaf(
    left: Sequence[LeafRows],
    right: Sequence[LeafRows],
    box: Box,
    join: LeafJoin,
    *,
    put: Callable[[pa.Table], None],
    put_shared: Callable[[pa.Table], None],
) -> LeafCounts:
    """Join the features of a leaf; what is in memory at once is a chunk of each side.

    Args:
        left: The left features of the leaf.
        right: The right ones.
        box: The leaf.
        join: The question.
        put: Takes the rows of the answer.
        put_shared: Takes the left features whose home is here and which are in other leaves too: how many pairs they
            have is known when all leaves are done.
    """
    pairs = unmatched = 0
    nothing = np.zeros(0, dtype="int64")
    rows_shared, counts_shared, rows_home = [nothing], [nothing], [nothing]
    trees = _Trees(right)
    for table in read_leaf(left):
        shapes = shapely.from_wkb(table[GEOMETRY].to_numpy())
        counts = np.zeros(len(table), dtype="int64")
        for other, tree in trees:
            matches = _matches(table, shapes, other, tree, box, join)
            counts += np.bincount(matches.left, minlength=len(table))
            if join.how != "count" and len(matches.left):
                put(pair_rows(table, other, matches, join))
        pairs += int(counts.sum())
        shared = table[SHARED].to_numpy()
        home = _is_home(shapes, box, join.reach) & (table[TURNS].to_numpy() == 0)
        unmatched += int((home & ~shared & (counts == 0)).sum())
        has = shared & (counts > 0)
        rows_shared.append(table[ROW].to_numpy()[has])
        counts_shared.append(counts[has])
        rows_home.append(table[ROW].to_numpy()[home & shared])
        if join.how != "inner":
            _put_rest(table, home, shared, counts, join, put=put, put_shared=put_shared)
    return LeafCounts(
        pairs=pairs,
        unmatched=unmatched,
        shared=np.concatenate(rows_shared),
        shared_pairs=np.concatenate(counts_shared),
        shared_home=np.concatenate(rows_home),
    )


def _put_rest(
    table: pa.Table,
    home: NDArray[np.bool_],
    shared: NDArray[np.bool_],
    counts: NDArray[np.int64],
    join: LeafJoin,
    *,
    put: Callable[[pa.Table], None],
    put_shared: Callable[[pa.Table], None],
) -> None:
    """The left features with their counts, or those without pair; shared ones apart."""
    is_left = home & ~shared & ((counts == 0) if join.how == "left" else True)
    put(left_rows(table, np.flatnonzero(is_left), join, counts[is_left]))
    put_shared(table.take(np.flatnonzero(home & shared)))


def left_rows(table: pa.Table, which: NDArray[np.int64], join: LeafJoin, counts: NDArray[np.int64]) -> pa.Table:
    """Rows of the answer that are of left features alone: with a count, or without a pair."""
    columns = _side(table, which, "left")
    columns |= {COUNT: pa.array(counts)} if join.how == "count" else {}
    return _finished(columns, table, which, join)


@dataclass(frozen=True, kw_only=True)
class Matches:
    """Pairs of features of two tables: places in the tables, and distances in metres where they are asked for."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    metres: NDArray[np.float64] | None = None

    def kept(self, keep: NDArray[Any]) -> Matches:
        """Those pairs that a mask or places name."""
        metres = None if self.metres is None else self.metres[keep]
        return Matches(left=self.left[keep], right=self.right[keep], metres=metres)


class _Trees:
    """The chunks of the right features with their trees; the only one, if it is one, is kept."""

    def __init__(self, rows: Sequence[LeafRows]) -> None:
        self._rows = rows
        self._kept: list[tuple[pa.Table, shapely.STRtree]] | None = None

    def __iter__(self) -> Iterator[tuple[pa.Table, shapely.STRtree]]:
        if self._kept is not None:
            yield from self._kept
            return
        chunks = 0
        last = None
        for table in read_leaf(self._rows):
            last = (table, shapely.STRtree(shapely.from_wkb(table[GEOMETRY].to_numpy())))
            chunks += 1
            yield last
        if chunks <= 1:
            self._kept = [last] if last else []


def _matches(
    table: pa.Table, shapes: NDArray[Any], other: pa.Table, tree: shapely.STRtree, box: Box, join: LeafJoin
) -> Matches:
    reach = join.reach
    wide = reach.widened(shapes)
    try:
        if join.predicate != "dwithin":
            places = tree.query(shapes, predicate=join.predicate)
        elif reach.is_geographic:
            places = tree.query(shapely.box(*wide.T))
        else:
            places = tree.query(shapes, predicate="dwithin", distance=reach.distance)
    except shapely.errors.GEOSException as error:
        raise InvalidInput(f"two geometries cannot be compared: {error}; set repair to true") from error
    matches = Matches(left=places[0], right=places[1])
    corner = np.maximum(wide[matches.left, :2], shapely.bounds(tree.geometries)[matches.right, :2])
    matches = matches.kept(holds(box, corner[:, 0], corner[:, 1]))
    if join.has_distance:
        matches = _within_distance(table, shapes, tree.geometries, matches, reach)
    return matches.kept(np.lexsort((other[ROW].to_numpy()[matches.right], table[ROW].to_numpy()[matches.left])))


def _within_distance(
    table: pa.Table, shapes: NDArray[Any], others: NDArray[Any], matches: Matches, reach: Reach
) -> Matches:
    """The pairs that are near enough, each by its shortest way round the globe."""
    left, right = shapes[matches.left], others[matches.right]
    if not reach.is_geographic:
        return Matches(left=matches.left, right=matches.right, metres=shapely.distance(left, right))
    metres = distances(left, right)
    near = metres <= reach.distance
    turns = table[TURNS].to_numpy()[matches.left]
    for turn in (1, -1):  # the way across counts only where the way that does not cross is too far
        moved = np.flatnonzero(near & (turns == turn))
        if moved.size:
            straight = turned(left[moved], -turn)
            meet = shapely.intersects(shapely.box(*reach.widened(straight).T), shapely.envelope(right[moved]))
            near[moved] = ~meet | (distances(straight, right[moved]) > reach.distance)
    return Matches(left=matches.left, right=matches.right, metres=metres).kept(near)


def _is_home(shapes: NDArray[Any], box: Box, reach: Reach) -> NDArray[np.bool_]:
    """Which features have the south-west corner of their envelope in the leaf: each is at home in one."""
    bounds = reach.widened(shapes)
    return holds(box, bounds[:, 0], bounds[:, 1])


def pair_rows(table: pa.Table, other: pa.Table, matches: Matches, join: LeafJoin) -> pa.Table:
    """Rows of the answer that are pairs of features of two tables."""
    columns = _side(table, matches.left, LEFT) | _side(other, matches.right, RIGHT)
    if matches.metres is not None:
        columns[DISTANCE] = pa.array(matches.metres)
    return _finished(columns, table, matches.left, join)


def _side(table: pa.Table, which: NDArray[np.int64], side: str) -> dict[str, Any]:
    properties = [name for name in table.schema.names if name not in INNER]
    taken = table.select([ROW, *properties]).take(which)
    return {side: taken[ROW]} | {f"{side}_{name}": taken[name] for name in properties}


def _finished(columns: dict[str, Any], table: pa.Table, which: NDArray[np.int64], join: LeafJoin) -> pa.Table:
    if join.with_geometry:
        columns[GEOMETRY] = table[GEOMETRY].take(pa.array(which))
    return pa.table(columns)


def answer_schema(left: pa.Schema, right: pa.Schema, join: LeafJoin) -> pa.Schema:
    """The columns of the answer, from the tables of the two sides."""
    fields = [pa.field(LEFT, pa.int64()), *_prefixed(left, LEFT)]
    if join.how == "count":
        fields.append(pa.field(COUNT, pa.int64()))
    else:
        fields += [pa.field(RIGHT, pa.int64()), *_prefixed(right, RIGHT)]
        fields += [pa.field(DISTANCE, pa.float64())] if join.has_distance else []
    return pa.schema([*fields, *([pa.field(GEOMETRY, pa.binary())] if join.with_geometry else [])])


def _prefixed(schema: pa.Schema, side: str) -> list[pa.Field]:
    return [pa.field(f"{side}_{field.name}", field.type) for field in schema if field.name not in INNER]


def conformed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table with the columns of a schema; those that it lacks are null."""
    names = set(table.schema.names)
    columns = [table[field.name] if field.name in names else pa.nulls(len(table), field.type) for field in schema]
    return pa.Table.from_arrays(columns, names=schema.names).cast(schema)
