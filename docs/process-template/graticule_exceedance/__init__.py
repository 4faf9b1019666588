"""A process for Graticule: how often a variable exceeds a threshold."""
