"""Every time of a variable, and the parts in which series are kept."""
