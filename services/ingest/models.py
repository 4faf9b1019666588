"""What an ingest reports while it runs and when it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

Stage = Literal["waiting", "inspecting", "converting", "measuring", "publishing"]


class Status(StrEnum):
    """What became of a source."""

    PUBLISHED = "published"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one source: its granules, and the reason if it was refused."""

    status: Status
    path: Path
    dataset: str
    variables: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    granules: int = 0
    reason: str = ""

    @property
    def target(self) -> str:
        """dataset/variable/time; several variables or times are joined or counted."""
        variables = "+".join(self.variables)
        if not self.times:
            return "/".join(part for part in (self.dataset, variables) if part)
        time = self.times[0] if len(self.times) == 1 else f"{self.times[0]}..{self.times[-1]} ({len(self.times)} times)"
        return f"{self.dataset}/{variables}/{time}"

    @property
    def line(self) -> str:
        """status, path, target and reason, separated by tabs."""
        return "\t".join((self.status, str(self.path), self.target, " ".join(self.reason.split())))


@dataclass(frozen=True, kw_only=True)
class Report:
    """What an ingest did."""

    dataset: str
    outcomes: tuple[Outcome, ...]

    @property
    def refused(self) -> bool:
        """Whether anything was refused; then nothing was published."""
        return any(o.status is Status.REFUSED for o in self.outcomes)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A step forward: `done` of `total` pieces of a stage."""

    dataset: str
    stage: Stage
    done: int
    total: int


Listener = Callable[[Progress], None]
"""Called in the ingesting process after each step forward."""


def silent(_progress: Progress) -> None:
    """A listener that does nothing."""
