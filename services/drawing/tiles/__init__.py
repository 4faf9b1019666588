"""The tile lane: plans, scheduling and the cache of drawn tiles."""
