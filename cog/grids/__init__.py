"""Grids and boxes: where pixels fall in a grid, and how a box in one CRS lies in another."""
