"""The ways to the first records of a search.

*Gather*: an index finds all candidates, they are sorted, and one after the other is asked what no index knows, until
the page is full. *Walk*: records are taken in their order, each is looked at, until the page is full. Gathering costs
as much as there are candidates, walking the more the rarer hits are; so whichever costs least is taken, and none costs
much: ten of a million records by a word that 1 in 200 has cost the same by both. What is gathered may be found by its
words, by its place and time, or by both. A walk that was longer than foreseen, because the hits stand late in the
order, becomes a gather.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, func, select

from records.database.orm import RecordRow
from records.search.costs import Phase
from records.search.counting import Sizes, Tuning, count
from records.search.ordering import Position

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from records.search.conditions import Condition, Lead
    from records.search.costs import Way
    from records.search.ordering import Order, Scalar

_PATIENCE: Final = 4
"""Times as many records as foreseen that a walk looks at."""
_LEAST: Final = 500
_MOST: Final = 100_000
"""Records that a walk looks at."""


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A record that was found: the phase of the search and the values of the order's keys; the last is its id."""

    phase: int
    values: tuple[Scalar, ...]

    @property
    def id(self) -> str:
        """The id of the record."""
        return str(self.values[-1])


@dataclass(frozen=True, kw_only=True)
class _Window:
    """The part of an order that is wanted: `limit` records behind the values of one, or behind `offset` records."""

    values: tuple[Scalar, ...] | None
    backwards: bool
    limit: int
    offset: int


@dataclass(frozen=True, kw_only=True)
class Walker:
    """Finds the records of a condition in an order.

    Attributes:
        total: About how many records there are.
        sizes: About how many meet parts of the condition.
        way: To go only that way, for tests.
        remembered: What gives the number of hits of the first phase, which takes long to count, from a count of it.
    """

    connection: Connection
    order: Order
    total: int
    tuning: Tuning
    sizes: Sizes = field(default_factory=Sizes)
    way: Way | None = None
    remembered: Callable[[Callable[[], int]], int] = lambda made: made()

    def page(
        self, condition: Condition, matched: int, position: Position | None, *, limit: int, offset: int
    ) -> list[Hit]:
        """At most `limit` hits behind a position, or before it, or behind `offset` hits, in their order.

        Args:
            condition: What they meet.
            matched: About how many do.
            position: A place in the order.
            limit: Hits that are wanted.
            offset: Hits to leave out, without a position.
        """
        phases = self._phases(condition, matched)
        backwards = position is not None and position.backwards
        hits: list[Hit] = []
        for number, phase in sorted(enumerate(phases), key=lambda pair: pair[0], reverse=backwards):
            if position is not None and (number > position.phase if backwards else number < position.phase):
                continue
            if len(hits) == limit or not phase.hits:
                continue
            values = position.values if position is not None and number == position.phase else None
            need = limit - len(hits)
            rows = self._rows(phase, _Window(values=values, backwards=backwards, limit=need, offset=offset))
            hits += [Hit(phase=number, values=row) for row in rows]
            if offset and len(rows) < need and number + 1 < len(phases):
                offset = 0 if rows else max(0, offset - self._counted(phase.condition))
        return hits[::-1] if backwards else hits

    def _counted(self, condition: Condition) -> int:
        return self.remembered(lambda: count(self.connection, condition, 0, self.tuning, Sizes()).matched)

    def _phases(self, condition: Condition, matched: int) -> list[Phase]:
        """The parts of a search, one after the other: hits in titles come first."""
        sizes = self.sizes
        if not condition.titles or self.order.keys[0].kind is not int:
            return [Phase(condition=condition, hits=matched, words=sizes.words, places=sizes.places)]
        least = 1 if matched else 0
        first = max(sizes.titled(matched), least)
        rest = max(matched - first, least)
        return [
            Phase(condition=condition.titled(), hits=first, words=sizes.titles, places=sizes.places),
            Phase(condition=condition.untitled(), hits=rest, words=sizes.words, places=sizes.places),
        ]

    def _rows(self, phase: Phase, window: _Window) -> list[tuple[Scalar, ...]]:
        needed = window.offset + window.limit
        joins = self.total >= self.tuning.joinable
        costs = phase.costs(needed, self.total, is_walkable=self.order.is_walkable, joins=joins)
        by_cost: list[Way] = sorted(costs, key=lambda way: costs[way])
        if self.way in costs:
            by_cost.insert(0, self.way)
        if by_cost[0] == "walk":
            foreseen = self.total * needed / phase.hits
            rows = self._walk(phase.condition, window, min(max(_LEAST, int(foreseen * _PATIENCE)), _MOST))
            if rows is not None:
                return rows
        leads: list[Lead] = [way for way in by_cost if way != "walk"]
        return self._gather(phase.condition, window, leads[0] if leads else "none")

    def _walk(self, condition: Condition, window: _Window, looks: int) -> list[tuple[Scalar, ...]] | None:
        """Look at that many records; None if they were too few for a page and there are others behind them."""
        order, backwards = self.order, window.backwards
        after = [] if window.values is None else [order.behind(window.values, backwards=backwards)]
        keys = [key.column for key in order.keys]
        in_order = order.by(backwards=backwards)
        end = self.connection.execute(select(*keys).where(*after).order_by(*in_order).offset(looks).limit(1)).first()
        before = [] if end is None else [order.behind(tuple(end), backwards=not backwards)]
        statement = select(*keys).where(*condition.clauses("none"), *after, *before).order_by(*in_order)
        rows = [tuple(row) for row in self.connection.execute(statement.offset(window.offset).limit(window.limit))]
        return rows if len(rows) == window.limit or end is None else None

    def _gather(self, condition: Condition, window: _Window, lead: Lead) -> list[tuple[Scalar, ...]]:
        """Find candidates, sort them, and take those that meet the condition.

        They are sorted by a first key that no index knows, which could be walked instead.
        """
        keys = self.order.keys
        plain = func.coalesce(keys[0].column, keys[0].column, type_=keys[0].column.type)
        order = replace(self.order, keys=(replace(keys[0], column=plain), *keys[1:]))
        near, dear = condition.looks(lead)
        statement = select(*(key.column.label(f"key{place}") for place, key in enumerate(keys))).where(*near)
        if window.values is not None:
            statement = statement.where(order.behind(window.values, backwards=window.backwards))
        statement = statement.order_by(*order.by(backwards=window.backwards))
        if dear:
            # an offset keeps the conditions outside; one process alone reads a sorted subquery, so its order is kept
            candidates = statement.offset(0).subquery()
            meets = select(and_(*dear)).where(RecordRow.id == list(candidates.c)[-1]).correlate(candidates)
            statement = select(*candidates.c).where(meets.scalar_subquery())
        statement = statement.offset(window.offset).limit(window.limit)
        return [tuple(row) for row in self.connection.execute(statement)]
