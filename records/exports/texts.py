"""Small texts that several formats write alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from records.harvest.values.times import moment

if TYPE_CHECKING:
    from records.exports.models import Contact, ExportRecord

_NOT_IN_IRI: Final = re.compile(r"[\x00-\x20<>\"{}|\\^`#\[\]\x7f\u2028\u2029\ufffe\uffff]|%(?![0-9A-Fa-f]{2})")


def person_or_body(party: Contact) -> str:
    """The name of a party: of the person, else of the organization."""
    return next(iter((party.name or party.organization).values()), "")


def affiliation(party: Contact) -> str:
    """The organization that a person belongs to; empty for an organization itself."""
    return next(iter(party.organization.values()), "") if party.is_person else ""


def publisher_of(record: ExportRecord) -> str:
    """Who publishes the data, else distributes them, else the body that keeps them; empty if the record names none."""
    keepers = (party for party in record.parties("custodian") if not party.is_person)
    for party in (*record.parties("publisher"), *record.parties("distributor"), *keepers):
        if name := next(iter((party.organization or party.name).values()), ""):
            return name
    return ""


def year_of(record: ExportRecord) -> str:
    """The year of publication: when the data were issued, else when the record entered this catalogue."""
    return (moment(record.word("issued")) or record.created)[:4]


def positive(value: Any) -> float | None:
    """A number above zero, or None for anything else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None


def without_empty(node: dict[str, Any]) -> dict[str, Any]:
    """A JSON object without the members that say nothing."""
    return {name: value for name, value in node.items() if value not in (None, "", [], {}, ())}


def iri(text: str) -> str:
    """An address with the characters escaped that no IRI may hold (RFC 3987, 2.2); brackets stay around a host."""
    head, bracket, rest = text.partition("://[")
    host, end, rest = rest.partition("]") if bracket else ("", "", "")
    authority = head + bracket + host + end if end else ""
    start, mark, fragment = (rest if end else text).partition("#")
    return authority + _escaped(start) + mark + _escaped(fragment)


def _escaped(part: str) -> str:
    return _NOT_IN_IRI.sub(lambda match: quote(match[0], safe=""), part)
