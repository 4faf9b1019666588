"""NetCDF and its CF conventions."""
