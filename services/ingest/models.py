"""The reports of an ingest, while it runs and when it ends."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

Stage = Literal["waiting", "reading", "inspecting", "converting", "measuring", "publishing", "building"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def shown(path: Path) -> str:
    """A path as text that every stream takes: bytes that are no UTF-8, and control characters, are escaped."""
    text = os.fsencode(path).decode("utf-8", errors="backslashreplace")
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


class SourceStatus(StrEnum):
    """The outcome of a source, or in a rehearsal the expected one."""

    PUBLISHED = "published"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    WOULD_PUBLISH = "would publish"
    WOULD_REPLACE = "would replace"


@dataclass(frozen=True, kw_only=True)
class SourceOutcome:
    """The outcome of one source: its granules, and the reason if it was refused."""

    status: SourceStatus
    path: Path
    dataset: str
    variables: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    granules: int = 0
    reason: str = ""
    size: int | None = None
    """Bytes of its assets: in a rehearsal an estimate, None where nothing was written."""

    @property
    def target(self) -> str:
        """dataset/variable/time; several are joined or counted, and a part stands for an absent time."""
        variables = "+".join(self.variables)
        when = _summed(self.times, "times")
        which = when or _summed(self.parts, "parts")
        return "/".join(part for part in (self.dataset, variables, which) if part)

    @property
    def line(self) -> str:
        """status, path, target and reason, separated by tabs."""
        reason = " ".join(_CONTROL.sub(" ", self.reason).split())
        return "\t".join((self.status, shown(self.path), self.target, reason))

    @property
    def document(self) -> dict[str, Any]:
        """The same as JSON members."""
        return {
            "status": self.status,
            "path": shown(self.path),
            "dataset": self.dataset,
            "variables": list(self.variables),
            "times": list(self.times),
            "parts": list(self.parts),
            "granules": self.granules,
            "bytes": self.size,
            "reason": self.reason or None,
        }


def _summed(labels: tuple[str, ...], what: str) -> str:
    if len(labels) < 2:
        return labels[0] if labels else ""
    return f"{labels[0]}..{labels[-1]} ({len(labels)} {what})"


@dataclass(frozen=True, kw_only=True)
class IngestReport:
    """The report of an ingest."""

    dataset: str
    outcomes: tuple[SourceOutcome, ...]

    @property
    def refused(self) -> bool:
        """Whether any source was refused; then nothing was published, unless bad ones were to be left out."""
        return any(o.status is SourceStatus.REFUSED for o in self.outcomes)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A step forward: `done` of `total` pieces of a stage, and what is done of the pieces that are begun."""

    dataset: str
    stage: Stage
    done: int
    total: int
    begun: float = 0.0
    """What is done of the pieces in progress, in pieces."""


Listener = Callable[[Progress], None]
"""Called in the ingesting process after each step forward."""


def silent(_progress: Progress) -> None:
    """A listener that does nothing."""
