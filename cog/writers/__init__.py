"""Writes coverages to files: one module a format, each fed strip by strip from COGs."""
