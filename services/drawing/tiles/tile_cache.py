"""Drawn tiles, kept in memory within a number of bytes: off unless `tile.cache_mb` is set.

Each web worker keeps its own. A tile is found by its entity tag, which is made of all that it depends on, the
collection's version and the audience among it: after a republication nothing old is found, and what is not found any
more falls out. Tiles are looked up after the access decision, and restricted tiles are never kept.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cachetools import LRUCache

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)

_MIB: Final = 1 << 20
_SHARE: Final = 8
"""No tile may take more than one part in this many, so that a few large ones do not push out all others."""
_OVERHEAD: Final = 1500
"""Bytes that a tile takes beside its content: its tag, headers and places in tables, about."""
_EACH: Final = 10_000
"""Look-ups after which the hits are logged."""
_HIT: Final = "graticule; hit"
_STORED: Final = "graticule; fwd=miss; stored"
_STATUS: Final = "Cache-Status"
"""RFC 9211."""


@dataclass(frozen=True, kw_only=True)
class CachedTile:
    """A tile: its bytes, and the headers that are not of its freshness."""

    content: bytes
    headers: dict[str, str]


class TileCache:
    """The most recently used tiles; thread-safe.

    Args:
        capacity_mb: MiB of memory that they may take together; 0: none are kept.
    """

    def __init__(self, capacity_mb: int) -> None:
        self._tiles: LRUCache[str, CachedTile] = LRUCache(capacity_mb * _MIB, getsizeof=_size)
        self._lock = threading.Lock()
        self.hits = 0
        self.misses = 0

    def get(self, fresh: Mapping[str, str]) -> CachedTile | None:
        """The tile whose freshness has these headers, if it is kept."""
        if not self._takes(fresh):
            return None
        with self._lock:
            tile = self._tiles.get(fresh["ETag"])
            self.hits, self.misses = self.hits + (tile is not None), self.misses + (tile is None)
            if (self.hits + self.misses) % _EACH == 0:
                self._log_hits()
        return tile

    def keep(self, fresh: Mapping[str, str], content: bytes, headers: Mapping[str, str]) -> dict[str, str]:
        """Keep a tile that was missing, unless it is restricted or too large; returns the header that says so."""
        if not self._takes(fresh):
            return {}
        tile = CachedTile(content=content, headers={**headers, _STATUS: _HIT})
        if _size(tile) > self._tiles.maxsize / _SHARE:
            return {}
        with self._lock:
            self._tiles[fresh["ETag"]] = tile
        return {_STATUS: _STORED}

    def close(self) -> None:
        """Log the hits, and drop the tiles."""
        if self._tiles.maxsize:
            self._log_hits()
        self._tiles.clear()

    @property
    def is_on(self) -> bool:
        """Whether it keeps any tiles."""
        return bool(self._tiles.maxsize)

    @property
    def size(self) -> int:
        """Bytes that the tiles take."""
        return int(self._tiles.currsize)

    def __len__(self) -> int:
        return len(self._tiles)

    def _takes(self, fresh: Mapping[str, str]) -> bool:
        return bool(self._tiles.maxsize) and fresh["Cache-Control"].startswith("public")

    def _log_hits(self) -> None:
        lookups, size, most = self.hits + self.misses, self.size / _MIB, self._tiles.maxsize / _MIB
        log.info("tile cache: %d hits of %d, %d tiles in %.1f of %.0f MiB", self.hits, lookups, len(self), size, most)


def _size(tile: CachedTile) -> int:
    return len(tile.content) + _OVERHEAD
