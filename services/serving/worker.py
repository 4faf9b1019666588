"""One web worker: `python -m services.serving.worker`, started by the supervisor, serving a socket that it inherits."""

from __future__ import annotations

import asyncio
import ctypes
import functools
import gc
import os
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import uvicorn

from cog.tiles.imports import import_readers
from config import logging as logs
from config import settings as configuration
from services.compute.children.lifeline import die_with
from services.serving.connections import ConnectionLimit, Patience, allowed_connections
from services.serving.http_protocol import BoundedHttp

if TYPE_CHECKING:
    from types import FrameType

GRACE_S = 10
"""Seconds that requests in progress have to end when the worker is asked to stop."""

_BACKLOG = 2048


_SECOND = 10
"""Ticks after which uvicorn renews the header `Date`."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Parameters of mallopt(3)."""
_FREED_BYTES = 32 << 20
"""Free memory that an arena of the allocator keeps; glibc's own limit is twice the largest block freed so far."""
_MAPPED_BYTES = 16 << 20
"""Size from which a block of memory is mapped for itself, and given back once it is free."""
_ARENAS = 2


class _Server(uvicorn.Server):
    """A server that writes to a descriptor when it accepts requests, and wakes once a second, not ten times."""

    def __init__(self, config: uvicorn.Config, answers: int) -> None:
        super().__init__(config)
        self._answers = answers
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        """Renew the header `Date` every second until a signal says stop."""
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(_SECOND):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), 1)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop, at once if this is the second signal."""
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # what is imported and built by now stays: the collector need not look at it again
        if self.started:
            os.write(self._answers, b"ready\n")
        os.close(self._answers)


def keep_freed_memory() -> None:
    """Keep some freed memory for the next arrays, where the C library is glibc.

    Else each array of a picture is mapped anew, and the kernel clears all its pages: up to half the time of a map of
    512 x 512 pixels. What is kept is bounded by few arenas, which threads share.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter, value in (
            (_TRIM_THRESHOLD, _FREED_BYTES),
            (_MMAP_THRESHOLD, _MAPPED_BYTES),
            (_ARENA_MAX, _ARENAS),
        ):
            mallopt(parameter, value)


def main() -> None:
    """Serve until SIGTERM. Arguments: descriptors of the listening socket and of the answer, and the parent's id."""
    listening, answers, parent = (int(word) for word in sys.argv[1:4])
    die_with(parent)
    keep_freed_memory()
    os.set_inheritable(answers, False)
    settings = configuration.load()
    logs.configure(level=settings.log_level, style=settings.log_format)
    import_readers()
    limit = ConnectionLimit(allowed_connections(settings.server.connections))
    options: dict[str, Any] = {
        "factory": True,
        "loop": "uvloop",
        "http": functools.partial(BoundedHttp, patience=Patience.of(settings.server), limit=limit),
        "timeout_keep_alive": settings.server.idle_timeout_s,
        "ws": "none",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "proxy_headers": bool(settings.server.proxies),
        "forwarded_allow_ips": settings.server.proxies,
        "server_header": False,
        "backlog": _BACKLOG,
        "timeout_graceful_shutdown": GRACE_S,
    }
    config = uvicorn.Config("services.app:create_app", **options)
    server = _Server(config, answers)
    server.run(sockets=[socket.socket(fileno=listening)])
    sys.exit(0 if server.started else 1)


if __name__ == "__main__":
    main()
