"""The items of the datasets, made from the granules that there are."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from config.grids import Grid
from records.datasets.items.places import Piece, Place
from records.datasets.items.writing import item_values, undated

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "items",
        sa.Column("dataset_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("time", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "period",
            postgresql.TSTZRANGE(),
            sa.Computed("tstzrange(start, \"end\", '[]')", persisted=True),
            nullable=False,
        ),
        sa.Column("variables", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("geometry", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name=op.f("fk_items_dataset_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("dataset_id", "id", name=op.f("pk_items")),
    )
    _fill(op.get_bind())
    op.create_index(op.f("ix_datasets_hidden"), "datasets", ["id"], unique=False, postgresql_where=sa.text("hidden"))
    op.create_index(op.f("ix_items_dataset_id"), "items", ["dataset_id", "moment", "id"], unique=False)
    op.create_index(op.f("ix_items_moment"), "items", ["moment", "dataset_id", "id"], unique=False)
    op.create_index(op.f("ix_items_geometry"), "items", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_items_period"), "items", ["period"], unique=False, postgresql_using="gist")


def downgrade() -> None:
    op.drop_index(op.f("ix_datasets_hidden"), table_name="datasets")
    op.drop_table("items")


def _fill(connection: sa.Connection) -> None:
    """Write the items of every dataset, as publishing it again would."""
    items = sa.table("items", *(sa.column(name) for name in _NAMES), sa.column("geometry", Geometry(srid=4326)))
    found = connection.execute(sa.text(_DATASETS)).all()
    for dataset_id, created, document in found:
        values = item_values(dataset_id, _pieces(connection, dataset_id), undated(document or {}, created))
        rows = [{name: one[name] for name in (*_NAMES, "geometry")} for one in values]
        for start in range(0, len(rows), 1000):
            connection.execute(sa.insert(items), rows[start : start + 1000])


def _pieces(connection: sa.Connection, dataset_id: str) -> Iterator[tuple[Place, Piece]]:
    for row in connection.execute(sa.text(_GRANULES), {"id": dataset_id}):
        piece = Piece(
            variable_id=row.variable_id,
            href=row.asset_href,
            grid=Grid.from_json(row.grid),
            key=row.key,
            start_key=row.start_key,
            end_key=row.end_key,
        )
        yield (row.time or None, row.level or None, row.part or None), piece


_NAMES: Any = ("dataset_id", "id", "time", "level", "part", "moment", "start", "end", "variables", "state")
_DATASETS = (
    "select d.id, d.created, r.document from datasets d left join records r on r.dataset_id = d.id order by d.id"
)
_GRANULES = (
    "select variable_id, time, level, part, asset_href, grid, key, start_key, end_key "
    "from granules where dataset_id = :id"
)
