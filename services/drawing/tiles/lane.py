"""The short way to a tile: a request that has a plan is decided on and drawn, without the router.

It stands outside all middleware except the log, and adds the headers that middleware would have added. Whatever it
cannot answer goes on to the route, which also words all errors.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from config.errors import GraticuleError
from services.access.guards import require_readable
from services.access.principal import principal_of
from services.drawing.freshness import is_known
from services.drawing.tiles.matrices import Address
from services.drawing.tiles.paths import SplitPath, TileKey, split_path
from services.drawing.tiles.peeking import ClientDisconnected, PeekingReceive
from services.drawing.tiles.plans import PLANNING_THREADS, TilePlan, TilePlans
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
_CONDITIONS = frozenset({b"if-none-match", b"if-modified-since"})


class CrossOriginHeaders(Protocol):
    """The cross-origin headers of an answer."""

    VARY: str

    def headers(self, origin: bytes | None) -> Sequence[tuple[bytes, bytes]]:
        """Headers of the answer to a request from an origin."""


class TileLane:
    """Answers GET and HEAD requests for tiles that have a plan.

    Args:
        app: Answers all else.
        cors: The headers by which scripts of other origins may read answers.
        prefix: The path prefix of the service, which a proxy may have taken off.
    """

    def __init__(self, app: ASGIApp, *, cors: CrossOriginHeaders, prefix: str) -> None:
        self.app = app
        self._cors = cors
        self._prefix = prefix
        self._turns = Turns()
        self._slow = asyncio.Semaphore(1)
        self._planning = asyncio.Semaphore(PLANNING_THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, at once if it is for a tile that has a plan."""
        if scope["type"] == "http" and scope["method"] in _METHODS:
            path: str = scope["path"]
            if self._prefix and path.startswith(self._prefix + "/"):
                path = path.removeprefix(self._prefix)
            receive = peeking = PeekingReceive(receive)
            match = await self._matched(scope, path, peeking)
            if match is not None and await self._serve(match, scope, peeking, send):
                return
        await self.app(scope, receive, send)

    async def _matched(self, scope: Scope, path: str, receive: PeekingReceive) -> _Match | None:
        """Match a request with a plan, which is made if there is none; None if the route has to answer."""
        split = split_path(scope, path)
        if split is None or not all(n.isascii() and n.isdecimal() and len(n) <= _DIGITS for n in split.numbers):
            return None
        plans: TilePlans = scope["app"].state.tile_plans
        plan = plans.get(split.key)
        if plan is not None:
            return _match(scope, split, plan)
        if not (plans.is_on and plans.planners):
            return None
        draws = not scope["app"].state.tile_cache.is_on and not any(name in _CONDITIONS for name, _ in scope["headers"])
        try:
            async with self._planning:
                receive.raise_if_disconnected()
                plan, content = await asyncio.get_running_loop().run_in_executor(
                    plans.planning, _first, plans, scope, split, draws
                )
        except Exception:  # noqa: BLE001 - the route meets the same error, and words and logs it
            return None
        match = None if plan is None else _match(scope, split, plan)
        return match if match is None or content is None else match._replace(content=content)

    async def _serve(self, match: _Match, scope: Scope, receive: PeekingReceive, send: Send) -> bool:
        """Answer a request; False if the route has to."""
        plan, where, decision, identity, content = match
        request_headers = dict(scope["headers"])
        fresh = {
            "ETag": plan.freshness.tag(identity, decision.audience),
            "Last-Modified": plan.freshness.modified,
            "Cache-Control": plan.freshness.cache_control(decision),
        }
        headers = self._headers(plan, fresh, request_headers.get(b"origin"))
        if _client_has(request_headers, fresh):
            await _send(send, 304, headers, b"")
            return True
        cache: TileCache = scope["app"].state.tile_cache
        cached = cache.get(fresh)
        if cached is not None:
            await _send(send, 200, headers + _raw(cached.headers), cached.content if scope["method"] == "GET" else b"")
            return True
        plans: TilePlans = scope["app"].state.tile_plans
        try:
            content = content or await self._draw(plans, plan, where, receive)
        except ClientDisconnected:
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
        """Headers that 200 and 304 have in common."""
        return [
            (b"etag", fresh["ETag"].encode()),
            (b"last-modified", fresh["Last-Modified"].encode()),
            (b"cache-control", fresh["Cache-Control"].encode()),
            (b"vary", f"{plan.freshness.VARY}, {self._cors.VARY}".encode()),
            *_raw(plan.freshness.moment),
            (b"x-content-type-options", b"nosniff"),
            *self._cors.headers(origin),
        ]

    async def _draw(self, plans: TilePlans, plan: TilePlan, where: Address, receive: PeekingReceive) -> bytes | None:
        """Draw the tile; raises ClientDisconnected if its client has gone before, and what `TilePlan.draw` raises."""
        if not plan.pace.is_quick:
            waited = self._slow.locked()
            async with self._slow:
                if waited:
                    receive.raise_if_disconnected()
                if not plan.pace.is_quick:  # it may have become so while this one waited
                    return await asyncio.get_running_loop().run_in_executor(plans.pool, _draw_timed, plan, where)
        if self._turns.is_over:
            await self._turns.next()
            receive.raise_if_disconnected()
        began = time.perf_counter()
        try:
            return _draw_timed(plan, where)
        finally:
            self._turns.spend(time.perf_counter() - began)


def _draw_timed(plan: TilePlan, where: Address) -> bytes | None:
    began = time.perf_counter()
    try:
        return plan.draw(where)
    finally:
        plan.pace.add(time.perf_counter() - began)


def _first(plans: TilePlans, scope: Scope, split: SplitPath, draws: bool) -> tuple[TilePlan | None, bytes | None]:
    """The plan of a path that has none, and its first tile if it is to be drawn here; raises as `TilePlans.plan`."""
    context = cast("Context", scope["app"].state.context)
    plan = plans.plan(context, principal_of(scope), split)
    if plan is None or not draws:
        return plan, None
    where = _address(plan, split)
    return plan, None if where is None else _draw_timed(plan, where)


class _Match(NamedTuple):
    """The plan of a request, its tile, the decision that allows it, and what its entity tag names the tile by.

    And the tile, if it was drawn when its plan was made.
    """

    plan: TilePlan
    where: Address
    decision: Decision
    identity: str
    content: bytes | None = None


def _match(scope: Scope, split: SplitPath, plan: TilePlan) -> _Match | None:
    """Match a request with a plan; None if it is refused or if the dataset has changed."""
    context = cast("Context", scope["app"].state.context)
    decision = _decision(context, principal_of(scope), scope["app"].state.tile_plans, split.key, plan)
    where = _address(plan, split)
    return None if decision is None or where is None else _Match(plan, where, decision, split.identity)


def _address(plan: TilePlan, split: SplitPath) -> Address | None:
    """The tile of a path; None if there is none in the matrix set, or outside the limits of the plan."""
    matrix, row, column = map(int, split.numbers)
    if not plan.holds(matrix, row, column):
        return None
    return Address(matrix_set=plan.matrix_set, matrix=matrix, row=row, column=column)


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


def _client_has(request_headers: Mapping[bytes, bytes], fresh: dict[str, str]) -> bool:
    tags, since = request_headers.get(b"if-none-match"), request_headers.get(b"if-modified-since")
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
