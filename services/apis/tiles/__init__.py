"""OGC API Tiles (20-057), XYZ tiles and TileJSON of the catalogue's rasters, and values at points, through titiler."""
