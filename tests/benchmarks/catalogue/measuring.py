"""Running the load generator against a server, and what came of it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.catalogue.servers import Database, Server

_OK = 200


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Requests of a kind: milliseconds of latency, and of CPU a request in the server and in PostgreSQL.

    `generator` is the share of one core that the load generator used.
    """

    name: str
    requests: int
    errors: int
    p50: float
    p95: float
    most: float
    per_second: float
    server_cpu: float | None = None
    database_cpu: float | None = None
    generator: float = 0.0

    @property
    def cpu(self) -> float:
        """Milliseconds of CPU a request in all."""
        return (self.server_cpu or 0) + (self.database_cpu or 0)


def closed(
    server: Server, database: Database, name: str, requests: Sequence[tuple[str, str]], *, clients: int, seconds: float
) -> Figures:
    """So many clients that ask as soon as they have their answer."""
    return _measured(server, database, name, {"requests": requests, "clients": clients, "seconds": seconds})[0]


def open_loop(
    server: Server, database: Database, requests: Sequence[tuple[str, str]], *, rate: float, seconds: float
) -> list[Figures]:
    """So many requests a second, whatever the answers do: all of them, then each class."""
    asked = {"requests": requests, "rate": rate, "seconds": seconds}
    return _measured(server, database, f"the mix, {rate:g} a second", asked, by_class=True)


def _measured(
    server: Server, database: Database, name: str, asked: dict[str, Any], *, by_class: bool = False
) -> list[Figures]:
    before = server.cpu_s(), database.cpu_s()
    words = [sys.executable, "-m", "tests.benchmarks.catalogue.load", server.base]
    done = subprocess.run(words, input=orjson.dumps(asked), stdout=subprocess.PIPE, check=True)
    after = server.cpu_s(), database.cpu_s()
    found = orjson.loads(done.stdout)
    answers, seconds = found["answers"], found["seconds"]
    server_cpu, database_cpu = ((b - a) * 1000 / len(answers) for a, b in zip(before, after, strict=True))
    cpu = {"server_cpu": server_cpu, "database_cpu": database_cpu, "generator": found["cpu_s"] / seconds}
    whole = replace(_figures(name, answers, seconds), **cpu)
    names = dict.fromkeys(one for one, _ in asked["requests"]) if by_class else {}
    parts = ((one, [answer for answer in answers if answer[0] == one]) for one in names)
    return [whole, *(_figures(one, part, seconds) for one, part in parts if part)]


def _figures(name: str, answers: list[tuple[str, float, int, int]], seconds: float) -> Figures:
    took = np.array([answer[1] for answer in answers])
    p50, p95 = np.percentile(took, [50, 95])
    return Figures(
        name=name,
        requests=len(answers),
        errors=sum(answer[2] != _OK for answer in answers),
        p50=float(p50),
        p95=float(p95),
        most=float(took.max()),
        per_second=len(answers) / seconds,
    )
