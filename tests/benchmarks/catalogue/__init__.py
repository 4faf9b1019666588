"""Searching a large catalogue: generated records, loaded and searched through HTTP, and what other ways cost."""
