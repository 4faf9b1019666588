"""What harvesting makes of a source: documents in the stored form, and a note of everything irregular."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

MAX_MEMBERS = 1_000
"""Links, contacts, keywords and the like that one record may have; a document of the stored size has fewer."""
MAX_TEXT = 300_000
"""Characters of one text."""
MAX_SHOWN = 120
"""Characters of a value that a note shows."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """One irregularity of a source: where it stands, what stands there and what was made of it."""

    field: str
    value: str
    action: str

    def __str__(self) -> str:
        return f"{self.field}={self.value!r}: {self.action}"


@dataclass(frozen=True, kw_only=True)
class Harvested:
    """One record of a source.

    Attributes:
        document: The record in the stored form (`records.documents.documents`).
        format: Name of the adapter that read it.
        source_id: The identifier that the source gives it; the document's `id` is a slug of it.
        notes: What was irregular, in the order it was met.
        private: Kept for operators and never published: `contacts` with mails and phones, and `fields`, the members
            that no public member holds.
    """

    document: dict[str, Any]
    format: str
    source_id: str
    notes: tuple[Note, ...] = ()
    private: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One entry of a source that is no record, and why."""

    entry: str
    reason: str


def shown(value: object) -> str:
    """A value as a note shows it."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
