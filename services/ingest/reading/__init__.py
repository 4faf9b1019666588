"""Reading sources: files, their digests, their content and their names."""
