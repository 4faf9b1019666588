"""The tables of the catalogue, as SQLAlchemy models. Migrations in `records.migrations` create them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    Computed,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    SmallInteger,
    Text,
    UniqueConstraint,
    cast,
    false,
    func,
    inspect,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, JSONPATH, TSVECTOR, aggregate_order_by
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column, relationship

CHANNEL = "graticule_catalogue"
"""LISTEN channel; the payload is the id of the dataset that changed."""


SORT_TITLE = "left(title, 200)"
"""What records sort by for their title: an index holds no longer texts."""


class Base(DeclarativeBase):
    """Tables with predictable constraint names, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a class attribute
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: ARRAY(Text),
        str: Text,
        datetime: DateTime(timezone=True),
    }


class DatasetRow(Base):
    """A published dataset; `version` rises with each publication and is what caches are keyed by."""

    __tablename__ = "datasets"

    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[dict[str, Any]]
    description: Mapped[dict[str, Any]]
    access_policy: Mapped[str]
    embargo_until: Mapped[date | None]
    west: Mapped[float]
    south: Mapped[float]
    east: Mapped[float]
    north: Mapped[float]
    time: Mapped[dict[str, Any] | None]
    attribution: Mapped[str | None]
    license: Mapped[str | None]
    declaration: Mapped[dict[str, Any]]
    hidden: Mapped[bool] = mapped_column(server_default=false())
    """Whether it is kept from everything public."""
    joined: Mapped[dict[str, Any] | None]
    """The record that its operator gave for it, as it was given; absent: it stands in the declaration, or nowhere."""
    gaps: Mapped[list[Any]] = mapped_column(server_default="[]")
    """Sources that were left out of it."""
    created: Mapped[datetime] = mapped_column(server_default=func.now())
    updated: Mapped[datetime] = mapped_column(server_default=func.now())

    variables: Mapped[list[VariableRow]] = relationship(
        order_by="VariableRow.position", cascade="all, delete-orphan", passive_deletes=True
    )

    if TYPE_CHECKING:  # mapped below, where the tables that they are read from are known
        files: Mapped[list[Any] | None]
        """The latest file of each of its first variables."""
        external_ids: Mapped[list[Any] | None]
        """`externalIds` of its record."""
        license_url: Mapped[str | None]
        """The first link of its record whose relation is `license`."""


class VariableRow(Base):
    """One physical quantity of a dataset."""

    __tablename__ = "variables"

    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    source_name: Mapped[str]
    title: Mapped[dict[str, Any]]
    unit: Mapped[str | None]
    standard_name: Mapped[str | None]
    dtype: Mapped[str]
    band_count: Mapped[int]
    nodata: Mapped[str | None]
    """repr of a float; text, because JSON and numeric know no NaN that compares."""
    scale: Mapped[float]
    offset: Mapped[float]
    kind: Mapped[str]
    classes: Mapped[list[Any]]
    statistics: Mapped[dict[str, Any] | None]
    grid: Mapped[dict[str, Any]]
    levels: Mapped[dict[str, Any] | None]

    styles: Mapped[list[StyleRow]] = relationship(
        order_by="StyleRow.position", cascade="all, delete-orphan", passive_deletes=True
    )


