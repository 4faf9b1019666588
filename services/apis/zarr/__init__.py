"""Live Zarr v3: every dataset as a read-only store whose chunks are made of its COGs when they are asked for."""
