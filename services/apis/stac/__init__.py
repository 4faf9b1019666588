"""STAC API 1.0.0 at `/stac`, which serves STAC 1.1.0: datasets as collections, what they hold of one time as items.

It stands apart from the rest of the service, because a landing page and collections of its own are what clients of
STAC expect; its classes are declared there alone.
"""