class StyleRow(Base):
    """A named rendering of a variable."""

    __tablename__ = "styles"
    __table_args__ = (
        # one constraint over both columns: a style belongs to a variable of its dataset
        ForeignKeyConstraint(
            ["dataset_id", "variable_id"], ["variables.dataset_id", "variables.id"], ondelete="CASCADE"
        ),
    )

    dataset_id: Mapped[str] = mapped_column(primary_key=True)
    variable_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    title: Mapped[dict[str, Any]]
    colormap: Mapped[str | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    scale: Mapped[str] = mapped_column(server_default="linear")


class AssetRow(Base):
    """An immutable file of the store. Kept when a granule is withdrawn, until `graticule store gc`."""

    __tablename__ = "assets"

    href: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    created: Mapped[datetime] = mapped_column(server_default=func.now())
    unused_since: Mapped[datetime | None]
    """When the last granule that referred to it was withdrawn."""


class GranuleRow(Base):
    """One variable at one time, level and part; an absent key part is the empty string, so that it is unique."""

    __tablename__ = "granules"
    __table_args__ = (
        UniqueConstraint("dataset_id", "variable_id", "time", "level", "part"),
        Index(None, "dataset_id", "variable_id", "key"),
        ForeignKeyConstraint(
            ["dataset_id", "variable_id"], ["variables.dataset_id", "variables.id"], ondelete="CASCADE"
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    dataset_id: Mapped[str]
    variable_id: Mapped[str]
    time: Mapped[str] = mapped_column(server_default="")
    calendar: Mapped[str | None]
    key: Mapped[int | None] = mapped_column(BigInteger)
    start: Mapped[str | None]
    end: Mapped[str | None]
    start_key: Mapped[int | None] = mapped_column(BigInteger)
    end_key: Mapped[int | None] = mapped_column(BigInteger)
    level: Mapped[str] = mapped_column(server_default="")
    part: Mapped[str] = mapped_column(server_default="")
    asset_href: Mapped[str] = mapped_column(ForeignKey("assets.href"), index=True)
    grid: Mapped[dict[str, Any]]
    provenance: Mapped[dict[str, Any]]
    summary: Mapped[bytes | None] = mapped_column(deferred=True)
    """Statistics of its cells that merge with those of others (`cog.summaries`); not read by requests."""

    asset: Mapped[AssetRow] = relationship(lazy="joined", innerjoin=True)


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
    """Words, words of titles, and labels (`records.labels`)."""
    rank: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """Its place among equal hits, the least first (`records.labels.rank_of`)."""
    sample: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """One of 2**k records has k or more: searches of many estimate by them (`records.counting`)."""
    facets: Mapped[bytes] = mapped_column(server_default=text("'\\x'"))
    """The terms that facets count, four bytes each, most significant first: id << 3 | kind."""
    created: Mapped[datetime] = mapped_column(server_default=func.now())
    updated: Mapped[datetime] = mapped_column(server_default=func.now())


class RecordTermRow(Base):
    """A value that facets count; written by the SQL function `record_facets`, which every write of a record calls."""

    __tablename__ = "record_terms"
    __table_args__ = (
        UniqueConstraint("kind", "value"),
        Index(None, "starts", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[int] = mapped_column(SmallInteger)
    """Place of its property in `records.labels.FACETS`."""
    value: Mapped[str]
    uses: Mapped[int] = mapped_column(server_default="0")
    """How many records had it when they were last loaded or indexed; what orders suggestions."""
    starts: Mapped[str | None] = mapped_column(TSVECTOR, Computed("term_starts(kind, value)", persisted=True))
    """What a keyword is suggested by (`records.suggestions`)."""


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


class JobRow(Base):
    """One execution of a process (OGC 18-062r2, statusInfo), and its result once it has one."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "created", "id"), Index(None, "status"))

    id: Mapped[str] = mapped_column(primary_key=True)
    process_id: Mapped[str]
    status: Mapped[str]
    message: Mapped[str | None]
    progress: Mapped[int] = mapped_column(server_default="0")
    request: Mapped[bytes]
    media_type: Mapped[str | None]
    result: Mapped[bytes | None] = mapped_column(deferred=True)
    error: Mapped[dict[str, Any] | None]
    created: Mapped[datetime] = mapped_column(server_default=func.now())
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]
    updated: Mapped[datetime] = mapped_column(server_default=func.now())
    heartbeat: Mapped[datetime] = mapped_column(server_default=func.now())


LINKED_VARIABLES = 20
"""Variables of a dataset whose latest file is read with it."""


def _latest_files() -> Any:  # noqa: ANN401 - SQLAlchemy's expression
    """{variable, time, href, sha256, size, media_type} of each variable, in one look at its index."""
    latest = (
        select(GranuleRow.time, GranuleRow.asset_href)
        .where(GranuleRow.dataset_id == VariableRow.dataset_id, GranuleRow.variable_id == VariableRow.id)
        .order_by(GranuleRow.key.desc(), GranuleRow.level, GranuleRow.part)
        .limit(1)
        .correlate(VariableRow)
        .lateral("latest")
    )
    columns = {"time": latest.c.time, **{name: getattr(AssetRow, name) for name in _ASSET}}
    pairs = [part for name, column in columns.items() for part in (text(f"'{name}'"), column)]
    found = func.jsonb_build_object(text("'variable'"), VariableRow.id, *pairs)
    return (
        select(func.jsonb_agg(aggregate_order_by(found, VariableRow.position)))
        .select_from(VariableRow)
        .join(latest, true())
        .join(AssetRow, AssetRow.href == latest.c.asset_href)
        .where(VariableRow.dataset_id == DatasetRow.id, VariableRow.position < LINKED_VARIABLES)
        .correlate(DatasetRow)
        .scalar_subquery()
    )


def _of_record(value: Any) -> Any:  # noqa: ANN401
    """A value from the record of a dataset."""
    return select(value).where(RecordRow.dataset_id == DatasetRow.id).correlate(DatasetRow).scalar_subquery()


_ASSET = ("href", "sha256", "size", "media_type")
_LICENCE_LINK = cast('$.links[*] ? (@.rel == "license").href', JSONPATH)
_mapper = inspect(DatasetRow)
_mapper.add_property("files", column_property(_latest_files()))
_mapper.add_property("external_ids", column_property(_of_record(RecordRow.document["properties"]["externalIds"])))
_mapper.add_property(
    "license_url",
    column_property(_of_record(func.jsonb_path_query_first(RecordRow.document, _LICENCE_LINK).op("#>>")(text("'{}'")))),
)
