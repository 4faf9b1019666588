"""Loading many records at once, and making anew what they are searched by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import text

from records.search import search
from records.search.facets import parse_facets
from records.search.parameters import RecordQuery
from records.writing import bulk
from records.writing.reindex import reindex
from tests.support.records import add, document

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

_ROWS = "select id, title, document, tokens, rank, sample, st_astext(geometry), time_start, time_end from records"


_INDEXES = """
select indexrelid::regclass::text, pg_get_indexdef(indexrelid),
  array(select attstattarget from pg_attribute where attrelid = indexrelid order by attnum)
from pg_index where indrelid = 'records'::regclass order by 1
"""


def _indexes(engine: Engine) -> list[tuple[object, ...]]:
    """The name, definition and statistics of every index of the records."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(_INDEXES))]


def _found(engine: Engine, q: str) -> list[str]:
    return [record.document["id"] for record in search.search(engine, RecordQuery(q=q)).records]


def test_loaded_rows_are_those_that_are_written_one_by_one(engine: Engine, database_url: str, tmp_path: Path) -> None:
    made = [
        document(f"r{i}", f"Snow {i}\t\\", zh="冻土", box=(170, 0, -170, 5), keywords={"en": ["a", f"k{i}"]})
        for i in range(3)
    ]
    add(engine, *made)
    with engine.begin() as connection:
        one_by_one = connection.execute(text(_ROWS + " order by id")).all()
        connection.execute(text("truncate records cascade"))
    indexes = _indexes(engine)
    path = tmp_path / "all.ndjson"
    again = {**made[0], "properties": made[0]["properties"] | {"title": {"en": "Snow again"}}}
    lines = [json.dumps(stored) for stored in (*made[1:], again, made[0])] + ["{", "[]", json.dumps({"id": "x"}), ""]
    path.write_text("\n".join(lines), "utf-8")
    loaded = bulk.load(database_url, path)
    assert (loaded.written, loaded.refused) == (3, 3)
    assert len(loaded.reasons) == 3
    with engine.connect() as connection:
        assert connection.execute(text(_ROWS + " order by id")).all() == one_by_one
        assert connection.scalar(text("select uses from record_terms where value = 'a'")) == 3
    assert _indexes(engine) == indexes
    page = search.search(engine, RecordQuery(q="冻土", facets=parse_facets("keywords:1")))
    assert (page.matched, page.facets[0].buckets) == (3, (("a", 3),))


def test_reindexing_restores_what_records_are_searched_by(engine: Engine) -> None:
    add(engine, document("a", "Snow", keywords={"en": ["k"]}), document("b", "Ice"))
    with engine.begin() as connection:
        before = connection.execute(text(_ROWS + " order by id")).all()
        connection.execute(text("update records set tokens = '', rank = 0, sample = 0, facets = ''"))
    assert _found(engine, "snow") == []
    assert sum(reindex(engine)) == 2
    assert _found(engine, "snow") == ["a"]
    with engine.connect() as connection:
        assert connection.execute(text(_ROWS + " order by id")).all() == before
