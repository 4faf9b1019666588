"""Alembic migrations of the catalogue; `records.schema` runs them."""
