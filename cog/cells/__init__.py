"""Stored cells: the one place that says what a stored value means."""
