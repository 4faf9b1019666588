"""The first schema."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create extension if not exists postgis")
    op.create_table(
        "assets",
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("href", name=op.f("pk_assets")),
    )
    op.create_table(
        "datasets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("description", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("access_policy", sa.Text(), nullable=False),
        sa.Column("embargo_until", sa.Date(), nullable=True),
        sa.Column("west", sa.Double(), nullable=False),
        sa.Column("south", sa.Double(), nullable=False),
        sa.Column("east", sa.Double(), nullable=False),
        sa.Column("north", sa.Double(), nullable=False),
        sa.Column("time", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("attribution", sa.Text(), nullable=True),
        sa.Column("license", sa.Text(), nullable=True),
        sa.Column("declaration", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datasets")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("progress", sa.Integer(), server_default="0", nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("heartbeat", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_created_id"), "jobs", ["created", "id"], unique=False)
    op.create_index(op.f("ix_jobs_status"), "jobs", ["status"], unique=False)
    op.create_table(
        "records",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("dataset_id", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), server_default="dataset", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("keywords", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("external_ids", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "geometry",
            Geometry("GEOMETRY", srid=4326, spatial_index=False),
            nullable=True,
        ),
        sa.Column("time_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("time_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tokens", postgresql.TSVECTOR(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=op.f("fk_records_dataset_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records")),
        sa.UniqueConstraint("dataset_id", name=op.f("uq_records_dataset_id")),
    )
    op.create_index(op.f("ix_records_geometry"), "records", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_records_time_start_time_end"), "records", ["time_start", "time_end"], unique=False)
    op.create_index(
        op.f("ix_records_tokens"),
        "records",
        ["tokens"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_table(
        "variables",
        sa.Column("dataset_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source_name", sa.Text(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("standard_name", sa.Text(), nullable=True),
        sa.Column("dtype", sa.Text(), nullable=False),
        sa.Column("band_count", sa.Integer(), nullable=False),
        sa.Column("nodata", sa.Text(), nullable=True),
        sa.Column("scale", sa.Double(), nullable=False),
        sa.Column("offset", sa.Double(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("classes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("statistics", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("grid", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=op.f("fk_variables_dataset_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dataset_id", "id", name=op.f("pk_variables")),
    )
    op.create_table(
        "granules",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("dataset_id", sa.Text(), nullable=False),
        sa.Column("variable_id", sa.Text(), nullable=False),
        sa.Column("time", sa.Text(), server_default="", nullable=False),
        sa.Column("calendar", sa.Text(), nullable=True),
        sa.Column("key", sa.BigInteger(), nullable=True),
        sa.Column("start", sa.Text(), nullable=True),
        sa.Column("end", sa.Text(), nullable=True),
        sa.Column("start_key", sa.BigInteger(), nullable=True),
        sa.Column("end_key", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.Text(), server_default="", nullable=False),
        sa.Column("part", sa.Text(), server_default="", nullable=False),
        sa.Column("asset_href", sa.Text(), nullable=False),
        sa.Column("grid", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["asset_href"], ["assets.href"], name=op.f("fk_granules_asset_href")),
        sa.ForeignKeyConstraint(
            ["dataset_id", "variable_id"],
            ["variables.dataset_id", "variables.id"],
            name=op.f("fk_granules_dataset_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_granules")),
        sa.UniqueConstraint(
            "dataset_id",
            "variable_id",
            "time",
            "level",
            "part",
            name=op.f("uq_granules_dataset_id_variable_id_time_level_part"),
        ),
    )
    op.create_index(op.f("ix_granules_asset_href"), "granules", ["asset_href"], unique=False)
    op.create_index(
        op.f("ix_granules_dataset_id_variable_id_key"), "granules", ["dataset_id", "variable_id", "key"], unique=False
    )
    op.create_table(
        "styles",
        sa.Column("dataset_id", sa.Text(), nullable=False),
        sa.Column("variable_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("colormap", sa.Text(), nullable=True),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dataset_id", "variable_id"],
            ["variables.dataset_id", "variables.id"],
            name=op.f("fk_styles_dataset_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dataset_id", "variable_id", "id", name=op.f("pk_styles")),
    )


def downgrade() -> None:
    op.drop_table("styles")
    op.drop_index(op.f("ix_granules_dataset_id_variable_id_key"), table_name="granules")
    op.drop_index(op.f("ix_granules_asset_href"), table_name="granules")
    op.drop_table("granules")
    op.drop_table("variables")
    op.drop_index(
        op.f("ix_records_tokens"), table_name="records", postgresql_using="gin", postgresql_with={"fastupdate": "off"}
    )
    op.drop_index(op.f("ix_records_time_start_time_end"), table_name="records")
    op.drop_index(op.f("ix_records_geometry"), table_name="records", postgresql_using="gist")
    op.drop_table("records")
    op.drop_index(op.f("ix_jobs_status"), table_name="jobs")
    op.drop_index(op.f("ix_jobs_created_id"), table_name="jobs")
    op.drop_table("jobs")
    op.drop_table("datasets")
    op.drop_table("assets")
