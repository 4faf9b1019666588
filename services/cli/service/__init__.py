"""Commands of the service: its processes, database and settings."""
