"""GRIB 1 and 2."""
