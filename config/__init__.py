"""Settings, declarations, vocabulary and the error tree: the layer that imports nothing of ours."""
