"""Rasters that GDAL reads."""
