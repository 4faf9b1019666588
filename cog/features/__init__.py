"""Vector features: files of them, and joins of two sets by place that are bounded in memory and run on many hosts."""
