"""Engines that join both sides in one statement: PostGIS, SedonaDB, and Apache Sedona on Spark.

The features come as the first stage has written them, placed and in one leaf. `l` and `r` of a statement are tables
with the columns `row`, `geometry` and the properties.
"""

from __future__ import annotations

from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cog.features.geoparquet import GEOMETRY, ROW, write_parquet
from cog.features.join import LEFT, RIGHT, LeafCounts, Matches, conformed, left_rows, pair_rows, read_leaf
from config.errors import InvalidInput, TooLarge
from records.search.outlines import MOST_JOINED, joined_rows
from services.processes.join.stages import JoinedLeaf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from cog.features.partition import LeafRows
    from services.compute.executor import Environment
    from services.processes.join.question import JoinQuestion

NOTHING: Final = np.zeros(0, dtype="int64")
_RUNNERS: Final = {
    "sedonadb": "services.processes.join.sedona_db:run_statement",
    "sedona": "services.processes.join.sedona_spark:run_statement",
}
"""Where the engines are that may not be installed."""


@dataclass(frozen=True, kw_only=True)
class StatementPart:
    """A join that one engine does at once."""

    question: JoinQuestion
    rows: dict[str, tuple[LeafRows, ...]]
    schema: pa.Schema
    cells: int


def join_by_statement(part: StatementPart, environment: Environment) -> JoinedLeaf:
    """Join both sides; raises InvalidInput or TooLarge where the engine does not take them."""
    for side, rows in part.rows.items():
        if not rows:
            raise InvalidInput(f"{side}: there are no features")
    environment.report(10, f"Joining by {part.question.engine}")
    total = 0
    pairs = np.zeros(max(_numbers(part.rows["left"])) + 1, dtype="int64")

    def write(path: Path) -> None:
        nonlocal total
        with environment.staging.scratch() as folder, write_parquet(path, part.schema) as writer:

            def put(table: pa.Table) -> None:
                nonlocal total
                if len(table):
                    writer.write_table(conformed(table, part.schema))
                    total += len(table)

            for table in _pairs(part, folder, environment):
                np.add.at(pairs, table[LEFT].to_numpy(), 1)
                if part.question.join.how != "count":
                    put(table)
            if part.question.join.how != "inner":
                _put_left(part, pairs, put)

    file = environment.staging.write("pairs.parquet", write)
    unmatched = sum(int((pairs[list(_numbers([each]))] == 0).sum()) for each in part.rows["left"])
    counts = LeafCounts(
        pairs=int(pairs.sum()), unmatched=unmatched, shared=NOTHING, shared_pairs=NOTHING, shared_home=NOTHING
    )
    return JoinedLeaf(file=file if total else None, rows=total, counts=counts)


def _numbers(rows: Sequence[LeafRows]) -> Iterator[int]:
    """The numbers of the features in some rows."""
    for each in rows:
        with pq.ParquetFile(each.path) as file:
            yield from file.read_row_group(each.group, columns=[ROW])[ROW].to_pylist()


def _put_left(part: StatementPart, pairs: NDArray[np.int64], put: Callable[[pa.Table], None]) -> None:
    """Left features with their number of pairs, or those without any."""
    join = part.question.join
    for table in read_leaf(part.rows["left"]):
        own = pairs[table[ROW].to_numpy()]
        wanted = np.arange(len(own)) if join.how == "count" else np.flatnonzero(own == 0)
        put(left_rows(table, wanted, join, own[wanted]))


def _pairs(part: StatementPart, folder: Path, environment: Environment) -> Iterator[pa.Table]:
    if part.question.engine == "postgis":
        yield _pairs_of_postgis(part, environment)
        return
    run: Callable[..., Iterable[pa.Table]] = resolve_name(_RUNNERS[part.question.engine])
    paths = {side: sorted({each.path for each in rows}) for side, rows in part.rows.items()}
    yield from run(_statement(part), paths, folder, environment.context.settings)


def _statement(part: StatementPart) -> str:
    """The pairs as SQL, with the properties that the answer keeps; names of properties are quoted by `{quote}`."""
    join = part.question.join
    columns = [f"l.{ROW} as {{quote}}{LEFT}{{quote}}", f"r.{ROW} as {{quote}}{RIGHT}{{quote}}"]
    if join.how != "count":
        for side, alias in ((LEFT, "l"), (RIGHT, "r")):
            names = [name.removeprefix(f"{side}_") for name in part.schema.names if name.startswith(f"{side}_")]
            columns += [f"{alias}.{_quoted(name)} as {_quoted(f'{side}_{name}')}" for name in names]
        columns += [f"st_asbinary(l.{GEOMETRY}) as {GEOMETRY}"] if join.with_geometry else []
    condition = f"st_{join.predicate}(l.{GEOMETRY}, r.{GEOMETRY})"
    return " ".join(["select", ", ".join(columns), "from l join r on", condition])


def _quoted(name: str) -> str:
    if not name.replace(" ", "_").isidentifier():
        raise InvalidInput(f"the property {name!r:.80} cannot be named in this engine; use the engine local")
    return f"{{quote}}{name}{{quote}}"


def _pairs_of_postgis(part: StatementPart, environment: Environment) -> pa.Table:
    count = sum(each.rows for rows in part.rows.values() for each in rows)
    if count > MOST_JOINED:
        raise TooLarge(f"{count} features are more than {MOST_JOINED} for PostGIS; use the engine local or cluster")
    left, right = (pa.concat_tables(list(read_leaf(part.rows[side]))) for side in ("left", "right"))
    engine = environment.context.catalogue.repository.engine
    geometries = [table[GEOMETRY].to_pylist() for table in (left, right)]
    rows = joined_rows(engine, geometries[0], geometries[1], predicate=part.question.join.predicate)
    places = np.array(rows, dtype="int64").reshape(-1, 2)
    return pair_rows(left, right, Matches(left=places[:, 0], right=places[:, 1]), part.question.join)
