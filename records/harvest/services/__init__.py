"""Catalogue services that a harvest asks page by page."""
