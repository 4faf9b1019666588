"""The addresses that want to hear of jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_callbacks",
        sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.id", ondelete="CASCADE", name="fk_job_callbacks_job_id_jobs"),
                  nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("due", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("fault", sa.Text),
        sa.PrimaryKeyConstraint("job_id", "event", name="pk_job_callbacks"),
    )  # fmt: skip
    op.create_index("ix_job_callbacks_due", "job_callbacks", ["due"])


def downgrade() -> None:
    op.drop_table("job_callbacks")
