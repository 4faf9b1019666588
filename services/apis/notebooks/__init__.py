"""Jupyter notebooks made for a dataset: open it, draw a map, read a series, take a mean, cite it."""
