"""Polygons with names: countries, provinces, seas and ocean basins that come along, or those of the operator."""
