"""Which files of a watched folder are whole: those that two looks, some seconds apart, show alike.

A file that is put in its place by a rename shows its whole size at once, and one that is written there grows; the first
look cannot tell them apart, so both are waited for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.ingest.watching.scanning import FileState


@dataclass(frozen=True)
class FolderChanges:
    """What is different from what is known, and has been as it is for long enough; paths, in order."""

    present: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    waiting: int = 0
    """Files that are different, and not yet waited for."""


@dataclass
class Settling:
    """Differences between a folder and what is known of it, each since when it is as it is.

    Args:
        settle_s: Seconds for which a file must have one state.
    """

    settle_s: float
    _since: dict[str, tuple[FileState | None, float]] = field(default_factory=dict)

    def changes(self, known: Mapping[str, FileState], seen: Mapping[str, FileState], *, now: float) -> FolderChanges:
        """The differences that have lasted.

        Args:
            known: The state in which each file was taken or refused.
            seen: The files that a look at the folder shows.
            now: When it was looked at, in seconds of a clock that never goes back.
        """
        different = {path: state for path, state in seen.items() if known.get(path) != state}
        missing: dict[str, FileState | None] = {path: None for path in known if path not in seen}
        since: dict[str, tuple[FileState | None, float]] = {}
        for path, state in {**different, **missing}.items():
            before = self._since.get(path)
            since[path] = before if before is not None and before[0] == state else (state, now)
        self._since = since
        lasting = sorted(path for path, (_, begin) in since.items() if now - begin >= self.settle_s)
        return FolderChanges(
            present=tuple(path for path in lasting if path in different),
            gone=tuple(path for path in lasting if path in missing),
            waiting=len(since) - len(lasting),
        )
