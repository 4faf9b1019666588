"""The short way to a tile: a request whose plan is known is decided on and drawn, without the router.

It stands outside all middleware but the log, and gives its answers the headers that they would have got there. Whatever
it cannot answer goes on to the route, which also words all errors.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol, cast

from config.errors import GraticuleError
from services.access.guards import require_readable
from services.access.principal import principal_of
from services.drawing.freshness import is_known
from services.drawing.tiles.matrices import Address
from services.drawing.tiles.plans import TileKey, TilePlan, TilePlans, split_path
from services.drawing.tiles.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from services.access.decision import Decision
    from services.access.principal import Principal
    from services.drawing.tiles.tile_cache import TileCache
    from services.web.context import Context

    RawHeaders = list[tuple[bytes, bytes]]

_DIGITS = 10
_METHODS = frozenset({"GET", "HEAD"})


class Crossing(Protocol):
    """The cross-origin headers of an answer."""

    VARY: str

    def headers(self, origin: bytes | None) -> Sequence[tuple[bytes, bytes]]:
        """Those for a request from an origin."""


class TileLane:
    """Answers GET and HEAD requests for tiles of known plans.

    Args:
        app: Answers all else.
        crossing: Says what scripts of other origins may read.
        prefix: The path prefix of the service, which a proxy may have taken off.
    """

    def __init__(self, app: ASGIApp, *, crossing: Crossing, prefix: str) -> None:
        self.app = app
        self._crossing = crossing
        self._prefix = prefix
        self._turns = Turns()
        self._slow = asyncio.Semaphore(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, at once if it is for a tile whose plan is known."""
        if scope["type"] == "http" and scope["method"] in _METHODS:
            path: str = scope["path"]
            if self._prefix and path.startswith(self._prefix + "/"):
                path = path.removeprefix(self._prefix)
            found = _planned(scope, path)
            if found is not None and await self._served(found, path, scope, receive, send):
                return
        await self.app(scope, receive, send)

    async def _served(
        self, found: tuple[TilePlan, Address, Decision], path: str, scope: Scope, receive: Receive, send: Send
    ) -> bool:
        plan, where, decision = found
        given = dict(scope["headers"])
        fresh = {
            "ETag": plan.freshness.tag(path, decision.audience),
            "Last-Modified": plan.freshness.modified,
            "Cache-Control": plan.freshness.cache_control(decision),
        }
        headers = self._headers(plan, fresh, given.get(b"origin"))
        if _client_has(given, fresh):
            await _send(send, 304, headers, b"")
            return True
        cache: TileCache = scope["app"].state.tile_cache
        kept = cache.get(fresh)
        if kept is not None:
            await _send(send, 200, headers + _raw(kept.headers), kept.content if scope["method"] == "GET" else b"")
            return True
        plans: TilePlans = scope["app"].state.tile_plans
        try:
            content = await self._drawn(plans, plan, where, receive)
        except _Gone:
            return True
        except Exception:  # noqa: BLE001 - the route meets the same error, and words and logs it
            return False
        if content is None:
            plans.left += 1
            return False
        plans.drawn += 1
        raw = plan.raw_headers(where, len(content))
        if cache.is_on:
            raw += _raw(cache.keep(fresh, content, {name.decode(): value.decode() for name, value in raw}))
        await _send(send, 200, headers + raw, content if scope["method"] == "GET" else b"")
        return True

    def _headers(self, plan: TilePlan, fresh: Mapping[str, str], origin: bytes | None) -> RawHeaders:
        """What 200 and 304 have in common."""
        return [
            (b"etag", fresh["ETag"].encode()),
            (b"last-modified", fresh["Last-Modified"].encode()),
            (b"cache-control", fresh["Cache-Control"].encode()),
            (b"vary", f"{plan.freshness.VARY}, {self._crossing.VARY}".encode()),
            (b"x-content-type-options", b"nosniff"),
            *self._crossing.headers(origin),
        ]

    async def _drawn(self, plans: TilePlans, plan: TilePlan, where: Address, receive: Receive) -> bytes | None:
        """The tile; raises _Gone if the client is, before it is drawn, and what `TilePlan.draw` raises."""
        if not plan.pace.is_quick:
            waited = self._slow.locked()
            async with self._slow:
                if waited:
                    _expect(receive)
                if not plan.pace.is_quick:  # it may have become so while this one waited
                    return await asyncio.get_running_loop().run_in_executor(plans.pool, _timed, plan, where)
        if self._turns.is_over:
            await self._turns.next()
            _expect(receive)
        began = time.perf_counter()
        try:
            return _timed(plan, where)
        finally:
            self._turns.spend(time.perf_counter() - began)


class _Gone(Exception):
    """The client has gone: nobody is there to be answered."""


def _expect(receive: Receive) -> None:
    """Raise _Gone if the client is. Asked without waiting: a client may have promised a body that never comes."""
    asking = receive().__await__()
    try:
        next(asking)
    except StopIteration as answer:
        if answer.value["type"] == "http.disconnect":
            raise _Gone from None
    else:
        asking.close()


def _timed(plan: TilePlan, where: Address) -> bytes | None:
    began = time.perf_counter()
    try:
        return plan.draw(where)
    finally:
        plan.pace.add(time.perf_counter() - began)


def _planned(scope: Scope, path: str) -> tuple[TilePlan, Address, Decision] | None:
    """The plan of a request, its tile, and the decision that allows it; None if refused or if the dataset changed."""
    found = split_path(scope, path)
    if found is None:
        return None
    key, numbers = found
    plans: TilePlans = scope["app"].state.tile_plans
    plan = plans.get(key)
    if plan is None or not all(n.isascii() and n.isdecimal() and len(n) <= _DIGITS for n in numbers):
        return None
    context = cast("Context", scope["app"].state.context)
    decision = _decision(context, principal_of(scope), plans, key, plan)
    if decision is None:
        return None
    matrix, row, column = map(int, numbers)
    if not plan.holds(matrix, row, column):
        return None
    return plan, Address(matrix_set=plan.matrix_set, matrix=matrix, row=row, column=column), decision


def _decision(
    context: Context, principal: Principal, plans: TilePlans, key: TileKey, plan: TilePlan
) -> Decision | None:
    """The decision that a principal may read the dataset of a plan; None if refused, or if the dataset has changed."""
    planned = plan.freshness.dataset
    if context.catalogue.cached(planned.id) is None:
        return None  # the database would have to be asked, which this thread must not wait for
    try:
        dataset, decision = require_readable(context, principal, planned.id)
    except GraticuleError:
        return None
    if dataset is not planned:
        plans.forget(key)
        return None
    return decision


def _client_has(given: Mapping[bytes, bytes], fresh: dict[str, str]) -> bool:
    tags, since = given.get(b"if-none-match"), given.get(b"if-modified-since")
    if tags is None and since is None:
        return False
    return is_known(
        fresh,
        if_none_match=None if tags is None else tags.decode("latin-1"),
        if_modified_since=None if since is None else since.decode("latin-1"),
    )


def _raw(headers: Mapping[str, str]) -> RawHeaders:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


async def _send(send: Send, status: int, headers: RawHeaders, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
