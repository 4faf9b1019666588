"""Vertical axes of variables, and logarithmic styles."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("variables", sa.Column("levels", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("styles", sa.Column("scale", sa.Text(), server_default="linear", nullable=False))


def downgrade() -> None:
    op.drop_column("styles", "scale")
    op.drop_column("variables", "levels")
