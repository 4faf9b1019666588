"""Where an EDR query asks: geometries, trajectories, zones, and the CRS of coordinates."""
