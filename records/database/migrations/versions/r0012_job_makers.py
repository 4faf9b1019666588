"""Jobs know who made them, and how many others that one had waiting then."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("client", sa.Text(), nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("rank", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_jobs_client", "jobs", ["client"])


def downgrade() -> None:
    op.drop_index("ix_jobs_client", "jobs")
    op.drop_column("jobs", "rank")
    op.drop_column("jobs", "client")
