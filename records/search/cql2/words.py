"""Words of the full-text search as a condition of a filter: what no encoding of CQL2 says, and AnyText of CSW asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import cast, false
from sqlalchemy.dialects.postgresql import TSQUERY

from records.database.orm import RecordRow
from records.search.text import tsquery

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


@dataclass(frozen=True)
class Words:
    """A node of a filter: the record holds these words, as parameter `q` finds them. JSON never makes one."""

    q: str

    def condition(self) -> ColumnElement[bool]:
        """The condition; never met by words that are not indexed. Raises InvalidParameter if they are too long."""
        query = tsquery(self.q)
        return false() if query is None else RecordRow.tokens.bool_op("@@")(cast(query, TSQUERY))
