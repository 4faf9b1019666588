"""Commands of the catalogue: records, harvests and tokens."""
