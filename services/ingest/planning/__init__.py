"""Planning an ingest: what is new, what it needs, and how it is laid out."""
