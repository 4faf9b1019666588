"""What an item is made of: its id, its moments and its outline. Nothing here reads the database."""

from __future__ import annotations

import calendar
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from geoalchemy2.shape import from_shape

from config.layers import level_of, member_of
from config.times import key_parts, label_to_path, order_key
from records.datasets.footprint import merged, outline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoalchemy2 import WKBElement
    from shapely.geometry.base import BaseGeometry

    from config.grids import Grid

_PLAIN = re.compile(r"[A-Za-z0-9.+-]{1,60}", re.ASCII)
_OTHER = re.compile(r"[^A-Za-z0-9.+-]+", re.ASCII)
_TIME_LIKE = re.compile(r"[+-]?[0-9]{4}.*", re.ASCII)
_LEVEL: Final = "level-"
_MEMBER: Final = "member-"
_EVERY_MONTH = 28
"""Days that every month has."""
_FIRST_KEY, _END_KEY = order_key(1), order_key(10_000)
_LAST = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)

Place = tuple[str | None, str | None, str | None]
"""Time, layer (`config.layers`) and part."""
Moments = tuple[datetime, datetime, datetime]
"""Nominal, first and last moment, UTC; the last is inside."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A granule of an item: the variable, where its file is, its grid and order keys."""

    variable_id: str
    href: str
    grid: Grid
    key: int | None
    start_key: int | None
    end_key: int | None


def item_id(dataset_id: str, time: str | None, layer: str | None, part: str | None) -> str:
    """The id of an item: the dataset's id, then time, level, member and part, as far as there are any, joined by `_`.

    It has letters, digits and `._+-` alone, and no other item of any dataset has it. What cannot be written so, or
    could be taken for something else, is told apart by a checksum.
    """
    words = [dataset_id]
    if time:
        words.append(time[:1] + label_to_path(time[1:]) if time[0] in "+-" else label_to_path(time))
    level, member = level_of(layer), member_of(layer)
    if level:
        words.append(_LEVEL + _slug(level))
    if member:
        words.append(_MEMBER + _slug(member))
    if part:
        words.append(_slug(part))
    mistakable = part and (part.startswith((_LEVEL, _MEMBER)) or (not time and _TIME_LIKE.fullmatch(part)))
    plain = all(_PLAIN.fullmatch(word) for word in (level, member, part) if word)
    if mistakable or not plain or (time and _OTHER.search(words[1])):
        words = [_OTHER.sub("-", word) if n else word for n, word in enumerate(words)]
        words.append(hashlib.sha256(json.dumps([time, layer, part]).encode()).hexdigest()[:10])
    return "_".join(words)


def _slug(text: str) -> str:
    return _OTHER.sub("-", text)[:60]


def nominal(key: int) -> datetime:
    """The moment of the Gregorian calendar that stands for an order key of any calendar, UTC, of the years 1 to 9999.

    A day that the Gregorian month does not have (30 February of a year of 360 days) becomes that month's last.
    """
    if key < _FIRST_KEY:
        return datetime.min.replace(tzinfo=UTC)
    if key >= _END_KEY:
        return _LAST
    year, month, day, hour, minute, second, micro = key_parts(key)
    if day > _EVERY_MONTH:
        day = min(day, calendar.monthrange(year, month)[1])
    return datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)


def moments(pieces: Sequence[Piece], undated: Moments) -> Moments:
    """When an item is: the label's moment, and the first and last of its bounds; `undated` for one without time."""
    keys = [piece.key for piece in pieces if piece.key is not None]
    if not keys:
        return undated
    key = min(keys)
    start = min(key if p.start_key is None else p.start_key for p in pieces)
    end = max(key + 1 if p.end_key is None else p.end_key for p in pieces)
    label = nominal(key)
    return label, min(label, nominal(start)), max(label, nominal(end - 1))


class Outlines:
    """The outlines of items in CRS84, each set of grids worked out once."""

    def __init__(self) -> None:
        self._grids: dict[Grid, BaseGeometry] = {}
        self._unions: dict[frozenset[Grid], WKBElement] = {}

    def of(self, pieces: Sequence[Piece]) -> WKBElement:
        """The union of the outlines of the grids, as a column holds it."""
        grids = frozenset(piece.grid for piece in pieces)
        if grids not in self._unions:
            for grid in grids - self._grids.keys():
                self._grids[grid] = outline(grid)
            self._unions[grids] = from_shape(merged([self._grids[grid] for grid in grids]), srid=4326)
        return self._unions[grids]


def state(when: Moments, pieces: Sequence[Piece]) -> str:
    """A checksum of all that an item says: another one, another item."""
    parts: list[Any] = [moment.isoformat() for moment in when]
    parts += [[p.variable_id, p.href, p.grid.to_json()] for p in pieces]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
