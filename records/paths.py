"""The two ways to the first records of a search.

*Gather*: an index finds all records that meet the condition, and they are sorted. *Walk*: records are taken in their
order, each is looked at, until the page is full. Gathering costs as much as there are hits, walking the more the rarer
they are; so whichever costs less is taken, and neither costs much: ten of a million records by a word that 1 in 200 has
cost the same by both. A walk that was longer than foreseen, because the hits stand late in the order, becomes a gather.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from records.counting import Tuning, about, count
from records.ordering import Position

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from records.conditions import Condition
    from records.ordering import Order, Scalar

_GATHER: Final = 1.0
"""Microseconds that a hit costs when it is gathered and sorted."""
_RECHECK: Final = 8.0
"""The same when positions of its words are compared."""
_COMPARE: Final = 2.5
"""The same when more than what an index knows of it is compared."""
_LOOK: Final = 7.5
"""Microseconds that a record costs in a walk that looks at its words."""
_GLANCE: Final = 2.0
"""The same without words."""
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
        titled: About how many have the words in their titles.
        way: `gather` or `walk` to go only that way, for tests.
    """

    connection: Connection
    order: Order
    total: int
    tuning: Tuning
    titled: int = 0
    way: str = ""

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
        found: list[Hit] = []
        for phase, (part, hits) in sorted(enumerate(phases), reverse=backwards):
            if position is not None and (phase > position.phase if backwards else phase < position.phase):
                continue
            if len(found) == limit or not hits:
                continue
            values = position.values if position is not None and phase == position.phase else None
            need = limit - len(found)
            rows = self._rows(part, hits, _Window(values=values, backwards=backwards, limit=need, offset=offset))
            found += [Hit(phase=phase, values=row) for row in rows]
            if offset and len(rows) < need and phase + 1 < len(phases):
                all_of_phase = offset + len(rows) if rows else count(self.connection, part, 0, self.tuning).matched
                offset = max(0, offset - all_of_phase)
        return found[::-1] if backwards else found

    def _phases(self, condition: Condition, matched: int) -> list[tuple[Condition, int]]:
        """The parts of a search, one after the other, with about how many hits each has: those in titles come first."""
        if not condition.titles or self.order.keys[0].kind is not int:
            return [(condition, matched)]
        titled = condition.with_tokens(condition.titles)
        hits = min(matched, self.titled)
        others = condition.with_tokens(f"!({condition.titles})")
        return [(titled, max(hits, 1 if matched else 0)), (others, max(matched - hits, 1 if matched else 0))]

    def _rows(self, condition: Condition, hits: int, window: _Window) -> list[tuple[Scalar, ...]]:
        foreseen = self.total * (window.offset + window.limit) / hits
        look = _LOOK if condition.tokens else _GLANCE
        cost = self._gathering(condition, hits) if condition.is_driven else self.total * look
        may_walk = self.way != "gather" and self.order.is_walkable and not condition.keys
        if may_walk and (self.way == "walk" or foreseen * look < cost):
            rows = self._walk(condition, window, min(max(_LEAST, int(foreseen * _PATIENCE)), _MOST))
            if rows is not None:
                return rows
        return self._gather(condition, window)

    def _gathering(self, condition: Condition, hits: int) -> float:
        """About how many microseconds it takes to gather so many hits."""
        each = _RECHECK if condition.recheck else _GATHER
        if condition.keys or not condition.is_compound or self.total <= self.tuning.exact_below:
            return hits * each
        found = max(hits, about(self.connection, condition.driver, self.total, self.tuning))
        return found * max(each, _COMPARE)

    def _walk(self, condition: Condition, window: _Window, looks: int) -> list[tuple[Scalar, ...]] | None:
        """Look at that many records; None if they were too few for a page and there are others behind them."""
        order, backwards = self.order, window.backwards
        after = [] if window.values is None else [order.behind(window.values, backwards=backwards)]
        keys = [key.column for key in order.keys]
        in_order = order.by(backwards=backwards)
        end = self.connection.execute(select(*keys).where(*after).order_by(*in_order).offset(looks).limit(1)).first()
        before = [] if end is None else [order.behind(tuple(end), backwards=not backwards)]
        found = select(*keys).where(*condition.clauses(driven=False), *after, *before).order_by(*in_order)
        rows = [tuple(row) for row in self.connection.execute(found.offset(window.offset).limit(window.limit))]
        return rows if len(rows) == window.limit or end is None else None

    def _gather(self, condition: Condition, window: _Window) -> list[tuple[Scalar, ...]]:
        """Find all and sort them, by a first key that no index knows, which could be walked instead."""
        keys = self.order.keys
        plain = func.coalesce(keys[0].column, keys[0].column, type_=keys[0].column.type)
        order = replace(self.order, keys=(replace(keys[0], column=plain), *keys[1:]))
        found = select(*(key.column for key in keys)).where(*condition.clauses(driven=True))
        if window.values is not None:
            found = found.where(order.behind(window.values, backwards=window.backwards))
        found = found.order_by(*order.by(backwards=window.backwards)).offset(window.offset).limit(window.limit)
        return [tuple(row) for row in self.connection.execute(found)]
