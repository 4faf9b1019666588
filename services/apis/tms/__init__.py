"""Tile Map Service 1.0.0 (OSGeo), whose rows count up from the south."""
