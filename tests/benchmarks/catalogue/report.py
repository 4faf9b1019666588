"""What was measured, as tables in Markdown."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from tests.benchmarks.catalogue.measuring import Figures
    from tests.benchmarks.catalogue.rivals import Cost


@dataclass
class Findings:
    """Everything that was measured of one catalogue; `rivals` are costs by name of the rival and class.

    `idle` is the share of one core that the server used before the first request; its CPU figures hold it.
    """

    records: int
    workers: int
    idle: float = 0.0
    loading: list[str] = field(default_factory=list)
    classes: list[Figures] = field(default_factory=list)
    mixed: list[Figures] = field(default_factory=list)
    opened: list[Figures] = field(default_factory=list)
    rivals: dict[str, dict[str, Cost]] = field(default_factory=dict)
    workers_mb: list[float] = field(default_factory=list)


def tables(found: Findings) -> str:
    """All of it."""
    memory = ", ".join(f"{size:.0f}" for size in found.workers_mb)
    head = (
        f"{found.records:,} records; {_machine()} {found.workers} web workers; resident at the end, MB: {memory}. "
        f"Without requests the server used {found.idle * 100:.1f} % of one core; its CPU figures hold that."
    )
    parts = [
        head,
        "\n".join(f"* {line}" for line in found.loading),
        "### Clients that ask as soon as they have their answer",
        _figures([*found.classes, *found.mixed]),
        "### Requests at even distances",
        _figures(found.opened),
    ]
    if found.rivals:
        parts += ["### CPU of a search, ms, and in times of Graticule's", _ratios(found)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _machine() -> str:
    memory, load = psutil.virtual_memory().total / 2**30, os.getloadavg()[1]
    day = datetime.now(UTC).date()
    return (
        f"{day}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}, load of the machine at "
        f"the end {load:.1f};"
    )


def _figures(rows: list[Figures]) -> str:
    head = "| class | requests | p50 ms | p95 ms | most ms | requests/s | server CPU ms | PostgreSQL CPU ms | errors |"
    lines = [head, "|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for row in rows:
        cells = [f"{row.requests}", f"{row.p50:.1f}", f"{row.p95:.1f}", f"{row.most:.0f}", f"{row.per_second:.1f}"]
        cells += ["" if cpu is None else f"{cpu:.2f}" for cpu in (row.server_cpu, row.database_cpu)]
        lines.append(f"| {row.name} | {' | '.join(cells)} | {row.errors} |")
    busiest = max((row.generator for row in rows), default=0.0)
    lines.append(f"\nThe load generator used at most {busiest * 100:.0f} % of one core.")
    return "\n".join(lines)


def _ratios(found: Findings) -> str:
    ours = {row.name.removeprefix("q: "): row.cpu for row in found.classes}
    lines = ["| class | Graticule, HTTP and all |" + "".join(f" {name} | ratio |" for name in found.rivals)]
    lines.append("|---|---:|" + "---:|---:|" * len(found.rivals))
    for name in next(iter(found.rivals.values())):
        cells = [f"{ours[name]:.2f}"]
        for costs in found.rivals.values():
            cells += [f"{costs[name].cpu_ms:,.1f}", f"{costs[name].cpu_ms / ours[name]:,.0f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
