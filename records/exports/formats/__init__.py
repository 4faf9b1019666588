"""Metadata formats that records are exported in."""
