"""The connections of a web worker: how many there may be, and which one makes room when there are too many."""

from __future__ import annotations

import logging
import resource
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from config.setting_groups.server import ServerSettings

log = logging.getLogger(__name__)

_MOST: Final = 4096
"""Connections of a worker whose settings name no limit."""
_SHARE: Final = 2
"""One of so many descriptors at most is a connection: rasters, the database and Dask need theirs."""
_SILENCE_S: Final = 10.0
"""Seconds between two log lines about the same limit."""


class Closable(Protocol):
    """A connection."""

    def give_way(self) -> None:
        """Close it, at once."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a worker waits for its clients.

    Attributes:
        header_s: For the whole head of a request, from its first byte, or from the start of the connection.
        body_s: For the whole body.
        write_s: For a client that reads an answer to take some of it.
    """

    header_s: float
    body_s: float
    write_s: float

    @classmethod
    def of(cls, settings: ServerSettings) -> Patience:
        """The patience that the settings state."""
        return cls(header_s=settings.header_timeout_s, body_s=settings.body_timeout_s, write_s=settings.write_timeout_s)


class ConnectionLimit:
    """Keeps the open connections of a worker below a limit.

    A connection beyond the limit is let in, and the one whose client has kept the worker waiting longest goes: honest
    clients send what they have to say at once, so that it is hardly ever theirs.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._open = 0
        self._waiting: dict[Closable, None] = {}
        self._silent_until = 0.0

    def enter(self, connection: Closable) -> None:
        """Count a new connection, which waits for its client."""
        self._open += 1
        self._waiting[connection] = None
        if self._open > self.most:
            self._make_room(connection)

    def leave(self, connection: Closable) -> None:
        """Count a connection no longer."""
        self._open -= 1
        self._waiting.pop(connection, None)

    def wait(self, connection: Closable) -> None:
        """Note that a connection waits for its client from now on."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = None

    def work(self, connection: Closable) -> None:
        """Note that a connection's client waits for the worker."""
        self._waiting.pop(connection, None)

    def _make_room(self, newest: Closable) -> None:
        longest = next(iter(self._waiting), newest)
        self._waiting.pop(longest, None)
        if time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + _SILENCE_S
            log.warning(
                "%d connections are open, which is the limit of this worker; those that wait longest for their clients "
                "are closed. Allow more descriptors (ulimit -n) or set GRATICULE_SERVER_CONNECTIONS",
                self.most,
            )
        longest.give_way()


def allowed_connections(wanted: int) -> int:
    """How many connections this process may hold, having raised its limit of descriptors as far as it may.

    Args:
        wanted: The number that the settings name; 0: as many as there can be, within reason.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and (hard == resource.RLIM_INFINITY or soft < hard):
        needed = _SHARE * max(wanted, _MOST)
        raised = needed if hard == resource.RLIM_INFINITY else min(hard, needed)
        if raised > soft:
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
            soft = raised
    possible = _MOST if soft == resource.RLIM_INFINITY else max(1, soft // _SHARE)
    if wanted > possible and soft != resource.RLIM_INFINITY:
        log.warning(
            "%d connections were to be allowed, but half of %d descriptors are %d: raise the hard limit (ulimit -Hn)",
            wanted,
            soft,
            possible,
        )
        return possible
    return wanted or min(possible, _MOST)
