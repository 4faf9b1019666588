"""What `graticule harvest` shows of sources and their harvests: rows of text and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.cli.spans import span_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from records.harvest.ledger import Run, Source


def line(cells: Sequence[str]) -> str:
    """Cells as a line, separated by tabs, which they do not hold themselves."""
    return "\t".join(" ".join(cell.split()) for cell in cells) + "\n"


def schedule(source: Source) -> tuple[str, ...]:
    """Source, format, how often and when next."""
    if source.every is None:
        return source.source, source.format, "by hand", ""
    return source.source, source.format, f"every {span_text(source.every)}", f"next {_moment(source.due)}"


def summary(source: Source, run: Run | None) -> tuple[str, ...]:
    """A source and what became of it the last time."""
    if run is None:
        return *schedule(source), "never"
    return *schedule(source), run.status, _moment(run.started), run.reason or _counted(run)


def history(source: Source, runs: Sequence[Run]) -> list[tuple[str, ...]]:
    """A source, its harvests, the last one first, and what that one changed or refused."""
    rows = [schedule(source)]
    rows += [(run.status, _moment(run.started), _moment(run.finished), run.reason or _counted(run)) for run in runs]
    outcomes = runs[0].outcomes if runs else []
    return rows + [
        tuple(str(outcome[name] or "") for name in ("status", "item", "id", "reason")) for outcome in outcomes
    ]


def source_document(source: Source, run: Run | None) -> dict[str, Any]:
    """A source as JSON, with its last harvest."""
    return {
        "source": source.source,
        "format": source.format,
        "every": span_text(source.every) if source.every else None,
        "next": _moment(source.due) or None,
        "failures": source.failures,
        "since": source.since,
        "readWhole": _moment(source.read_whole) or None,
        "options": vars(source.options),
        **({"last": run_document(run)} if run else {}),
    }


def run_document(run: Run) -> dict[str, Any]:
    """A harvest as JSON."""
    return {
        "status": run.status,
        "started": _moment(run.started),
        "finished": _moment(run.finished) or None,
        "counts": run.counts,
        "reason": run.reason,
        "records": run.outcomes,
    }


def _counted(run: Run) -> str:
    return ", ".join(f"{count} {status}" for status, count in run.counts.items()) or "no records"


def _moment(value: datetime | None) -> str:
    return value.isoformat(timespec="seconds").replace("+00:00", "Z") if value else ""
