"""The compiled statements of an engine, bounded by the memory that they take.

SQLAlchemy keeps the last five hundred, whatever their size; but a filter of a thousand conditions takes ten megabytes
once it is compiled, and it is clients who write filters.
"""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from cachetools import LRUCache

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import Compiled

MAX_BYTES: Final = 48 * 2**20
"""What the statements of one engine may take."""
MAX_STATEMENT_BYTES: Final = 2 * 2**20
"""A larger statement is compiled each time: compiling it costs little beside what the database has to do for it."""
_BYTES_PER_CHARACTER: Final = 100
"""Memory of a compiled statement and its key for each character of its SQL; 60 to 95 by `tracemalloc`."""


def statement_bytes(compiled: Compiled) -> int:
    """About the bytes that a compiled statement takes with the expression that it was made from."""
    return _BYTES_PER_CHARACTER * len(compiled.string or "")


class StatementCache(LRUCache[Any, Any]):
    """The least recently used statements fall out first. Thread-safe in what SQLAlchemy asks of it."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        super().__init__(max_bytes, getsizeof=statement_bytes)
        self._lock = RLock()

    def get(self, key: Any, default: Any = None) -> Any:
        """The statement of a key."""
        with self._lock:
            return super().get(key, default)

    def __setitem__(self, key: Any, value: Any) -> None:
        """Keep a statement, unless it is large."""
        if statement_bytes(value) <= min(MAX_STATEMENT_BYTES, self.maxsize):
            with self._lock:
                super().__setitem__(key, value)
