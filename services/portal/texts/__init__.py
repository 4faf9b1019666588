"""The texts of the pages: words in every language, and values as people read them."""
