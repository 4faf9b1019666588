"""The files themselves: each COG by its URL, and the list of a collection's granules."""
