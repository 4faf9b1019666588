"""What clients ask for does not fill the memory with compiled statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, text

from config.settings import DatabaseSettings
from records.database.engine import make_engine
from records.database.orm import RecordRow
from records.database.statement_cache import StatementCache, statement_bytes
from records.search.cql2 import condition

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import Compiled

    from records.search.cql2 import Node


def _filter(operations: int, name: str) -> Node:
    return {"op": "or", "args": [{"op": name, "args": [{"property": "title"}, "ice"]}] * operations}


def _compiled(sql: str) -> Compiled:
    return text(sql).compile()


def test_least_recently_used_statement_falls_out() -> None:
    first, second, third = (_compiled(f"select {number}") for number in range(3))
    cache = StatementCache(max_bytes=2 * statement_bytes(first))
    cache["first"], cache["second"] = first, second
    assert cache.get("first") is first
    cache["third"] = third
    assert (cache.get("first"), cache.get("second"), cache.get("third")) == (first, None, third)


def test_large_statement_is_not_kept() -> None:
    cache = StatementCache()
    cache["large"] = _compiled("select " + "1 + " * 10_000 + "1")
    cache["small"] = _compiled("select 1")
    assert list(cache) == ["small"]


def test_filters_of_clients_leave_little_behind(database_url: str) -> None:
    engine = make_engine(database_url, DatabaseSettings())
    cache = engine.get_execution_options()["compiled_cache"]
    assert isinstance(cache, StatementCache)
    try:
        with engine.connect() as connection:
            for operations in (40, 80, 200):  # two statements of 1.2 and 2.5 MB, one of 6.3
                connection.execute(select(RecordRow.id).where(condition(_filter(operations, "="))))
            assert 2**20 < sum(statement_bytes(statement) for statement in cache.values()) < 2 * 2**20
            before = len(cache)
            connection.execute(select(RecordRow.id).where(condition(_filter(2, "="))))
            connection.execute(select(RecordRow.id).where(condition(_filter(2, "="))))
            assert len(cache) == before + 1
    finally:
        engine.dispose()
