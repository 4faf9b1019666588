"""Counts that a process remembers for as long as the records stay as they are.

Every statement that writes records raises a number in `record_changes`, within its transaction; so two snapshots that
see the same sum see the same records, and what was counted in one holds in the other.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from cachetools import LRUCache

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sqlalchemy import Engine

_ENTRIES: Final = 512
"""Results of one catalogue that are remembered; one with all facets holds some kilobytes."""


class SearchMemory:
    """Results by what they were made from, the least recently used forgotten first. Thread-safe."""

    def __init__(self) -> None:
        self._entries: LRUCache[Hashable, Any] = LRUCache(_ENTRIES)
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
        """Remember something, never None."""
        with self._lock:
            self._entries[key] = value


_memories: WeakKeyDictionary[Engine, SearchMemory] = WeakKeyDictionary()
_lock: Final = Lock()


def memory_of(engine: Engine) -> SearchMemory:
    """What is remembered of the catalogue behind an engine."""
    with _lock:
        return _memories.setdefault(engine, SearchMemory())
