"""The load generator, a process of its own: `python -m tests.benchmarks.catalogue.load BASE < requests.json`.

Standard input is `{"requests": [[class, path], ...], "seconds": s, "clients": n, "rate": r}`: with a rate the loop is
open, requests start at even distances whatever the answers do, and a latency counts from the moment at which its
request was due. Without, it is closed: each client asks as soon as it has its answer. Standard output is
`{"seconds": s, "cpu_s": s, "answers": [[class, milliseconds, status, bytes], ...]}`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httptools
import orjson
import uvloop

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIMEOUT_S = 60
"""For the answers that are under way at the end."""


@dataclass
class _Session:
    """What all connections share."""

    host: str
    port: int
    requests: Iterator[tuple[str, str]]
    end: float
    answers: list[tuple[str, float, int, int]] = field(default_factory=list)


class _Connection(asyncio.Protocol):
    """One connection, which carries a request at a time. httptools calls its `on_` methods."""

    def __init__(self, session: _Session) -> None:
        self._session = session
        self._tail = f" HTTP/1.1\r\nHost: {session.host}\r\nAccept: application/geo+json\r\n\r\n".encode()
        self._answer: asyncio.Future[None] | None = None
        self._bytes = 0
        self.is_open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._bytes += len(body)

    def on_message_complete(self) -> None:
        if self._answer is not None:
            self._answer.set_result(None)

    async def ask(self, name: str, path: str, due: float) -> None:
        """Send a request and wait for the whole answer."""
        self._parser = httptools.HttpResponseParser(self)
        self._answer = asyncio.get_running_loop().create_future()
        self._bytes = 0
        self._transport.write(b"GET " + path.encode() + self._tail)  # type: ignore[attr-defined]
        await self._answer
        took = (time.perf_counter() - due) * 1000
        self._session.answers.append((name, took, self._parser.get_status_code(), self._bytes))


async def _connect(session: _Session) -> _Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: _Connection(session), session.host, session.port)
    return connection


async def _client(session: _Session) -> None:
    connection = await _connect(session)
    while (now := time.perf_counter()) < session.end:
        name, path = next(session.requests)
        await connection.ask(name, path, now)


async def _open_loop(session: _Session, rate: float) -> None:
    idle: list[_Connection] = [await _connect(session) for _ in range(8)]
    due = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        while due < session.end:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.create_task(_one(session, idle, due))
            due += 1 / rate


async def _one(session: _Session, idle: list[_Connection], due: float) -> None:
    while idle and not idle[-1].is_open:  # the server closes what was idle for seconds
        idle.pop()
    connection = idle.pop() if idle else await _connect(session)
    name, path = next(session.requests)
    await connection.ask(name, path, due)
    idle.append(connection)


async def _run(base: str, asked: dict[str, Any]) -> dict[str, Any]:
    where = urlsplit(base)
    requests = cycle([(name, path) for name, path in asked["requests"]])
    began, cpu = time.perf_counter(), time.process_time()
    session = _Session(where.hostname or "", where.port or 80, requests, began + asked["seconds"])
    async with asyncio.timeout(asked["seconds"] + _TIMEOUT_S):
        if asked.get("rate"):
            await _open_loop(session, asked["rate"])
        else:
            await asyncio.gather(*(_client(session) for _ in range(asked["clients"])))
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    return {"seconds": seconds, "cpu_s": used, "answers": session.answers}


def main() -> None:
    """Ask as standard input says."""
    asked = orjson.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(orjson.dumps(uvloop.run(_run(sys.argv[1], asked))))


if __name__ == "__main__":
    main()
