"""The stages of a join by leaves: divide the features, cut heavy leaves again, join each leaf. Each is many parts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import shapely

from cog.features.geoparquet import GEOMETRY, schema_of, write_parquet
from cog.features.join import LeafCounts, LeafJoin, conformed, join_leaf, read_leaf
from cog.features.leaves import boxes_of_leaves, cut_plane
from cog.features.partition import LeafRows, Reach, gathered, heavy_leaves, placed, sampled_centres, write_leaves
from config.errors import TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from cog.features.geoparquet import FeatureFile
    from cog.features.leaves import Box, Cut
    from cog.features.placing import FeaturePlacing
    from services.compute.executor import Environment
    from services.compute.staging import StagedFile

CELLS_PER_FEATURE: Final = 100
"""Cells whose computation takes as long as that of a feature: a plan of a million features spreads over the cluster."""
FLUSH_ROWS: Final = 262_144
"""Features that are divided at a time: what memory holds of them is some 500 MB."""
MOST_PAIRS: Final = 2_000_000_000
MOST_SAMPLES: Final = 100_000
_MOST_GROUPS: Final = 256
"""Row groups of a side of which a sample is taken."""


@dataclass(frozen=True, kw_only=True)
class DividePart:
    """Some features of a side, to be divided among leaves."""

    side: str
    file: FeatureFile
    properties: tuple[str, ...]
    placing: FeaturePlacing
    reach: Reach
    cut: Cut | None
    cells: int


@dataclass(frozen=True, kw_only=True)
class RecutPart:
    """A heavy leaf, to be cut into `leaves` leaves."""

    leaf: int
    box: Box
    rows: dict[str, tuple[LeafRows, ...]]
    leaves: int
    reach: Reach
    crs: str
    cells: int


@dataclass(frozen=True, kw_only=True)
class Divided:
    """The rows of leaves that a part has written: by side, by number of the leaf.

    Attributes:
        leaf: The leaf that was cut again; None of features that were divided for the first time.
        boxes: The boxes of the leaves that it was cut into.
    """

    rows: dict[str, list[tuple[int, LeafRows]]]
    leaf: int | None = None
    boxes: list[Box] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class LeafPart:
    """A leaf, to be joined; `schema` is that of the answer, with the metadata of GeoParquet."""

    box: Box
    rows: dict[str, tuple[LeafRows, ...]]
    join: LeafJoin
    schema: pa.Schema
    crs: str
    cells: int


@dataclass(frozen=True, kw_only=True)
class JoinedLeaf:
    """What has come out of a leaf.

    Attributes:
        file: The rows of the answer; None where there are none.
        rows: Their number.
        counts: What the leaf knows of its left features.
        shared_file: The left features that are at home here and in other leaves too, where rows of them are due.
    """

    file: StagedFile | None
    rows: int
    counts: LeafCounts
    shared_file: StagedFile | None = None


def sample_side(files: Sequence[FeatureFile], placing: FeaturePlacing) -> NDArray[np.float64]:
    """(n, 2) centres of about `MOST_SAMPLES` / 2 features from all over a side."""
    total = sum(file.count for file in files)
    each = max(1, total // (MOST_SAMPLES // 2))
    groups = [(file, number) for file in files for number in range(len(file.groups))]
    chosen = groups[:: max(1, -(-len(groups) // _MOST_GROUPS))]
    centres = [np.zeros((0, 2))]
    for file, number in chosen:
        for table in file.only(number).batches(()):
            rows = np.arange(0, len(table), each)
            centres.append(sampled_centres(placing.place(table.take(rows))[0]))
    return np.concatenate(centres)


def divide(part: DividePart, environment: Environment) -> Divided:
    """Write the features of a part by leaves."""
    tables = (placed(table, part.placing, part.reach) for table in part.file.batches(part.properties))
    return Divided(
        rows={
            part.side: _written(tables, f"{part.side}-leaves", part.cut, part.reach, part.placing.target, environment)
        }
    )


def recut(part: RecutPart, environment: Environment) -> Divided:
    """Cut a heavy leaf into leaves of equal count."""
    centres = [np.zeros((0, 2))]
    total = sum(each.rows for rows in part.rows.values() for each in rows)
    step = max(1, total // MOST_SAMPLES)
    for rows in part.rows.values():
        for table in read_leaf(rows):
            geometries = table[GEOMETRY].to_numpy()[::step]
            centres.append(sampled_centres(shapely.from_wkb(geometries)))
    x0, y0, x1, y1 = part.box
    inside = np.clip(np.concatenate(centres), [x0, y0], [x1, y1])
    cut = cut_plane(inside, part.leaves)
    rows_of_sides = {
        side: _written(
            read_leaf(rows), f"{side}-recut-{part.leaf}", cut, part.reach if side == "left" else Reach(), part.crs,
            environment,
        )
        for side, rows in part.rows.items()
    }  # fmt: skip
    return Divided(rows=rows_of_sides, leaf=part.leaf, boxes=boxes_of_leaves(cut, part.box))


def _written(
    tables: Iterable[pa.Table], name: str, cut: Cut | None, reach: Reach, crs: str, environment: Environment
) -> list[tuple[int, LeafRows]]:
    """Files of leaves, one for every `FLUSH_ROWS` features: leaf and row group of each."""
    written: list[tuple[int, LeafRows]] = []
    for number, group in enumerate(gathered(tables, FLUSH_ROWS)):
        table = pa.concat_tables(group)
        if len(table):
            written += _written_table(table, f"{name}-{number}.parquet", cut, reach, crs, environment)
    return written


def _written_table(
    table: pa.Table, name: str, cut: Cut | None, reach: Reach, crs: str, environment: Environment
) -> list[tuple[int, LeafRows]]:
    leaves: list[tuple[int, int]] = []
    file = environment.staging.write(name, lambda path: leaves.extend(write_leaves(path, table, cut, reach, crs=crs)))
    path = str(environment.context.store / file.href)
    return [(leaf, LeafRows(path=path, group=place, rows=rows)) for place, (leaf, rows) in enumerate(leaves)]


def rows_by_leaf(results: Sequence[Divided], leaves: int) -> list[dict[str, tuple[LeafRows, ...]]]:
    """The rows of each leaf by side, from all parts that have divided features."""
    by_leaf: list[defaultdict[str, list[LeafRows]]] = [defaultdict(list) for _ in range(leaves)]
    for result in results:
        for side, rows in result.rows.items():
            for leaf, each in rows:
                by_leaf[leaf][side].append(each)
    return [{side: tuple(leaf[side]) for side in ("left", "right")} for leaf in by_leaf]


def features_of(rows: dict[str, tuple[LeafRows, ...]]) -> int:
    """The number of rows of a leaf, of both sides."""
    return sum(each.rows for side in rows.values() for each in side)


def heavy_parts(
    boxes: Sequence[Box], leaves: Sequence[dict[str, tuple[LeafRows, ...]]], reach: Reach, crs: str
) -> list[RecutPart]:
    """The leaves with more than four times the mean, to be cut again."""
    counts = [features_of(rows) for rows in leaves]
    mean = max(1, sum(counts) // max(1, len(counts)))
    return [
        RecutPart(
            leaf=leaf,
            box=boxes[leaf],
            rows=leaves[leaf],
            leaves=-(-counts[leaf] // mean),
            reach=reach,
            crs=crs,
            cells=counts[leaf] * CELLS_PER_FEATURE,
        )
        for leaf in heavy_leaves(counts)
    ]


def join_part(part: LeafPart, environment: Environment) -> JoinedLeaf:
    """Join the features of a leaf and write the rows of the answer."""
    schema = part.schema
    shared_tables: list[pa.Table] = []
    outcome = []
    count = 0

    def write(path: Path) -> None:
        with write_parquet(path, schema) as writer:

            def put(table: pa.Table) -> None:
                nonlocal count
                count += len(table)
                if count > MOST_PAIRS:
                    raise TooLarge(f"a leaf has more than {MOST_PAIRS} rows; ask for how: count, or for fewer features")
                if len(table):
                    writer.write_table(conformed(table, schema))
                    environment.report(50, "Joining")

            outcome.append(
                join_leaf(
                    part.rows["left"], part.rows["right"], part.box, part.join, put=put, put_shared=shared_tables.append
                )
            )

    file = environment.staging.write("pairs.parquet", write)
    [counts] = outcome
    return JoinedLeaf(
        file=file if count else None,
        rows=count,
        counts=counts,
        shared_file=_shared_file(shared_tables, part, environment),
    )


def _shared_file(tables: Sequence[pa.Table], part: LeafPart, environment: Environment) -> StagedFile | None:
    tables = [table for table in tables if len(table)]
    if not tables:
        return None
    table = pa.concat_tables(tables)

    def write(path: Path) -> None:
        with write_parquet(path, schema_of(table.schema, part.crs)) as writer:
            writer.write_table(table.cast(writer.schema))

    return environment.staging.write("shared.parquet", write)
