"""Series by time: their parts, and which datasets have them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("datasets", sa.Column("series", sa.Text, nullable=False, server_default="auto"))
    op.add_column("datasets", sa.Column("series_revision", sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "series_parts",
        sa.Column("href", sa.Text, nullable=False),
        sa.Column("dataset_id", sa.Text, nullable=False),
        sa.Column("variable_id", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False, server_default=""),
        sa.Column("keys", sa.LargeBinary, nullable=False),
        sa.Column("checksums", sa.LargeBinary, nullable=False),
        sa.Column("layout", JSONB, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("unused_since", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("href", name="pk_series_parts"),
    )
    op.create_index(
        "ix_series_parts_dataset_id_variable_id_level", "series_parts", ["dataset_id", "variable_id", "level"]
    )


def downgrade() -> None:
    op.drop_table("series_parts")
    op.drop_column("datasets", "series_revision")
    op.drop_column("datasets", "series")
