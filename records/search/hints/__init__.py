"""What helps a search on: words that begin alike, spellings, suggestions."""
