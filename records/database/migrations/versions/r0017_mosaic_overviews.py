"""Rasters of coarse cells across the sheets of mosaics."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mosaic_overviews",
        sa.Column("dataset_id", sa.Text, nullable=False),
        sa.Column("variable_id", sa.Text, nullable=False),
        sa.Column("time", sa.Text, nullable=False, server_default=""),
        sa.Column("level", sa.Text, nullable=False, server_default=""),
        sa.Column("key", sa.BigInteger),
        sa.Column("calendar", sa.Text),
        sa.Column("asset_href", sa.Text, nullable=False),
        sa.Column("grid", JSONB, nullable=False),
        sa.Column("nodata", sa.Text),
        sa.Column("factor", sa.Integer, nullable=False),
        sa.Column("sheets", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("dataset_id", "variable_id", "time", "level", name="pk_mosaic_overviews"),
        sa.ForeignKeyConstraint(
            ["dataset_id", "variable_id"],
            ["variables.dataset_id", "variables.id"],
            ondelete="CASCADE",
            name="fk_mosaic_overviews_dataset_id",
        ),
        sa.ForeignKeyConstraint(["asset_href"], ["assets.href"], name="fk_mosaic_overviews_asset_href"),
    )
    op.create_index("ix_mosaic_overviews_asset_href", "mosaic_overviews", ["asset_href"])


def downgrade() -> None:
    op.drop_table("mosaic_overviews")
