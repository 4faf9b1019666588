"""Tiles and pictures: exact reads for a tile, colours, encoding, and the rio-tiler reader."""
