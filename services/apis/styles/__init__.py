"""The styles of a collection and their legends."""
