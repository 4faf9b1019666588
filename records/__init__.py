"""The catalogue in PostGIS: datasets, granules, records and jobs. Never opens a raster."""
