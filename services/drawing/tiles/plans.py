"""Plans: all that the pictures of one kind of request have in common, resolved once so that the next is drawn at once.

A plan is made when the route has resolved a request, and holds as long as the catalogue gives the same dataset. It is
kept only where every picture of its key shows the same file. What a tile of a mosaic shows depends on where it lies,
and is resolved for each, but coarse ones show the overview across its sheets: their plan ends at a matrix. It says how
to draw, never who may see: each use needs its own access decision.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from cog.reading.opener import close_all
from cog.tiles import proven

if TYPE_CHECKING:
    from records.datasets.models import Dataset
    from services.access.principal import Principal
    from services.drawing.freshness import Freshness
    from services.drawing.tiles.paths import SplitPath, TileKey
    from services.drawing.tiles.turns import Pace
    from services.web.context import Context

log = logging.getLogger(__name__)

MAX_PLANS = 4096
"""Plans kept by a process."""
MAX_BYTES = 48 * 2**20
"""Bytes that they take, about."""
PLANNING_THREADS = 4
PLAN_BYTES = 6_000
"""Memory of a plan without tables, with its key and its dataset's share, about."""


class Plan[Place](Protocol):
    """All that is needed to draw any picture of one kind of request, whose place alone is left open."""

    @property
    def freshness(self) -> Freshness:
        """All that entity tags depend on, except the place."""

    @property
    def pace(self) -> Pace:
        """The time that its pictures take."""

    @property
    def memory(self) -> int:
        """Bytes that it takes, about."""

    def place(self, texts: tuple[str, ...]) -> Place | None:
        """The place that the texts of a request name; None where the route has to answer."""

    def identity(self, split: SplitPath, place: Place) -> str:
        """What its entity tag names the picture by."""

    def draw(self, place: Place) -> bytes | None:
        """Draw the picture; None where the route must."""

    def raw_headers(self, place: Place, length: int) -> list[tuple[bytes, bytes]]:
        """Headers of the place and of the content, of `length` bytes, as ASGI has them."""


@dataclass(frozen=True, kw_only=True)
class Planning:
    """What planning came to.

    Attributes:
        dataset: As the catalogue held it.
        plan: The plan of all tiles of the kind; None where the route has to draw each.
    """

    dataset: Dataset
    plan: Plan[Any] | None


PlanTile = Callable[["Context", "Principal", "SplitPath"], Planning | None]
"""Plans the tiles of a path before its first request passes the framework; None for a path that it does not know."""


class TilePlans:
    """The plans of an application, the most recently used ones, and the threads that make them and draw slow tiles.

    One thread draws: pixels keep a core busy, and two threads of one process would only take turns. Few plan, since
    they wait for the database. What is not planned is drawn in the threads that answer all other requests.

    Args:
        planners: Make plans of paths.
    """

    def __init__(self, planners: Sequence[PlanTile] = ()) -> None:
        self.planners = planners
        self._plans: OrderedDict[TileKey, Plan[Any]] = OrderedDict()
        self._left_out: OrderedDict[TileKey, Dataset] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="tiles")
        self.planning = ThreadPoolExecutor(PLANNING_THREADS, thread_name_prefix="plans")
        self.is_on = proven.is_proven()
        self.drawn = 0
        """Tiles drawn by a plan."""
        self.left = 0
        """Tiles of a plan that rio-tiler had to draw."""
        if not self.is_on:
            log.warning("tiles are drawn by rio-tiler alone: identity was not proved on %s", proven.unproven_versions())

    def close(self) -> None:
        """End the thread, and close what it and the calling thread, the event loop's, hold open."""
        self.planning.shutdown()
        self.pool.submit(close_all)
        self.pool.shutdown()
        close_all()

    def get(self, key: TileKey) -> Plan[Any] | None:
        """The plan of a key, if there is one."""
        with self._lock:
            plan = self._plans.get(key)
            if plan is not None:
                self._plans.move_to_end(key)
            return plan

    def plan(self, context: Context, principal: Principal, split: SplitPath) -> Plan[Any] | None:
        """Plan the tiles of a path and keep the plan; None where the route has to answer.

        Blocking: asks the database. Raises what the route raises for a request that is wrong or refused.
        """
        with self._lock:
            left_out = self._left_out.get(split.key)
        if left_out is not None and context.catalogue.cached(left_out.id) is left_out:
            return None
        made = (planner(context, principal, split) for planner in self.planners)
        planning = next((each for each in made if each is not None), None)
        if planning is None:
            return None
        if planning.plan is None:
            with self._lock:
                self._left_out[split.key] = planning.dataset
                while len(self._left_out) > MAX_PLANS:
                    self._left_out.popitem(last=False)
            return None
        self.learn(split.key, planning.plan)
        return planning.plan

    def learn(self, key: TileKey, plan: Plan[Any]) -> None:
        """Keep a plan."""
        with self._lock:
            self._drop(key)
            self._plans[key] = plan
            self._bytes += plan.memory
            while len(self._plans) > MAX_PLANS or (self._bytes > MAX_BYTES and len(self._plans) > 1):
                self._drop(next(iter(self._plans)))

    def forget(self, key: TileKey) -> None:
        """Drop the plan of a key."""
        with self._lock:
            self._drop(key)

    def forget_all(self) -> None:
        """Drop every plan."""
        with self._lock:
            self._plans.clear()
            self._left_out.clear()
            self._bytes = 0

    def _drop(self, key: TileKey) -> None:
        plan = self._plans.pop(key, None)
        if plan is not None:
            self._bytes -= plan.memory

    def __len__(self) -> int:
        return len(self._plans)
