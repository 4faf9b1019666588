"""Hidden datasets, joined records, gaps, statistics that merge, and since when an asset is unused."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("datasets", sa.Column("hidden", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("datasets", sa.Column("joined", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column(
        "datasets", sa.Column("gaps", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False)
    )
    op.add_column("granules", sa.Column("summary", sa.LargeBinary(), nullable=True))
    op.add_column("assets", sa.Column("unused_since", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "update assets set unused_since = now() "
        "where not exists (select 1 from granules where granules.asset_href = assets.href)"
    )


def downgrade() -> None:
    op.drop_column("assets", "unused_since")
    op.drop_column("granules", "summary")
    op.drop_column("datasets", "gaps")
    op.drop_column("datasets", "joined")
    op.drop_column("datasets", "hidden")
