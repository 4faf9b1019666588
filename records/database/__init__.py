"""The database: connections, schema, tables, and the private PostgreSQL server."""
