"""Schedules tile rendering: fast tiles on the event loop within a time budget, slow ones in a worker thread.

Handing a tile to a thread and back costs half as much as drawing a fast one. But what the loop draws keeps all other
requests waiting: a plan is drawn there only as long as its tiles are fast, and after some milliseconds of drawing the
loop does something else.
"""

from __future__ import annotations

import asyncio
from collections import deque

QUICK_S = 0.003
"""Seconds below which the tiles of a plan begin to be drawn in the loop."""
SLOW_S = 0.0045
"""Seconds above which they no longer are: between the two, all tiles of a plan wait in the same line."""
TURN_S = 0.002
"""Seconds of drawing after which the loop looks after everything else."""
_WEIGHT = 0.25
_MOST_S = 2 * QUICK_S
"""Seconds that count of a tile: one that only had to wait for the processor does not send the next ones to a thread."""


class Pace:
    """The time that the tiles of a plan take, the last ones counting most. A plan begins as slow.

    Attributes:
        is_quick: Whether the event loop may draw the next one.
    """

    def __init__(self) -> None:
        self._seconds = QUICK_S
        self.is_quick = False

    def add(self, seconds: float) -> None:
        """Count a tile; one that took much longer than a quick one counts as twice a quick one."""
        self._seconds += (min(seconds, _MOST_S) - self._seconds) * _WEIGHT
        self.is_quick = self._seconds < (SLOW_S if self.is_quick else QUICK_S)


class Turns:
    """The turns of drawing of one event loop.

    Between two turns the loop takes one new connection, so that these wait long where turns are long.
    """

    def __init__(self) -> None:
        self._spent = 0.0
        self._drawn = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_counting = False

    @property
    def is_over(self) -> bool:
        """Whether enough was drawn in this turn, or others wait for the next."""
        return self._spent > TURN_S or bool(self._waiting)

    async def next(self) -> None:
        """Wait for a turn to draw in; first come, first served."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._count()
        await turn

    def spend(self, seconds: float) -> None:
        """Count a tile that was drawn in this turn."""
        self._spent += seconds
        self._drawn += 1
        self._count()

    def _count(self) -> None:
        if not self._is_counting:
            self._is_counting = True
            asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        """Begin a turn, with as many of those who wait as can be drawn in it if their tiles are like the last ones."""
        most = max(1, int(TURN_S * self._drawn / self._spent)) if self._spent else 1
        self._spent, self._drawn, self._is_counting = 0.0, 0, False
        while self._waiting and most > 0:
            turn = self._waiting.popleft()
            if not turn.done():  # who waits for it is still there
                turn.set_result(None)
                most -= 1
        if self._waiting:
            self._count()
