"""Small texts that several formats write alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from records.exports.models import Contact


def person_or_body(party: Contact) -> str:
    """The name of a party: of the person, else of the organization."""
    return next(iter((party.name or party.organization).values()), "")


def positive(value: Any) -> float | None:  # noqa: ANN401 - any JSON value
    """A number above zero, or None for anything else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None
