"""The colours of imported styles."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("styles", sa.Column("stops", JSONB(none_as_null=True)))


def downgrade() -> None:
    op.execute("delete from styles where stops is not null")
    op.drop_column("styles", "stops")
