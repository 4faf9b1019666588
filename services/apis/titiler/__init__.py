"""titiler's own API over every collection: info, statistics, points, previews, regions, tiles and TileJSON."""
