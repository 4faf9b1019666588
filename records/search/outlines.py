"""Outlines in the catalogue, of records and of items, as sides of a spatial join: read, or joined by PostGIS."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, text

from records.database.engine import translated_errors
from records.database.orm import DatasetRow, ItemRow, RecordRow
from records.search.search import public

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine, Select

RECORDS: Final = "records"
"""The collection of all records; any other is a dataset, whose items are meant."""
PROPERTIES: Final = {RECORDS: ("id", "title", "type", "dataset"), "": ("id", "time", "level", "part")}
"""Properties of the outlines of records, and of items."""
MOST_JOINED: Final = 100_000
"""Most features of both sides that PostGIS joins."""
_PREDICATES: Final = {
    "intersects": "st_intersects(l.geometry, r.geometry)",
    "within": "st_within(l.geometry, r.geometry)",
    "contains": "st_contains(l.geometry, r.geometry)",
    "crosses": "st_crosses(l.geometry, r.geometry)",
    "touches": "st_touches(l.geometry, r.geometry)",
    "overlaps": "st_overlaps(l.geometry, r.geometry)",
}
_JOIN: Final = "select l.row, r.row from side_left l join side_right r on {} order by l.row, r.row"


@dataclass(frozen=True, kw_only=True)
class Outline:
    """One outline: its geometry as WKB in CRS84, and its properties in the order of `PROPERTIES`."""

    wkb: bytes | None
    properties: tuple[Any, ...]


def properties_of(collection: str) -> tuple[str, ...]:
    """The properties of the outlines of a collection."""
    return PROPERTIES.get(collection, PROPERTIES[""])


def count_outlines(engine: Engine, collection: str) -> int:
    """The number of outlines of a collection."""
    with translated_errors(), engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(_outlines(collection).subquery())) or 0)


def iterate_outlines(engine: Engine, collection: str) -> Iterator[Outline]:
    """The outlines of a collection in the order of their ids; hidden datasets are left out."""
    with translated_errors(), engine.connect() as connection:
        rows = connection.execution_options(stream_results=True, yield_per=1000).execute(_outlines(collection))
        for wkb, *properties in rows:
            yield Outline(wkb=None if wkb is None else bytes(wkb), properties=tuple(properties))


def _outlines(collection: str) -> Select[Any]:
    if collection == RECORDS:
        columns = (RecordRow.id, RecordRow.title, RecordRow.type, RecordRow.dataset_id)
        statement = select(func.st_asbinary(RecordRow.geometry), *columns).where(public())
        return statement.order_by(RecordRow.id)
    items = (ItemRow.id, ItemRow.time, ItemRow.level, ItemRow.part)
    return (
        select(func.st_asbinary(ItemRow.geometry), *items)
        .join(DatasetRow, DatasetRow.id == ItemRow.dataset_id)
        .where(ItemRow.dataset_id == collection, ~DatasetRow.hidden)
        .order_by(ItemRow.moment, ItemRow.id)
    )


def joined_rows(
    engine: Engine, left: Sequence[bytes | None], right: Sequence[bytes | None], *, predicate: str
) -> list[tuple[int, int]]:
    """Pairs of numbers of geometries (WKB, x and y in a plane) for which a predicate holds, by PostGIS, in order."""
    with translated_errors(), _sides(engine, left, right) as connection:
        return [(row[0], row[1]) for row in connection.execute(text(_JOIN.format(_PREDICATES[predicate])))]


@contextmanager
def _sides(engine: Engine, left: Sequence[bytes | None], right: Sequence[bytes | None]) -> Iterator[Connection]:
    """A transaction in which the two sides are temporary tables with an index."""
    with engine.begin() as connection:
        connection.execute(text("set local jit = off"))
        for name, geometries in (("side_left", left), ("side_right", right)):
            connection.execute(text(f"create temporary table {name} (row bigint, geometry geometry) on commit drop"))
            driver = connection.connection.cursor()
            with driver.copy(f"copy {name} (row, geometry) from stdin") as copy:
                for number, wkb in enumerate(geometries):
                    if wkb is not None:
                        copy.write_row((number, wkb.hex()))
            connection.execute(text(f"create index on {name} using gist (geometry)"))
            connection.execute(text(f"analyze {name}"))
        yield connection
