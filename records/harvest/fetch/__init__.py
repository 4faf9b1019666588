"""Fetching what is harvested: files, folders and URLs, bounded and safe."""
