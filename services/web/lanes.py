"""Lanes: how many requests of one kind are answered at a time, so that no kind takes the threads of all others.

Threads and connections to the database are shared by all that a worker answers. A search by a filter may keep the
database busy for seconds, a coverage the processor; twenty clients of either would leave nothing to those who want a
tile or a record. So each such kind has a lane with some places. A request that finds no place free waits, first come,
first served; where too many wait already, or the wait gets long, it is refused (503) and told when to ask again.

A place is held while the route works, not while a body arrives or an answer is sent: those go at the client's pace. A
long answer that is made while it is sent takes a place again for each piece.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from fastapi.responses import Response
from fastapi.routing import APIRoute

from config.errors import Overloaded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from fastapi import Request

    from config.settings import Settings

PATIENCE_S: Final = 15.0
"""Seconds that a request waits for a place."""
_WAITING: Final = 8
"""Requests that wait for each place at most."""
_FILTERS: Final = frozenset({"filter", "constraint"})
"""Parameters, in lower case, that make a search costly: they may ask for what no index answers."""


class Lane:
    """A number of places for requests of one kind.

    Args:
        name: What the requests are, for the message to those that are refused.
        places: Requests that are answered at a time.
        patience_s: Seconds that a request waits for a place.
    """

    def __init__(self, name: str, places: int, *, patience_s: float = PATIENCE_S) -> None:
        self.places = places
        self._name = name
        self._patience_s = patience_s
        self._free = asyncio.Semaphore(places)
        self._waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[bool]:
        """Hold a place during a block, whose value is whether it had to be waited for; raises Overloaded."""
        has_waited = self._free.locked()
        if has_waited:
            await self._wait()
        else:
            await self._free.acquire()
        try:
            yield has_waited
        finally:
            self._free.release()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold a place during a block that goes on with an answer: it waits its turn, and is never refused."""
        async with self._free:
            yield

    async def _wait(self) -> None:
        if self._waiting >= self.places * _WAITING:
            raise Overloaded(
                f"{self.places} {self._name} are under way here and {self._waiting} wait, which is the limit; "
                "ask again in some seconds"
            )
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                await self._free.acquire()
        except TimeoutError:
            raise Overloaded(
                f"{self._name} under way here have kept this one waiting for {self._patience_s:g} s; "
                "ask again in some seconds"
            ) from None
        finally:
            self._waiting -= 1


class Lanes:
    """The lanes of an application. Together they leave threads and connections to everything else.

    Attributes:
        filters: Searches by a filter.
        searches: All other searches.
        computations: What reads or draws many cells: coverages, maps, statistics.
    """

    def __init__(self, settings: Settings) -> None:
        threads = settings.limit.threads
        spare = min(threads // 4, settings.database.pool_size // 4)
        self.filters = Lane("searches by a filter", max(1, spare // 2))
        self.searches = Lane("searches", max(1, spare))
        self.computations = Lane("computations", max(1, threads // 2 - 1))


class LaneRoute(APIRoute, ABC):
    """A route that answers from a lane, which each kind of route names."""

    @abstractmethod
    def lane(self, lanes: Lanes, request: Request) -> Lane:
        """The lane of a request."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler of the route, which answers once the body has arrived and a place is free."""
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            await request.body()
            lanes = cast("Lanes", request.app.state.lanes)
            async with self.lane(lanes, request).place() as has_waited:
                if has_waited and await request.is_disconnected():  # nobody needs the answer any more
                    return Response(status_code=503)
                return await answer(request)

        return handle


class SearchRoute(LaneRoute):
    """A route that searches: requests that may bring a filter have a lane of their own."""

    def lane(self, lanes: Lanes, request: Request) -> Lane:
        """The lane of a search."""
        names = {name.lower() for name in request.query_params}
        return lanes.filters if request.method == "POST" or names & _FILTERS else lanes.searches


class ComputationRoute(LaneRoute):
    """A route that reads or draws many cells."""

    def lane(self, lanes: Lanes, request: Request) -> Lane:
        """The lane of computations."""
        del request
        return lanes.computations
