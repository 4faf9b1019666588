"""What became of a source and of each of its records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from records.harvest.models import Note

Status = Literal["added", "changed", "unchanged", "vanished", "removed", "refused", "skipped"]
MAX_KEPT: Final = 1_000
"""Outcomes of a status that the database keeps; all are counted."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one record, or of an item that gave none."""

    status: Status
    item: str
    record_id: str = ""
    reason: str = ""
    notes: tuple[Note, ...] = ()

    def document(self) -> dict[str, Any]:
        """It as JSON."""
        return {
            "status": self.status,
            "item": self.item,
            "id": self.record_id or None,
            "reason": self.reason or None,
            "notes": [{"field": n.field, "value": n.value, "action": n.action} for n in self.notes],
        }


@dataclass(kw_only=True)
class Report:
    """What became of a source.

    Attributes:
        outcomes: Those of its records, in the order they came.
        listener: Told each outcome as it comes.
        whole: Whether it was asked for all that it has, rather than for what it changed.
        broken: Why it could not be read to its end; empty: it was.
        since: What to ask it for the next time.
    """

    source: str
    outcomes: list[Outcome] = field(default_factory=list)
    listener: Callable[[Outcome], None] | None = None
    whole: bool = True
    broken: str = ""
    since: str | None = None

    def tell(self, outcome: Outcome) -> None:
        """Enter an outcome."""
        self.outcomes.append(outcome)
        if self.listener is not None:
            self.listener(outcome)

    @property
    def refused(self) -> bool:
        """Whether anything was refused."""
        return any(outcome.status == "refused" for outcome in self.outcomes)

    @property
    def counts(self) -> dict[str, int]:
        """How many outcomes there are of each status."""
        return dict(Counter(outcome.status for outcome in self.outcomes))

    def kept_outcomes(self) -> list[dict[str, Any]]:
        """What the database keeps: all but what was unchanged or skipped, `MAX_KEPT` of each status, without notes."""
        counts: Counter[str] = Counter()
        documents = []
        for outcome in self.outcomes:
            counts[outcome.status] += 1
            if outcome.status not in ("unchanged", "skipped") and counts[outcome.status] <= MAX_KEPT:
                document = outcome.document()
                del document["notes"]  # they stand beside each record's origin
                documents.append(document)
        return documents
