"""Zones: polygons over a raster, the fraction of each cell they cover, and statistics of the cells."""
