"""What the documents of several APIs share: extents, pictures and the texts of links."""
