"""`python -m tests.benchmarks.layers`: capabilities of many layers, and tiles of WMTS beside XYZ tiles."""
