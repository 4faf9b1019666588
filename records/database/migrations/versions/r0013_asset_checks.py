"""When the checksum of each asset was last compared."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "assets", sa.Column("verified", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now())
    )
    op.create_index("ix_assets_verified", "assets", ["verified"])


def downgrade() -> None:
    op.drop_index("ix_assets_verified", "assets")
    op.drop_column("assets", "verified")
