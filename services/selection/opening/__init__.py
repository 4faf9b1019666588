"""A selection opened: as a picture, as numbers, as blocks of cells, as an array or as a series."""
