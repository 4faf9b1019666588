"""The properties that a filter may name, and how each is found in the database: those of the records, for a start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import Text, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, JSONPATH

from config.errors import InvalidParameter
from records.database.orm import RecordRow
from records.documents.documents import PATHS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement

Kind = Literal["text", "texts", "instant", "interval", "geometry"]


@dataclass(frozen=True, kw_only=True)
class Property:
    """A property of what is searched.

    Attributes:
        kind: `text`: one text or none; `texts`: any number of them, such as a title in two languages, of which one is
            enough for a comparison; `instant`: a moment; `interval`: all moments from one to another; `geometry`.
        column: Its column, or None where `path` tells where it stands below `properties` of a record's document; of an
            interval that of its first moment.
        last: Of an interval, the column of its last moment.
        folded: Whether the column holds texts in lower case.
        is_translated: Whether its texts are one in several languages, so that all that a filter says of it by AND is
            said of it in one language.
    """

    name: str
    kind: Kind
    column: ColumnElement[Any] | None = None
    last: ColumnElement[Any] | None = None
    path: str = ""
    folded: bool = False
    is_translated: bool = False

    def values(self) -> ColumnElement[Any]:
        """The set of its texts, one row each, as a table-valued expression's column."""
        if self.column is not None:
            return func.unnest(self.column).column_valued("value")
        path = cast(f'$.properties.{self.path} ? (@.type() == "string")', JSONPATH)
        return func.jsonb_path_query(RecordRow.document, path, type_=JSONB).column_valued("value")

    def text_of(self, value: ColumnElement[Any]) -> ColumnElement[str]:
        """A row of `values` as text."""
        return value if self.column is not None else cast(value.op("#>>")(literal_column("'{}'")), Text)

    def array(self) -> ColumnElement[Any]:
        """Its texts as one array."""
        if self.column is not None:
            return self.column
        value = self.values()
        array: ColumnElement[Any] = cast(func.array(select(self.text_of(value)).scalar_subquery()), ARRAY(Text))
        return array

    def is_null(self) -> ColumnElement[bool]:
        """Whether what is searched does not have it."""
        if self.kind == "texts":
            return ~select(self.values()).exists()
        assert self.column is not None
        return self.column.is_(None)


def _at_path(name: str) -> Property:
    return Property(name=name, kind="texts", path=PATHS[name], is_translated=name in ("title", "description"))


def _column(name: str, kind: Kind, column: Any, *, folded: bool = False) -> Property:
    return Property(name=name, kind=kind, column=column, folded=folded)


_YEARS: Final = func.record_years(RecordRow.time_start, RecordRow.time_end, type_=ARRAY(Text))
"""Every year that the data cover (`records.documents.years`); none without a time."""

_START: Final[Any] = RecordRow.time_start
_END: Final[Any] = RecordRow.time_end

PROPERTIES: Final[Mapping[str, Property]] = {
    prop.name: prop
    for prop in (
        _column("id", "text", RecordRow.id),
        _column("type", "text", RecordRow.type),
        _column("keywords", "texts", RecordRow.keywords),
        _column("externalIds", "texts", RecordRow.external_ids, folded=True),
        _column("created", "instant", RecordRow.created),
        _column("updated", "instant", RecordRow.updated),
        _column("geometry", "geometry", RecordRow.geometry),
        _column("year", "texts", _YEARS),
        Property(name="time", kind="interval", column=_START, last=_END),
        *(_at_path(name) for name in PATHS),
    )
}


def named(name: object, properties: Mapping[str, Property]) -> Property:
    """The property of that name; raises InvalidParameter."""
    prop = properties.get(name) if isinstance(name, str) else None
    if prop is None:
        raise InvalidParameter("filter", name, f"there is no such property; there are {', '.join(properties)}")
    return prop
