"""Clients that do nothing but ask, many at a time, as those do who mean a server no good."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A request."""

    path: str
    method: str = "GET"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Tally:
    """What came of many requests.

    Attributes:
        statuses: How often each status came; `broken` for no answer.
        seconds: How long each answer took.
        hurried: Refusals (429, 503) without a time to ask again.
    """

    statuses: Counter[int | str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    hurried: int = 0

    def quantile(self, share: float) -> float:
        """The seconds within which a share of the answers came."""
        ordered = sorted(self.seconds) or [0.0]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@contextmanager
def asking(port: int, make: Callable[[random.Random], Ask], *, clients: int, pause_s: float = 0.0) -> Iterator[Tally]:
    """Have clients ask one request after the other, each on a connection of its own, while the block runs."""
    tally, stop = Tally(), threading.Event()
    threads = [
        threading.Thread(target=_ask, args=(port, make, random.Random(number), pause_s, tally, stop))
        for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    try:
        yield tally
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _ask(
    port: int,
    make: Callable[[random.Random], Ask],
    chance: random.Random,
    pause_s: float,
    tally: Tally,
    stop: threading.Event,
) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        while not stop.wait(pause_s):
            ask, began = make(chance), time.monotonic()
            try:
                connection.request(ask.method, ask.path, body=ask.body, headers=ask.headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                tally.statuses["broken"] += 1
                connection.close()
                continue
            tally.seconds.append(time.monotonic() - began)
            tally.statuses[answer.status] += 1
            tally.hurried += answer.status in (429, 503) and answer.getheader("Retry-After") is None
