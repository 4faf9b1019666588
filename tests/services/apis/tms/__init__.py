"""Tile Map Service."""
