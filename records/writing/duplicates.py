"""Records that share a foreign identifier, as those of one dataset do that was harvested from two sources.

An identifier is compared as `externalIds` finds it, without case and with its scheme; one without a scheme by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from records.database.engine import translated_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

_SHARED = text(
    "select (array_agg(form order by length(form) desc))[1] as identifier, ids from ("
    "  select form, array_agg(id order by id) as ids from records, unnest(external_ids) as form"
    "  where form not like '%:' group by form having count(*) > 1"
    # `doi:10.1/x` and `10.1/x` are two forms of one identifier, of which the longer one is told
    ") as shared group by ids, regexp_replace(form, '^[a-z0-9_-]+:', '') order by ids, identifier"
)


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """An identifier, and the ids of the records that have it, sorted."""

    identifier: str
    record_ids: tuple[str, ...]


def duplicates(engine: Engine) -> Iterator[Duplicates]:
    """Every identifier that several records have, by their ids; it reads all identifiers once."""
    with translated_errors(), engine.begin() as connection:
        connection.execute(text("set local statement_timeout = 0"))
        for row in connection.execute(_SHARED):
            yield Duplicates(identifier=row.identifier, record_ids=tuple(row.ids))
