"""Alembic migrations of the catalogue; `records.database.schema` runs them."""
