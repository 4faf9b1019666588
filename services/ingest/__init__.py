"""Ingest: from files on disk to a published dataset. `services.ingest.pipeline.ingest` is the way in."""
