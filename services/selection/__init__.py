"""Selection: what a request means, from its parameters to the granules and cells that answer it."""
