"""Published datasets: variables, styles, granules with their files, and what STAC finds of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.database.orm.base import Base


class DatasetRow(Base):
    """A published dataset; `version` rises with each publication and is what caches are keyed by."""

    __tablename__ = "datasets"
    __table_args__ = (Index("ix_datasets_hidden", "id", postgresql_where=text("hidden")),)

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
    series: Mapped[str] = mapped_column(server_default="auto")
    """Whether its series get parts by time: `auto`, `on` or `off`."""
    series_revision: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Rises with each change of those parts."""
    created: Mapped[datetime] = mapped_column(server_default=func.now())
    updated: Mapped[datetime] = mapped_column(server_default=func.now())

    variables: Mapped[list[VariableRow]] = relationship(
        order_by="VariableRow.position", cascade="all, delete-orphan", passive_deletes=True, lazy="selectin"
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
    members: Mapped[dict[str, Any] | None]
    summary: Mapped[bytes | None] = mapped_column(deferred=True)
    """Statistics of all its granules, to which those of added ones are merged; absent where they are not known."""

    styles: Mapped[list[StyleRow]] = relationship(
        order_by="StyleRow.position", cascade="all, delete-orphan", passive_deletes=True, lazy="selectin"
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
    stops: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Colours of an imported style, with its shading."""


class AssetRow(Base):
    """An immutable file of the store. Kept when a granule is withdrawn, until `graticule store gc`."""

    __tablename__ = "assets"

    href: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    created: Mapped[datetime] = mapped_column(server_default=func.now())
    verified: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    """When its checksum was last compared with its content."""
    unused_since: Mapped[datetime | None]
    """When the last granule that referred to it was withdrawn."""


class GranuleRow(Base):
    """One variable at one time, layer (`config.layers`) and part; what is absent of them is the empty string."""

    __tablename__ = "granules"
    __table_args__ = (
        UniqueConstraint("dataset_id", "variable_id", "time", "layer", "part"),
        Index(None, "dataset_id", "variable_id", "key"),
        Index(None, "source_href", postgresql_where=text("source_href is not null")),
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
    layer: Mapped[str] = mapped_column(server_default="")
    part: Mapped[str] = mapped_column(server_default="")
    asset_href: Mapped[str] = mapped_column(ForeignKey("assets.href"), index=True)
    source_href: Mapped[str | None] = mapped_column(ForeignKey("assets.href"))
    """The original file that it was made from, where it is kept."""
    grid: Mapped[dict[str, Any]]
    provenance: Mapped[dict[str, Any]]
    summary: Mapped[bytes | None] = mapped_column(deferred=True)
    """Statistics of its cells that merge with those of others (`cog.statistics.packing`); not read by requests."""

    asset: Mapped[AssetRow] = relationship(lazy="joined", innerjoin=True, foreign_keys=asset_href)


class MosaicOverviewRow(Base):
    """A raster of coarse cells across the sheets of one variable, time and layer: derived, and none of its data."""

    __tablename__ = "mosaic_overviews"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dataset_id", "variable_id"], ["variables.dataset_id", "variables.id"], ondelete="CASCADE"
        ),
    )

    dataset_id: Mapped[str] = mapped_column(primary_key=True)
    variable_id: Mapped[str] = mapped_column(primary_key=True)
    time: Mapped[str] = mapped_column(primary_key=True, server_default="")
    layer: Mapped[str] = mapped_column(primary_key=True, server_default="")
    key: Mapped[int | None] = mapped_column(BigInteger)
    calendar: Mapped[str | None]
    asset_href: Mapped[str] = mapped_column(ForeignKey("assets.href"), index=True)
    grid: Mapped[dict[str, Any]]
    nodata: Mapped[str | None]
    """repr of a float, as that of a variable."""
    factor: Mapped[int]
    """By how much its cells are larger than those of the sheets."""
    sheets: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    """The SHA-256 of the asset of each sheet that it was made of, by the part; and of those the grids."""

    asset: Mapped[AssetRow] = relationship(lazy="joined", innerjoin=True)


class SeriesPartRow(Base):
    """A part of a series by time: a Zarr array in a folder of the store, immutable.

    No foreign key: when its dataset or variable is gone, its folder is still to be removed (`graticule store gc`).
    """

    __tablename__ = "series_parts"
    __table_args__ = (Index(None, "dataset_id", "variable_id", "layer"),)

    href: Mapped[str] = mapped_column(primary_key=True)
    """Its folder, below the store."""
    dataset_id: Mapped[str]
    variable_id: Mapped[str]
    layer: Mapped[str] = mapped_column(server_default="")
    keys: Mapped[bytes]
    """Order keys of its times, as little-endian 64-bit integers."""
    checksums: Mapped[bytes]
    """The first 16 bytes of the SHA-256 of the asset of each."""
    layout: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    created: Mapped[datetime] = mapped_column(server_default=func.now())
    unused_since: Mapped[datetime | None]
    """When another part took its place."""


class ItemRow(Base):
    """What a dataset has of one time, level, member and part (`records.datasets.items`), derived from its granules."""

    __tablename__ = "items"
    __table_args__ = (
        Index(None, "dataset_id", "moment", "id"),
        Index(None, "moment", "dataset_id", "id"),
        Index(None, "geometry", postgresql_using="gist"),
        Index(None, "period", postgresql_using="gist"),
    )

    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    time: Mapped[str]
    level: Mapped[str]
    member: Mapped[str] = mapped_column(server_default="")
    part: Mapped[str]
    moment: Mapped[datetime]
    """The nominal moment, in the Gregorian calendar."""
    start: Mapped[datetime]
    end: Mapped[datetime]
    """The last moment, inside."""
    period: Mapped[Any] = mapped_column(TSTZRANGE, Computed("tstzrange(start, \"end\", '[]')", persisted=True))
    variables: Mapped[list[str]]
    geometry: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False))
    state: Mapped[str]
    """A checksum of what it says."""
    created: Mapped[datetime] = mapped_column(server_default=func.now())
    updated: Mapped[datetime] = mapped_column(server_default=func.now())
