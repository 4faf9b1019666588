"""Looking at watched folders again and again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol

from config.errors import DatabaseUnavailable, EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from services.ingest.models import IngestReport

_SHARE: Final = 0.05
"""Part of the time that looks at which nothing is taken may take: a folder of very many files is looked at more
seldom."""
_LONGEST_S: Final = 60.0
_RETRY_S: Final = 10.0


class Watch(Protocol):
    """What is looked at."""

    @property
    def waiting(self) -> int:
        """Files that are waited for after the last look."""

    def look(self, *, now: float) -> list[IngestReport]:
        """Look once; the reports of what was published or refused."""


def follow(
    watches: Sequence[Watch],
    *,
    report: Callable[[IngestReport], None],
    say: Callable[[str], None],
    poll_s: float,
    once: bool = False,
) -> None:
    """Look at folders, one after the other, until the process is stopped.

    Args:
        watches: The folders.
        report: Called with what was published or refused.
        say: Told why nothing can be taken for now, such as a database that is away.
        poll_s: Seconds between two looks.
        once: Return when nothing is left to take or to wait for.
    """
    while True:
        began, has_taken = time.monotonic(), False
        try:
            for watch in watches:
                for one in watch.look(now=time.monotonic()):
                    report(one)
                    has_taken = True
        except (DatabaseUnavailable, EnvironmentFault) as error:
            if once:
                raise
            say(f"files are not taken for now: {error.detail}")
            time.sleep(_RETRY_S)
            continue
        if once and not any(watch.waiting for watch in watches):
            return
        # taking files is no looking: what came meanwhile is seen at once
        time.sleep(poll_s if has_taken else pause_s(time.monotonic() - began, poll_s))


def pause_s(look_s: float, poll_s: float) -> float:
    """Seconds until the next look, where the last took `look_s`: at least `poll_s`, at most a minute or `poll_s`."""
    return max(poll_s, min(_LONGEST_S, look_s / _SHARE))
