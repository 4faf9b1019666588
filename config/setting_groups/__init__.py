"""Groups of settings, and where each setting came from."""
