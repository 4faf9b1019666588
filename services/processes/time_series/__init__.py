"""`time-series`: values of a variable at points, or statistics of regions, over all times."""
