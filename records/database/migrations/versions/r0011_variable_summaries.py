"""Statistics of all granules of a variable, to which those of added granules are merged."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("variables", sa.Column("summary", sa.LargeBinary))


def downgrade() -> None:
    op.drop_column("variables", "summary")
