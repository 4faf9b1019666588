"""Tiles through whole servers: Graticule, a tuned titiler, MapServer, and nginx as the limit of the machine."""
