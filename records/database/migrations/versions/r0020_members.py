"""The members of ensembles as an axis of their own, beside levels: a layer is a level and a member.

Datasets whose members stood in for levels have them as members now.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_TABLES = ("granules", "mosaic_overviews", "series_parts")
_OF_MEMBERS = "(select 1 from variables v where v.dataset_id = t.dataset_id and v.id = {id} and v.members is not null)"
_PREFIXED = "update {table} t set layer = '@' || layer where layer <> '' and exists {of_members}"
_PLAIN = "update {table} set layer = ltrim(layer, '@') where layer like '@%'"
_ITEMS = """
update items t set level = '', member = level, id = regexp_replace(id, '_level-', '_member-')
where level <> '' and exists {of_members}
"""
_ITEMS_BACK = """
update items t set level = member, id = regexp_replace(id, '_member-', '_level-') where member <> '' and level = ''
"""
_STAND_IN = """
update variables set levels = members where members ->> 'name' is not null and levels ->> 'name' is null
"""
_BESIDE_LEVELS = (
    "delete from granules where layer like '%@%' and layer not like '@%'",
    "delete from mosaic_overviews where layer like '%@%' and layer not like '@%'",
    "delete from series_parts where layer like '%@%' and layer not like '@%'",
    "delete from items where member <> '' and level <> ''",
)


def upgrade() -> None:
    op.add_column("variables", sa.Column("members", JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("items", sa.Column("member", sa.Text(), nullable=False, server_default=""))
    for table in _TABLES:
        op.alter_column(table, "level", new_column_name="layer")
    _rename("level", "layer")
    op.execute("update variables set members = levels, levels = null where levels ->> 'name' = 'member'")
    for table in _TABLES:
        of_members = _OF_MEMBERS.format(id="t.variable_id")
        op.execute(_PREFIXED.format(table=table, of_members=of_members))
    op.execute(_ITEMS.format(of_members=_OF_MEMBERS.format(id="any(t.variables)")))


def downgrade() -> None:
    for statement in _BESIDE_LEVELS:
        op.execute(statement)
    op.execute(_ITEMS_BACK)
    for table in _TABLES:
        op.execute(_PLAIN.format(table=table))
    op.execute(_STAND_IN)
    _rename("layer", "level")
    for table in _TABLES:
        op.alter_column(table, "layer", new_column_name="level")
    op.drop_column("items", "member")
    op.drop_column("variables", "members")


def _rename(old: str, new: str) -> None:
    """Rename the constraint and the index that are named after the column."""
    unique = "uq_granules_dataset_id_variable_id_time_{}_part"
    op.execute(f"alter table granules rename constraint {unique.format(old)} to {unique.format(new)}")
    index = "ix_series_parts_dataset_id_variable_id_{}"
    op.execute(f"alter index {index.format(old)} rename to {index.format(new)}")
