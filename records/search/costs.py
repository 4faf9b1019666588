"""Costs of each way to the first records of a search (`records.search.executor`), in measured microseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from records.search.conditions import Lead

if TYPE_CHECKING:
    from records.search.conditions import Condition

Way = Lead | Literal["walk"]
"""What candidates are gathered by, or a walk."""

GATHER: Final = 1.0
"""A record that the index of words finds, and that is sorted."""
COMPARE: Final = 1.5
"""What it costs more if its box and time are compared."""
PLACE: Final = 3.5
"""A record that the index of boxes and times finds, and that is sorted."""
WORD_BIT: Final = 0.15
"""A record that the index of words finds, if that of boxes and times chooses among them."""
PLACE_BIT: Final = 1.0
"""The reverse."""
CHECK: Final = 12.0
"""A candidate of which is compared what is dear."""
_LOOK: Final = 7.5
"""A record that a walk looks at, with its words."""
_GLANCE: Final = 2.0
"""The same without words."""


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A part of a search, all hits of which stand before those of the next.

    Attributes:
        condition: What its hits meet.
        hits: About how many there are, at least 1 unless there is none.
        words: About how many records have its words; 0: about as many as there are hits.
        places: About how many meet its boxes and times; 0: the same.
    """

    condition: Condition
    hits: int
    words: int = 0
    places: int = 0

    def costs(self, limit: int, total: int, *, is_walkable: bool, joins: bool = True) -> dict[Way, float]:
        """What each way takes to the first hits.

        Args:
            limit: How many hits.
            total: Records that there are.
            is_walkable: Whether an index has them in the order of the search.
            joins: Whether there are so many that the planner joins two indexes when it may (`counting.Tuning`).
        """
        if self.condition.keys:
            return {"words": self.hits * GATHER}
        words, places = max(self.words, self.hits), max(self.places, self.hits)
        costs = self._gathering(limit / self.hits, words, places, joins=joins)
        if is_walkable:
            costs["walk"] = total * limit / self.hits * self._look(places / max(total, 1))
        return costs or {"none": total * _LOOK}

    def _gathering(self, share: float, words: int, places: int, *, joins: bool) -> dict[Way, float]:
        """What it takes to gather candidates and compare a share of them."""
        condition = self.condition
        check = min(1.0, share) * CHECK
        left = words if condition.others else self.hits
        costs: dict[Way, float] = {}
        if condition.queries:
            each = GATHER + (COMPARE if condition.has_place else 0)
            costs["words"] = words * each + left * check
        if condition.has_place:
            costs["place"] = places * (PLACE + (check if condition.queries or condition.others else 0))
        if len(costs) > 1 and joins:
            both = words * WORD_BIT + places * PLACE_BIT
            costs["both"] = both + self.hits * PLACE + min(left, places) * check
        return costs

    def _look(self, nearby: float) -> float:
        """What a record costs in a walk, if such a share of all is at the place that is asked for."""
        condition = self.condition
        look = _LOOK if condition.queries or condition.others else _GLANCE
        return _GLANCE + (look - _GLANCE) * min(1.0, nearby) if condition.has_place else look
