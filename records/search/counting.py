"""How many records meet a condition: exact while cheap, else estimated from a sample of the records.

Of a large catalogue a fixed sample is asked first, and ever larger ones until enough of one meets the condition; if no
sample has enough, all records are counted, which by then costs little. So what is rare is exact, and an estimate has a
relative standard deviation of at most 1 / sqrt(n), n being enough. A sample is a part of the rows with an index of its
own. Enough are `enough`; of phrases, whose places must be looked up record by record, `some`; of several parts, such as
words within a box, where many records have one part and few have all, `few` of a sample and `least` of the largest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import LargeBinary, func, literal_column, select, text

from records.database.orm import RecordRow
from records.search.conditions import Condition
from records.search.costs import CHECK, COMPARE, GATHER, PLACE, PLACE_BIT, WORD_BIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from records.search.conditions import Lead

LEVELS: Final = (9, 6, 3)
"""Levels of the samples that have an index: one of 2**level records each."""
_SCANNED: Final = 20_000
"""Records of a sample that are looked at one by one, where no index helps."""
_SCAN: Final = 0.8
"""Microseconds that one of them costs."""
_ROUGHLY: Final = 15
"""Times fewer records of a sample that are enough to choose a path by."""

_STATE = text("""
select
  set_config('enable_seqscan', 'off', true),
  set_config('enable_sort', 'off', true),
  set_config('max_parallel_workers_per_gather', '0', true),
  (select sum(version) from record_changes),
  case when relpages > 0 and reltuples > 0 then reltuples / relpages * (pg_relation_size(oid) / 8192) end,
  (select array_agg(id) from datasets where hidden)
from pg_class where oid = 'records'::regclass
""")
_COUNT = text("select count(*) from (select from records limit 1000000) as few")


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """When a catalogue counts as large.

    Attributes:
        exact_below: Records of a catalogue of which everything is counted.
        enough: Records of a sample that are enough for an estimate.
        some: The same where positions of words must be compared.
        few: The same where parts of a condition that no index joins must be compared one by one.
        least: The same, of the largest sample.
        smallest: Records that the first sample has at least.
        joinable: Records of a catalogue in which the planner joins the index of words with that of boxes and times: it
            reckons with one of ten thousand at any place, so that in smaller ones it looks at each.
    """

    exact_below: int = 100_000
    enough: int = 300
    some: int = 100
    few: int = 30
    least: int = 10
    smallest: int = 1_000
    joinable: int = 200_000


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many records there are, or one has to reckon with.

    Attributes:
        matched: Their number.
        is_exact: Whether they were counted, all of them.
        terms: Packed terms of those that were counted (`RecordRow.facets`), if they were asked for.
        scale: How many records each of those stands for.
    """

    matched: int
    is_exact: bool = True
    terms: bytes = b""
    scale: int = 1


@dataclass(frozen=True, kw_only=True)
class State:
    """What a search has to know of the catalogue.

    Attributes:
        version: The same in two snapshots that see the same records (`records.search.remembering`).
        total: About how many records there are.
        hidden: Ids of hidden datasets.
    """

    version: int
    total: int
    hidden: tuple[str, ...]


def state(connection: Connection) -> State:
    """What a search has to know of the catalogue; to the end of its transaction, tables are read by an index.

    The planner thinks that comparing a tsvector costs little: it would read each of them, or compare all that a walk
    may look at and sort what is left, though the first ones are enough. It also thinks that comparing outlines costs so
    much that it would start further processes, which takes longer than most searches.
    """
    *_, version, total, hidden = connection.execute(_STATE).one()
    if total is None:  # nothing was analysed yet
        total = connection.scalar(_COUNT) or 0
    return State(version=int(version or 0), total=int(total), hidden=tuple(hidden or ()))


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """About how many records meet the parts of a search by which an index finds them.

    Attributes:
        words: Its words and labels; 0 if there are none, or nothing else.
        titles: The same with the words of `q` in titles; 0 without `q`.
        places: Its boxes and times; 0 if there are none, or nothing else.
    """

    words: int = 0
    titles: int = 0
    places: int = 0

    def titled(self, matched: int) -> int:
        """How many of all hits have the words in their titles, if that does not depend on the other parts."""
        return min(matched, round(matched * self.titles / self.words) if self.words else self.titles)


def sizes(connection: Connection, condition: Condition, total: int, tuning: Tuning) -> Sizes:
    """About how many of some `total` records meet the parts of a condition."""

    def those(part: Condition) -> int:
        return about(connection, part, total, tuning)

    titles = those(condition.titled().of("words")) if condition.titles else 0
    if not condition.is_compound:
        return Sizes(titles=titles)
    return Sizes(
        titles=titles,
        words=those(condition.of("words")) if condition.queries else 0,
        places=those(condition.of("place")) if condition.has_place and (condition.queries or condition.others) else 0,
    )


