"""Overviews across the sheets of mosaics: built with each change of the sheets, and again by a command."""
