"""`spatial-join`: two sets of features joined by place, or one with the values of a collection."""
