"""Conversion: from one step of a source to one validated Cloud-Optimized GeoTIFF."""
