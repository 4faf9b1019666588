"""Metadata records: what they are searched by, where they came from, and what they were before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Computed,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from records.database.orm.base import Base

SORT_TITLE = "left(title, 200)"
"""What records sort by for their title: an index holds no longer texts."""


EXTENT = "record_extent(geometry, time_start, time_end) spgist_geometry_ops_3d"
"""A record's box and time, by an SQL function, as one box of three dimensions."""
AFTERWARDS = "afterwards"
"""Key of what an index's `info` says is to be executed once it is made."""
_UNMEASURED = "alter index ix_records_extent alter column 1 set statistics 0"
"""With statistics, PostGIS expects thousands of times too few hits, and the planner would never join two indexes."""


class RecordRow(Base):
    """The metadata record of a dataset: its document, and what it is searched by."""

    __tablename__ = "records"
    __table_args__ = (
        Index(None, "tokens", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        *(
            Index(
                f"ix_records_tokens_sample_{level}",
                "tokens",
                postgresql_using="gin",
                postgresql_with={"fastupdate": "off"},
                postgresql_where=text(f"sample >= {level}"),
            )
            for level in (3, 6, 9)
        ),
        Index(None, "external_ids", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index(None, "geometry", postgresql_using="gist"),
        Index(None, "time_start", "time_end"),
        Index("ix_records_extent", text(EXTENT), postgresql_using="spgist", info={AFTERWARDS: _UNMEASURED}),
        Index("ix_records_sample", "sample", postgresql_where=text("sample >= 3")),
        Index(None, "rank", "id"),
        Index(None, "type", "id"),
        Index("ix_records_title_id", text(SORT_TITLE), "id"),
        Index(None, "created", "id"),
        Index(None, "updated", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    dataset_id: Mapped[str | None] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"), unique=True)
    type: Mapped[str] = mapped_column(server_default="dataset")
    title: Mapped[str]
    """The title by which records sort, English first."""
    document: Mapped[dict[str, Any]]
    keywords: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    external_ids: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    geometry: Mapped[WKBElement | None] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False))
    time_start: Mapped[datetime | None]
    time_end: Mapped[datetime | None]
    tokens: Mapped[str] = mapped_column(TSVECTOR)
    """Words, words of titles, and labels (`records.search.labels`)."""
    rank: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """Its place among equal hits, the least first (`records.search.labels.rank_of`)."""
    sample: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """One of 2**k records has k or more: searches of many estimate by them (`records.search.counting`)."""
    facets: Mapped[bytes] = mapped_column(server_default=text("'\\x'"))
    """The terms that facets count, four bytes each, most significant first: id << 3 | kind."""
    created: Mapped[datetime] = mapped_column(server_default=func.now())
    updated: Mapped[datetime] = mapped_column(server_default=func.now())


def record_extent() -> ColumnElement[Any]:
    """The box and time of a record as the index of both has it: longitude, latitude, and quarters of a year."""
    extent: ColumnElement[Any] = func.record_extent(RecordRow.geometry, RecordRow.time_start, RecordRow.time_end)
    return extent


class RecordTermRow(Base):
    """A value that facets count; written by the SQL function `record_facets`, which every write of a record calls."""

    __tablename__ = "record_terms"
    __table_args__ = (
        UniqueConstraint("kind", "value"),
        Index(None, "starts", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[int] = mapped_column(SmallInteger)
    """Place of its property in `records.search.labels.FACETS`."""
    value: Mapped[str]
    uses: Mapped[int] = mapped_column(server_default="0")
    """How many records had it when they were last loaded or indexed; what orders suggestions."""
    starts: Mapped[str | None] = mapped_column(TSVECTOR, Computed("term_starts(kind, value)", persisted=True))
    """What a keyword is suggested by (`records.search.hints.suggestions`)."""


class RecordChangeRow(Base):
    """Numbers that the trigger of `records` raises, one of them a statement; their sum never stays (`remembering`).

    There are as many as statements ever wrote at once, so that no writer waits for another.
    """

    __tablename__ = "record_changes"

    slot: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")


class RecordOriginRow(Base):
    """Where a harvested record came from, and what of it is for operators alone.

    A table of its own: whatever is served reads `records`, and so never holds what must not be published.
    """

    __tablename__ = "record_origins"

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(index=True)
    item: Mapped[str]
    """The file or address within the source."""
    format: Mapped[str]
    source_id: Mapped[str]
    """The identifier that the source gives the record."""
    notes: Mapped[list[Any]]
    private: Mapped[dict[str, Any]]
    harvested: Mapped[datetime] = mapped_column(server_default=func.now())
    """When it was last found to be another than before."""


class RecordVersionRow(Base):
    """What a record was after one change; it outlives the record, so that a removed one can be restored."""

    __tablename__ = "record_versions"

    record_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str]
    """`token NAME`, `harvest SOURCE`, `ingest`, `command USER`, or `unknown`."""
    action: Mapped[str]
    document: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """None: the change removed it."""
