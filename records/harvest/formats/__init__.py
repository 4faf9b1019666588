"""Metadata formats that a harvest reads: one adapter a format."""
