"""The times of series without an interval in the extent of their dataset, where they are at most 2,000."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


FILL = """
update datasets set time = jsonb_set(time::jsonb, '{labels}', listed.labels) from (
    select dataset_id, jsonb_agg(label order by key) as labels from (
        select dataset_id, key, min(time) as label from granules where key is not null group by dataset_id, key
    ) times group by dataset_id having count(*) <= 2000
) listed
where listed.dataset_id = datasets.id and datasets.time is not null and (
    datasets.time ->> 'interval' is null
    or datasets.time ->> 'calendar' not in ('standard', 'gregorian', 'proleptic_gregorian')
)
"""


def upgrade() -> None:
    op.execute(FILL)


def downgrade() -> None:
    op.execute("update datasets set time = time::jsonb - 'labels' where time is not null")
