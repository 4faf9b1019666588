"""Polygons with names over which statistics are asked for: countries, provinces, seas and ocean basins."""
