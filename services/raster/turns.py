"""Who draws where: quick tiles in the event loop, so many in a turn of it, and slow ones in a thread.

To hand a tile to a thread and its answer back costs as much as half of a quick one. But what the loop draws keeps all
others waiting: a plan is drawn there only as long as its tiles are quick, and after some milliseconds of drawing the
loop does something else.
"""

from __future__ import annotations

import asyncio

QUICK_S = 0.003
"""Seconds below which the tiles of a plan are drawn in the loop."""
TURN_S = 0.004
"""Seconds of drawing after which the loop looks after everything else."""
_WEIGHT = 0.25
_MOST_S = 2 * QUICK_S
"""Seconds that count of a tile: one that only had to wait for the processor does not send the next ones to a thread."""


class Pace:
    """How long the tiles of a plan take, the last ones counting most. Unknown tiles are slow."""

    def __init__(self) -> None:
        self._seconds = QUICK_S

    @property
    def is_quick(self) -> bool:
        """Whether the event loop may draw the next one."""
        return self._seconds < QUICK_S

    def add(self, seconds: float) -> None:
        """Count a tile; one that took much longer than a quick one does not tell much more than that."""
        self._seconds += (min(seconds, _MOST_S) - self._seconds) * _WEIGHT


class Turns:
    """The drawing of one event loop, which is told how long each tile took."""

    def __init__(self) -> None:
        self._spent = 0.0

    @property
    def is_over(self) -> bool:
        """Whether enough was drawn in this turn."""
        return self._spent > TURN_S

    async def next(self) -> None:
        """Wait for a turn with time to draw; who came first goes first."""
        while self.is_over:  # noqa: ASYNC110 - what is waited for is the loop's own next turn
            await asyncio.sleep(0)

    def spend(self, seconds: float) -> None:
        """Count a tile that was drawn in this turn."""
        if not self._spent:
            asyncio.get_running_loop().call_soon(self._begin)
        self._spent += seconds

    def _begin(self) -> None:
        self._spent = 0.0
