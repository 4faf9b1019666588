"""Sources that are harvested, what was read of them, and the report of each harvest."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_JSON = postgresql.JSONB(astext_type=sa.Text())
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "harvest_sources",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("options", _JSON, nullable=False),
        sa.Column("since", sa.Text(), nullable=True),
        sa.Column("read_whole", _MOMENT, nullable=True),
        sa.Column("every_s", sa.BigInteger(), nullable=True),
        sa.Column("due", _MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created", _MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_harvest_sources")),
    )
    op.create_index(op.f("ix_harvest_sources_due"), "harvest_sources", ["due"], unique=False)
    op.create_table(
        "harvest_items",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("modified", sa.Text(), nullable=True),
        sa.Column("following", _JSON, nullable=False),
        sa.Column("record_ids", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("checked", _MOMENT, server_default=sa.text("now()"), nullable=False),
        _of_source("harvest_items"),
        sa.PrimaryKeyConstraint("source", "item", name=op.f("pk_harvest_items")),
    )
    op.create_table(
        "harvest_runs",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started", _MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("finished", _MOMENT, nullable=True),
        sa.Column("counts", _JSON, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("outcomes", _JSON, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        _of_source("harvest_runs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvest_runs")),
    )
    op.create_index(op.f("ix_harvest_runs_source_id"), "harvest_runs", ["source", "id"], unique=False)


def _of_source(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_source")
    return sa.ForeignKeyConstraint(["source"], ["harvest_sources.source"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    op.drop_index(op.f("ix_harvest_runs_source_id"), table_name="harvest_runs")
    op.drop_table("harvest_runs")
    op.drop_table("harvest_items")
    op.drop_index(op.f("ix_harvest_sources_due"), table_name="harvest_sources")
    op.drop_table("harvest_sources")
