"""Loading a server over kept connections, and what it costs: CPU of its processes, memory, latency."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httptools
import numpy as np
import psutil
import uvloop

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BUSY = 1.6
"""Cores that a server of two processes uses at least in a run in which neither was idle."""
_TIMEOUT_S = 600
_OK = 200


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: requests, seconds, milliseconds of CPU a request, of latency, bytes of a body, and memory.

    `rss_mb` is the largest resident set of one process.
    """

    requests: int
    errors: int
    seconds: float
    cpu_ms: float
    p50_ms: float
    p99_ms: float
    size: float
    rss_mb: float

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    @property
    def kept_busy(self) -> bool:
        """Whether both processes worked: else one waited, and rates say little."""
        return self.per_second * self.cpu_ms / 1000 >= _BUSY


@dataclass
class _Tally:
    """What all connections share: the paths still to ask for, and what came back."""

    paths: Iterator[str]
    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    bytes: int = 0


def load(base: str, paths: Sequence[str], processes: Sequence[psutil.Process], *, connections: int) -> Run:
    """Ask for each path once, in order, over so many connections that stay open."""
    tally = _Tally(paths=iter(paths))
    before, began = _cpu(processes), time.perf_counter()
    uvloop.run(_ask(base, tally, connections))
    seconds, cpu = time.perf_counter() - began, _cpu(processes) - before
    p50, p99 = np.percentile(tally.latencies, [50, 99]) * 1000
    return Run(
        requests=len(tally.latencies),
        errors=tally.errors,
        seconds=seconds,
        cpu_ms=cpu * 1000 / len(tally.latencies),
        p50_ms=float(p50),
        p99_ms=float(p99),
        size=tally.bytes / len(tally.latencies),
        rss_mb=max(process.memory_info().rss for process in processes) / 2**20,
    )


async def _ask(base: str, tally: _Tally, connections: int) -> None:
    where, loop = urlsplit(base), asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Connection(where.netloc, tally), where.hostname, where.port)
        for _ in range(connections)
    ]
    async with asyncio.timeout(_TIMEOUT_S):
        await asyncio.gather(*(protocol.done for _, protocol in made))
    for transport, _ in made:
        transport.close()


class _Connection(asyncio.Protocol):
    """One connection: asks for the next path as soon as an answer is whole. httptools calls its `on_` methods."""

    def __init__(self, host: str, tally: _Tally) -> None:
        self._tail = f" HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
        self._tally = tally
        self._began = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def on_body(self, body: bytes) -> None:
        self._tally.bytes += len(body)

    def on_message_complete(self) -> None:
        self._tally.latencies.append(time.perf_counter() - self._began)
        self._tally.errors += self._parser.get_status_code() != _OK
        self._next()

    def _next(self) -> None:
        path = next(self._tally.paths, None)
        if path is None:
            self.done.set_result(None)
            return
        self._parser = httptools.HttpResponseParser(self)
        self._began = time.perf_counter()
        self._transport.write(b"GET " + path.encode() + self._tail)


def _cpu(processes: Sequence[psutil.Process]) -> float:
    """Seconds of CPU that processes have used."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)
