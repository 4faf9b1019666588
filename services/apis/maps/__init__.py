"""OGC API Maps 1.0 (20-058)."""
