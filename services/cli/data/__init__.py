"""Commands of the data: datasets, their files, styles and store."""
