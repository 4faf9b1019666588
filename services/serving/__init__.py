"""The processes of a running server: supervisor, web workers, the Dask cluster, and what ties them together."""
