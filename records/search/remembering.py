"""Counts that a process remembers for as long as the records stay as they are.

Every statement that writes records raises a number in `record_changes`, within its transaction; so two snapshots that
see the same sum see the same records, and what was counted in one holds in the other.
"""

from __future__ import annotations

import pickle
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from cachetools import LRUCache

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sqlalchemy import Engine

MAX_BYTES: Final = 16 * 2**20
"""Memory of the results of one catalogue that are remembered, about: with all facets one takes up to 200 KB."""
_KEY_BYTES: Final = 1_000
"""Memory of a key, of the entry, and of small results."""


class SearchMemory:
    """Results by what they were made from, the least recently used forgotten first. Thread-safe.

    Bounded by bytes, not by number: clients choose what is asked for.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._entries: LRUCache[Hashable, Any] = LRUCache(max_bytes, getsizeof=_bytes_of)
        self._lock = Lock()

    def get[T](self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for a key, made now if it was not; two threads may both make it."""
        value: T | None = self.known(key)
        if value is None:
            value = make()
            self.keep(key, value)
        return value

    def known(self, key: Hashable) -> Any:
        """What is remembered under a key, or None."""
        with self._lock:
            return self._entries.get(key)

    def keep(self, key: Hashable, value: object) -> None:
        """Remember something, never None, if it is not larger than all that may be remembered."""
        with self._lock, suppress(ValueError):
            self._entries[key] = value


def _bytes_of(value: object) -> int:
    return _KEY_BYTES + 2 * len(pickle.dumps(value))


_memories: WeakKeyDictionary[Engine, SearchMemory] = WeakKeyDictionary()
_lock: Final = Lock()


def memory_of(engine: Engine) -> SearchMemory:
    """What is remembered of the catalogue behind an engine."""
    with _lock:
        return _memories.setdefault(engine, SearchMemory())
