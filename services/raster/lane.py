"""The short way to a tile: a request whose plan is known passes the policy and is drawn, without the router.

It stands inside the middleware that every answer passes (log, cross-origin headers, security headers, HEAD, prefix);
whatever it cannot answer goes on to the route, which also words all errors.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, cast

from rasterio.errors import RasterioError
from starlette.requests import Request

from config.errors import GraticuleError
from services.policy import readable
from services.raster.caching import is_known
from services.raster.formats import MEDIA_TYPES
from services.raster.matrices import Address
from services.raster.plans import TileKey, TilePlan, TilePlans, split_path

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from services.context import Context
    from services.raster.tile_cache import TileCache

log = logging.getLogger(__name__)

_DIGITS = 10


class TileLane:
    """Answers GET requests for tiles of known plans."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._turn = asyncio.Semaphore(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, at once if it is for a tile whose plan is known."""
        if scope["type"] == "http" and scope["method"] == "GET":
            found = _planned(scope)
            if found is not None and await self._served(found[0], found[1], scope, receive, send):
                return
        await self.app(scope, receive, send)

    async def _served(self, plan: TilePlan, where: Address, scope: Scope, receive: Receive, send: Send) -> bool:
        fresh = plan.freshness.headers(scope["path"])
        if _client_has(scope, fresh):
            await _send(send, 304, fresh, b"")
            return True
        cache: TileCache = scope["app"].state.tile_cache
        kept = cache.get(fresh)
        if kept is not None:
            await _send(send, 200, fresh | kept.headers, kept.content)
            return True
        plans: TilePlans = scope["app"].state.tile_plans
        waited = self._turn.locked()
        async with self._turn:
            if waited and await Request(scope, receive).is_disconnected():
                return True  # nobody is there to be answered
            try:
                content = await asyncio.get_running_loop().run_in_executor(plans.pool, plan.draw, where)
            except (GraticuleError, RasterioError):
                return False  # the route meets the same error, and words it
        if content is None:
            plans.left += 1
            return False
        plans.drawn += 1
        headers = plan.headers(where) | {"Content-Type": MEDIA_TYPES[plan.image], "Content-Length": str(len(content))}
        await _send(send, 200, fresh | headers | cache.keep(fresh, content, headers), content)
        return True


def _planned(scope: Scope) -> tuple[TilePlan, Address] | None:
    """The plan of a request and its tile, if the request may see it and nothing of it has changed."""
    found = split_path(scope)
    if found is None:
        return None
    key, numbers = found
    plans: TilePlans = scope["app"].state.tile_plans
    plan = plans.get(key)
    if plan is None or not all(n.isascii() and n.isdecimal() and len(n) <= _DIGITS for n in numbers):
        return None
    if not _may_read(cast("Context", scope["app"].state.context), plans, key, plan):
        return None
    matrix, row, column = map(int, numbers)
    if not plan.holds(matrix, row, column):
        return None
    return plan, Address(matrix_set=plan.matrix_set, matrix=matrix, row=row, column=column)


def _may_read(context: Context, plans: TilePlans, key: TileKey, plan: TilePlan) -> bool:
    """Whether the policy lets this request read, from a dataset that is still the one of the plan."""
    planned = plan.freshness.dataset
    if context.catalogue.cached(planned.id) is None:
        return False  # the database would have to be asked, which this thread must not wait for
    try:
        dataset = readable(context, planned.id)
    except GraticuleError:
        return False
    if dataset is not planned:
        plans.forget(key)
        return False
    return True


def _client_has(scope: Scope, fresh: dict[str, str]) -> bool:
    given = {b"if-none-match": b"", b"if-modified-since": b""}
    conditions = {name: value for name, value in scope["headers"] if name in given}
    if not conditions:
        return False
    tags, since = (conditions.get(name) for name in given)
    return is_known(
        fresh,
        if_none_match=None if tags is None else tags.decode("latin-1"),
        if_modified_since=None if since is None else since.decode("latin-1"),
    )


async def _send(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
