"""Maps that processes compute: written by parts as COGs, answered as references, published as datasets."""
