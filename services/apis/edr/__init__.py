"""OGC API EDR 1.1 (OGC 19-086r6), at a root of its own: `/edr` lists datasets with data alone.

A query goes through `parameters` (what its words mean), `geometries` (which cells), `sampling` and `zones` (their
values by time), and an encoding: `covjson`, `geojson`, `tables` or `files`.
"""
