"""OGC API Records 1.0 (20-004r1)."""
