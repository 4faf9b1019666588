"""Kernels of earth science over arrays of numbers: no files, no catalogue, no HTTP."""
