"""Computing: the Dask cluster, child processes and their limits."""
