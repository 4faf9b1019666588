"""The items of a dataset, as STAC means them: what it holds of one time, level and part, with a file a variable."""
