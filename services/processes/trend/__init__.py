"""`trend`: trends of a variable as maps, or of the means of regions as a table."""
