"""Folders that are watched: their files become granules of a dataset as they come, change and go."""
