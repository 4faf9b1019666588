"""Search at scale: labels among the tokens, ranks, a sample of the records, and terms that facets count."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from records.writing.reindex import refill

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEPT = ("id", "type", "title")
_GIN: dict[str, Any] = {"postgresql_using": "gin", "postgresql_with": {"fastupdate": "off"}}

_FACETS = """
create function record_facets(labels text[]) returns bytea language plpgsql as $$
begin
  insert into record_terms (kind, value)
    select left(label, 1)::smallint, substr(label, 2) from unnest(labels) as label
    where not exists (
      select from record_terms t where t.kind = left(label, 1)::smallint and t.value = substr(label, 2)
    )
    order by 1, 2
    on conflict do nothing;
  return coalesce((
    select string_agg(int4send(t.id << 3 | t.kind), ''::bytea)
    from unnest(labels) as label
    join record_terms t on t.kind = left(label, 1)::smallint and t.value = substr(label, 2)
  ), ''::bytea);
end $$
"""

# what a keyword is suggested by: itself without case and width, and what follows each start of a word in it
_FOLDED = """
create function folded_term(term text) returns text language sql immutable strict parallel safe
return lower(normalize(left(term, 40), NFKC))
"""
_STARTS = """
create function term_starts(kind smallint, term text) returns tsvector language sql immutable strict parallel safe
return case when kind = 2 then (
  select array_to_tsvector(array_agg(distinct substr(folded.term, place)))
  from (select folded_term(term) as term) as folded, generate_series(1, length(folded.term)) as place
  where place = 1 or substr(folded.term, place, 1) between '\u3041' and '\U0003ffff'
    or (substr(folded.term, place - 1, 1) !~ '[[:alnum:]]' and substr(folded.term, place, 1) ~ '[[:alnum:]]')
) end
"""
_CHANGED = """
create function record_changed() returns trigger language plpgsql as $$
declare
  free integer;
begin
  select slot into free from record_changes limit 1 for update skip locked;
  if found then
    update record_changes set version = version + 1 where slot = free;
  else
    insert into record_changes default values;
  end if;
  return null;
end $$
"""
_TRIGGER = """
create trigger record_changed after insert or update or delete or truncate on records
for each statement execute function record_changed()
"""


def upgrade() -> None:
    op.execute(_FOLDED)
    op.execute(_STARTS)
    op.create_table(
        "record_terms",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("uses", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "starts", postgresql.TSVECTOR(), sa.Computed("term_starts(kind, value)", persisted=True), nullable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_terms")),
        sa.UniqueConstraint("kind", "value", name=op.f("uq_record_terms_kind_value")),
    )
    op.create_index(op.f("ix_record_terms_starts"), "record_terms", ["starts"], **_GIN)
    op.execute(_FACETS)
    op.create_table(
        "record_changes",
        sa.Column("slot", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_record_changes")),
    )
    op.execute(_CHANGED)
    op.execute(_TRIGGER)
    op.add_column("records", sa.Column("rank", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("records", sa.Column("sample", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("records", sa.Column("facets", sa.LargeBinary(), server_default=sa.text("'\\x'"), nullable=False))
    # documents and tokens stand apart from the rows, so that many rows are read at little cost; tokens as they are,
    # because they are compared more often than stored, and without statistics, which would read each of them; what
    # hits are sorted and tested by stays in the rows
    op.execute("alter table records set (toast_tuple_target = 256)")
    op.execute("alter table records alter tokens set storage external, alter tokens set statistics 0")
    for name in (*_KEPT, "facets"):
        op.execute(f"alter table records alter {name} set storage main")
    op.drop_index(op.f("ix_records_tokens"), table_name="records")
    refill(op.get_bind())
    op.create_index(op.f("ix_records_tokens"), "records", ["tokens"], **_GIN)
    for level in (3, 6, 9):
        where = sa.text(f"sample >= {level}")
        op.create_index(f"ix_records_tokens_sample_{level}", "records", ["tokens"], postgresql_where=where, **_GIN)
    op.create_index(op.f("ix_records_external_ids"), "records", ["external_ids"], **_GIN)
    op.create_index("ix_records_sample", "records", ["sample"], postgresql_where=sa.text("sample >= 3"))
    for name in ("rank", "type", "created", "updated"):
        op.create_index(op.f(f"ix_records_{name}_id"), "records", [name, "id"])
    op.create_index("ix_records_title_id", "records", [sa.text("left(title, 200)"), "id"])


def downgrade() -> None:
    op.execute("drop trigger record_changed on records")
    op.execute("drop function record_changed()")
    op.drop_table("record_changes")
    for name in ("title", "updated", "created", "type", "rank"):
        op.drop_index(f"ix_records_{name}_id", table_name="records")
    op.drop_index("ix_records_sample", table_name="records")
    op.drop_index(op.f("ix_records_external_ids"), table_name="records")
    for level in (9, 6, 3):
        op.drop_index(f"ix_records_tokens_sample_{level}", table_name="records")
    for name in _KEPT:
        op.execute(f"alter table records alter {name} set storage extended")
    op.execute("alter table records alter tokens set storage extended, alter tokens set statistics -1")
    op.execute("alter table records reset (toast_tuple_target)")
    for name in ("facets", "sample", "rank"):
        op.drop_column("records", name)
    op.execute("drop function record_facets(text[])")
    op.drop_table("record_terms")
    op.execute("drop function term_starts(smallint, text)")
    op.execute("drop function folded_term(text)")
