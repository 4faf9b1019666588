"""An index of where and when at once: of many records in a box and many in a time, it finds those that are in both."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# the names in it are looked up now, so that a dump can be restored whatever the search path is
_EXTENT = """
create function record_extent(place geometry, first timestamptz, last timestamptz) returns geometry
language sql immutable strict parallel safe
return ST_MakeLine(
  ST_MakePoint(ST_XMin(place), ST_YMin(place), extract(epoch from first)::float8 / 7889400),
  ST_MakePoint(ST_XMax(place), ST_YMax(place), extract(epoch from last)::float8 / 7889400)
)
"""
_INDEX = """
create index ix_records_extent on records
using spgist (record_extent(geometry, time_start, time_end) spgist_geometry_ops_3d)
"""


def upgrade() -> None:
    op.execute(_EXTENT)
    op.execute(_INDEX)
    # what PostGIS estimates of such boxes is thousands of times too few, and no statistics let the planner join indexes
    op.execute("alter index ix_records_extent alter column 1 set statistics 0")


def downgrade() -> None:
    op.execute("drop index ix_records_extent")
    op.execute("drop function record_extent(geometry, timestamptz, timestamptz)")
