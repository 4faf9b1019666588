"""Pixels: sources, Cloud-Optimized GeoTIFFs, reading and writing. Knows neither the database nor HTTP."""
