"""Writing records: one at a time, in bulk, with their history and origins."""
