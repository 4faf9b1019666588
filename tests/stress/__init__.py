"""Long tests of what must hold whatever happens: `make stress`."""
