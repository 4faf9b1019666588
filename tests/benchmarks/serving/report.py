"""What was measured, as tables in Markdown."""

from __future__ import annotations

import os
import platform
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.benchmarks.serving.load import Run

OURS = "graticule"
_MOST = 100
"""Connections of the fullest runs."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A run of a server on a layer: the block cache `cold` or `warm`, and so many connections."""

    layer: str
    server: str
    cache: str
    connections: int
    run: Run


def tables(found: list[Measured], notes: list[str]) -> str:
    """The ratios of CPU a tile, what is left out, then every figure."""
    parts = ["### CPU a tile, in times of Graticule's", machine(), _ratios(found)]
    if notes:
        parts.append("\n".join(f"* {' '.join(note.split())}" for note in notes))
    parts += ["### All figures", _figures(found)]
    return "\n\n".join(parts) + "\n"


def machine() -> str:
    """When and on what was measured, in words."""
    memory, load = psutil.virtual_memory().total / 2**30, os.getloadavg()[-1]
    return (
        f"{datetime.now(UTC).date()}, {_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, load over the last 15 minutes {load:.1f}. Each server has two processes. "
        "Rates of a run in which a process idled are marked `~`; CPU a tile counts in every run."
    )


def _processor() -> str:
    """What the machine calls its processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _figures(found: list[Measured]) -> str:
    head = "| layer | cache | connections | server | tiles/s | p50 ms | p99 ms | CPU ms/tile | bytes | RSS MB |"
    lines = [head, "|---|---|---:|---|---:|---:|---:|---:|---:|---:|"]
    for (layer, cache, connections), rows in _grouped(found, lambda m: (m.layer, m.cache, m.connections)).items():
        for server, runs in _grouped(rows, lambda m: m.server).items():
            cells = _cells([m.run for m in runs])
            lines.append(f"| {layer} | {cache} | {connections} | {server} | {cells} |")
    return "\n".join(lines)


def _cells(runs: list[Run]) -> str:
    middle = sorted(runs, key=lambda run: run.cpu_ms)[len(runs) // 2]
    idled = "" if middle.kept_busy else "~"
    figures = (
        f"{idled}{middle.per_second:,.0f}",
        f"{middle.p50_ms:.1f}",
        f"{middle.p99_ms:.1f}",
        f"{middle.cpu_ms:.2f}",
        f"{middle.size:,.0f}",
        f"{max(run.rss_mb for run in runs):,.0f}",
    )
    return " | ".join(figures)


def _ratios(found: list[Measured]) -> str:
    lines = ["| layer | cache | titiler | MapServer | p99 / p50 at 100 |", "|---|---|---:|---:|---:|"]
    for (layer, cache), rows in _grouped(found, lambda m: (m.layer, m.cache)).items():
        cost = {
            server: median(m.run.cpu_ms for m in runs) for server, runs in _grouped(rows, lambda m: m.server).items()
        }
        if OURS in cost:
            cells = (f"{cost[s] / cost[OURS]:.1f}" if s in cost else "not run" for s in ("titiler", "mapserver"))
            lines.append(f"| {layer} | {cache} | {' | '.join(cells)} | {_spread(rows)} |")
    return "\n".join(lines)


def _spread(rows: list[Measured]) -> str:
    """How many times its median latency the slowest hundredth of Graticule's answers takes, at most connections."""
    found = [m.run for m in rows if m.server == OURS and m.connections == _MOST]
    return f"{found[-1].p99_ms / found[-1].p50_ms:.1f}" if found else ""


def _grouped(found: Iterable[Measured], key):  # noqa: ANN001, ANN202 - a dictionary of lists by any key
    groups = defaultdict(list)
    for measured in found:
        groups[key(measured)].append(measured)
    return groups