def count(
    connection: Connection, condition: Condition, total: int, tuning: Tuning, sizes: Sizes, *, terms: bool = False
) -> Count:
    """Count the records that meet a condition, among about `total`, of which its parts have so many."""
    if condition.keys or total <= tuning.exact_below:
        hits, packed = _counted(connection, condition, _lead(condition, total, tuning, sizes), terms=terms)
        return Count(matched=hits, terms=packed)
    estimate = Count(matched=0)
    largest = min((level for level in sample_levels(condition, total, tuning) if level), default=0)
    for level, hits, packed in _samples(connection, condition, total, tuning, sizes, terms=terms):
        if level == 0:
            return Count(matched=hits, terms=packed)
        matched = total if condition.is_everything else hits << level
        estimate = Count(matched=matched, is_exact=False, terms=packed, scale=1 << level)
        if hits >= _enough(condition, tuning, is_largest=level == largest):
            break
    return estimate


def about(connection: Connection, condition: Condition, total: int, tuning: Tuning) -> int:
    """About how many records meet a condition: enough to choose a path by."""
    estimate = 0
    for level, hits, _ in _samples(connection, condition, total, tuning, Sizes(), terms=False):
        estimate = hits << level
        if hits >= tuning.enough // _ROUGHLY:
            break
    return estimate


def _samples(
    connection: Connection, condition: Condition, total: int, tuning: Tuning, sizes: Sizes, *, terms: bool
) -> Iterator[tuple[int, int, bytes]]:
    """(level, how many records of that sample meet a condition, their terms), ever larger samples; 0: all records.

    All of them are the next as soon as counting them costs less than the next sample.
    """
    places, is_place = sizes.places, condition.lead == "place" and not condition.others
    for level in sample_levels(condition, total, tuning):
        sample = 0 if _is_cheaper_to_count(condition, total >> level, level, replace(sizes, places=places)) else level
        lead = _lead(condition, total, tuning, sizes) if sample == 0 else "words" if condition.queries else "none"
        hits, packed = _counted(connection, condition, lead, sample=sample, terms=terms)
        yield sample, hits, packed
        if sample == 0:
            return
        places = (hits + 1) << level if is_place else places


def _is_cheaper_to_count(condition: Condition, sample: int, level: int, sizes: Sizes) -> bool:
    """Whether counting all costs less than looking at a sample of so many records."""
    if condition.others or not sizes.places:
        return False
    if condition.queries:
        return sizes.words * WORD_BIT + sizes.places * PLACE_BIT < (sizes.words >> level) * (GATHER + COMPARE)
    return sizes.places * PLACE < sample * _SCAN


def _enough(condition: Condition, tuning: Tuning, *, is_largest: bool) -> int:
    """How many records of a sample, which may be the largest one, are enough for an estimate."""
    if not condition.is_compound:
        return tuning.some if condition.has_phrases else tuning.enough
    return tuning.least if is_largest else tuning.few


def sample_levels(condition: Condition, total: int, tuning: Tuning) -> Iterator[int]:
    """Levels to ask, the smallest sample first; where no index finds the rows, only samples that can be read."""
    for level in LEVELS:
        if total >> level >= tuning.smallest and (condition.queries or total >> level <= _SCANNED):
            yield level
    if condition.lead != "none" or total <= _SCANNED:
        yield 0
    elif total >> LEVELS[0] > _SCANNED:
        yield LEVELS[0]


def _counted(
    connection: Connection, condition: Condition, lead: Lead, *, sample: int = 0, terms: bool
) -> tuple[int, bytes]:
    """How many records of a sample meet a condition, and their terms; samples have an index of words only."""
    packed = func.string_agg(RecordRow.facets, literal_column("''::bytea"), type_=LargeBinary)
    columns = [func.count(), packed] if terms else [func.count()]
    clauses = condition.clauses(lead)
    if sample:
        clauses.append(RecordRow.sample >= literal_column(str(sample)))
    row = connection.execute(select(*columns).select_from(RecordRow).where(*clauses)).one()
    return int(row[0]), bytes(row[1] or b"") if terms else b""


def _lead(condition: Condition, total: int, tuning: Tuning, sizes: Sizes) -> Lead:
    """Whose index finds all records that meet a condition at least cost."""
    if not (condition.queries and condition.has_place) or condition.keys:
        return condition.lead
    if total >= tuning.joinable:
        return "both"
    return "words" if sizes.words * (GATHER + COMPARE) <= sizes.places * (PLACE + CHECK) else "place"
