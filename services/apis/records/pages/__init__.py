"""The pages of the catalogue: their form, what they show, and what they try where nothing is there."""
