"""Ten thousand random tiles of the whole service against rio-tiler's: `make identity`."""
