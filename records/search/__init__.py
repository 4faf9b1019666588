"""Searching records: conditions, order, counts, facets and suggestions."""
