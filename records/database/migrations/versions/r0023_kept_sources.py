"""The original file of a granule, where a dataset keeps them."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("granules", sa.Column("source_href", sa.Text(), nullable=True))
    op.create_foreign_key("fk_granules_source_href", "granules", "assets", ["source_href"], ["href"])
    op.create_index(
        "ix_granules_source_href", "granules", ["source_href"], postgresql_where=sa.text("source_href is not null")
    )


def downgrade() -> None:
    op.drop_column("granules", "source_href")
