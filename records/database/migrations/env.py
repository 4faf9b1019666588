"""Alembic's entry: runs migrations on the connection that `records.database.schema` hands over."""

from alembic import context

from records.database.orm import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table="schema_version",
)
with context.begin_transaction():
    context.run_migrations()
