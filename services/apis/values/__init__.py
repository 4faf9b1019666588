"""Values of a collection as numbers: at points, as time series, and the statistics of a box."""
