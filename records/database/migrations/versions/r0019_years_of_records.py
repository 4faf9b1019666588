"""Every year that the data of a record cover, for filters and facets; until now the last one alone."""

from alembic import op

from records.writing.reindex import refill

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_YEARS = """
create function record_years(first timestamptz, last timestamptz) returns text[]
language sql stable parallel safe
as $$
  select coalesce(array_agg(lpad(year::text, 4, '0') order by year), '{}')
  from (
    select
      extract(year from first at time zone 'UTC')::integer as begin,
      extract(year from now() at time zone 'UTC')::integer as present,
      extract(
        year from (case when last > first then last - interval '1 microsecond' else last end) at time zone 'UTC'
      )::integer as finish,
      first = timestamptz '0001-01-01 00:00:00+00' as began_open,
      last = timestamptz '9999-12-31 23:59:59.999999+00' as ends_open
  ) known,
  lateral generate_series(
    case when began_open then (case when ends_open then 1 else finish end) else begin end,
    case when ends_open then (case when began_open then 0 else greatest(begin, present) end) else finish end
  ) as year
$$
"""


def upgrade() -> None:
    op.execute(_YEARS)
    refill(op.get_bind())


def downgrade() -> None:
    op.execute("drop function record_years(timestamptz, timestamptz)")
