"""The short way to a tile or a map: a request that has a plan is decided on and drawn, without the router.

It stands outside all middleware except the log, and adds the headers that middleware would have added. Whatever it
cannot answer goes on to the route, which also words all errors.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from config.errors import GraticuleError
from services.access.guards import require_readable
from services.access.principal import principal_of
from services.drawing.freshness import is_known
from services.drawing.tiles.paths import SplitPath, TileKey, split_path
from services.drawing.tiles.peeking import ClientDisconnected, PeekingReceive
from services.drawing.tiles.plans import PLANNING_THREADS, Plan, TilePlans
from services.drawing.tiles.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from services.access.decision import Decision
    from services.access.principal import Principal
    from services.drawing.tiles.tile_cache import TileCache
    from services.web.context import Context

    RawHeaders = list[tuple[bytes, bytes]]

_METHODS = frozenset({"GET", "HEAD"})
_CONDITIONS = frozenset({b"if-none-match", b"if-modified-since"})


class CrossOriginHeaders(Protocol):
    """The cross-origin headers of an answer."""

    VARY: str

    def headers(self, origin: bytes | None) -> Sequence[tuple[bytes, bytes]]:
        """Headers of the answer to a request from an origin."""


class TileLane:
    """Answers GET and HEAD requests for tiles and maps that have a plan.

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
        if split is None:
            return None
        plans: TilePlans = scope["app"].state.tile_plans
        plan = plans.get(split.key)
        if plan is not None:
            return _match(scope, split, plan)
        if not (plans.is_on and plans.planners and split.is_plannable):
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
        plan, place, decision, content, split = match
        request_headers = dict(scope["headers"])
        fresh = {
            "ETag": plan.freshness.tag(plan.identity(split, place), decision.audience),
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
            content = content or await self._draw(plans, plan, place, receive)
        except ClientDisconnected:
            return True
        except Exception:  # noqa: BLE001 - the route meets the same error, and words and logs it
            return False
        if content is None:
            plans.left += 1
            return False
        plans.drawn += 1
        raw = plan.raw_headers(place, len(content))
        if cache.is_on:
            raw += _raw(cache.keep(fresh, content, {name.decode(): value.decode() for name, value in raw}))
        await _send(send, 200, headers + raw, content if scope["method"] == "GET" else b"")
        return True

    def _headers(self, plan: Plan[Any], fresh: Mapping[str, str], origin: bytes | None) -> RawHeaders:
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

    async def _draw(self, plans: TilePlans, plan: Plan[Any], place: object, receive: PeekingReceive) -> bytes | None:
        """Draw the picture; raises ClientDisconnected if its client has gone before, and what `Plan.draw` raises."""
        if not plan.pace.is_quick:
            waited = self._slow.locked()
            async with self._slow:
                if waited:
                    receive.raise_if_disconnected()
                if not plan.pace.is_quick:  # it may have become so while this one waited
                    return await asyncio.get_running_loop().run_in_executor(plans.pool, _draw_timed, plan, place)
        if self._turns.is_over:
            await self._turns.next()
            receive.raise_if_disconnected()
        began = time.perf_counter()
        try:
            return _draw_timed(plan, place)
        finally:
            self._turns.spend(time.perf_counter() - began)


def _draw_timed(plan: Plan[Any], place: object) -> bytes | None:
    began = time.perf_counter()
    try:
        return plan.draw(place)
    finally:
        plan.pace.add(time.perf_counter() - began)


def _first(plans: TilePlans, scope: Scope, split: SplitPath, draws: bool) -> tuple[Plan[Any] | None, bytes | None]:
    """The plan of a path that has none, and its first tile if it is to be drawn here; raises as `TilePlans.plan`."""
    context = cast("Context", scope["app"].state.context)
    plan = plans.plan(context, principal_of(scope), split)
    if plan is None or not draws:
        return plan, None
    place = plan.place(split.texts)
    return plan, None if place is None else _draw_timed(plan, place)


class _Match(NamedTuple):
    """A request, its plan, its place, the decision that allows it, and the picture if it was drawn with its plan."""

    plan: Plan[Any]
    place: Any
    decision: Decision
    content: bytes | None
    split: SplitPath


def _match(scope: Scope, split: SplitPath, plan: Plan[Any]) -> _Match | None:
    """Match a request with a plan; None if it is refused or if the dataset has changed."""
    context = cast("Context", scope["app"].state.context)
    decision = _decision(context, principal_of(scope), scope["app"].state.tile_plans, split.key, plan)
    place = None if decision is None else plan.place(split.texts)
    return None if decision is None or place is None else _Match(plan, place, decision, None, split)


def _decision(
    context: Context, principal: Principal, plans: TilePlans, key: TileKey, plan: Plan[Any]
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
