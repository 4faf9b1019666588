"""Tests of the front door: what every client meets first."""
