"""`match-up`: values of a collection against measurements at points."""
