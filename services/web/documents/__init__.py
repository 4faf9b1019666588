"""Shared by the documents of several APIs: answers, extents, pictures and the texts of links."""
