"""Small texts that several formats write alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from records.exports.models import Contact


def person_or_body(party: Contact) -> str:
    """The name of a party: of the person, else of the organization."""
    return next(iter((party.name or party.organization).values()), "")
