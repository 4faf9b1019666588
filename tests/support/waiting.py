"""Waiting for what another thread or process does, within a limit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def eventually[T](ask: Callable[[], T], holds: Callable[[T], bool], *, within_s: float = 20.0) -> T:
    """The first answer that holds; fails if there is none in time."""
    end = time.monotonic() + within_s
    while True:
        found = ask()
        if holds(found):
            return found
        assert time.monotonic() < end, f"still {found!r} after {within_s} s"
        time.sleep(0.02)
