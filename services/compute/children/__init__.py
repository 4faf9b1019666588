"""Child processes that execute one process each, within limits."""
