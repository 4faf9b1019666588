"""Ingest compared with `rio cogeo create`."""
