"""The APIs: a folder a standard. None imports another."""
