"""Tests of titiler's own API over the catalogue."""
