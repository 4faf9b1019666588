"""STAC API 1.0.0 at `/stac`, which serves STAC 1.1.0: datasets as collections, their data at one time as items.

It is separate from the rest of the service, because clients of STAC expect a landing page and collections of its own;
its conformance classes are declared there alone.
"""
