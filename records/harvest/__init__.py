"""Harvesting: metadata of other catalogues as records of this one, one adapter a format.

An adapter turns bytes into documents in the stored form and notes every irregularity; it guesses nothing silently.
"""

from records.harvest.models import Harvested, Note, Refusal
from records.harvest.reading import read_record

__all__ = ["Harvested", "Note", "Refusal", "read_record"]
