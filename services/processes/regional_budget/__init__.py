"""`regional-budget`: what a flux adds up to in regions and times."""
