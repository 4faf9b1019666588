"""The routes of an application in the order in which they match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services import portal
from services.front import collections, conformance, crawling, guides, health, landing, layer_map, times
from services.front.description import openapi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.routing import BaseRoute

    from services.web.part import Parts


def routes(parts: Parts) -> Iterator[BaseRoute]:
    """Yield the routes of the front door and of every part.

    The first match answers, so fixed paths come before those of the parts, and collections by id after them.
    """
    first = (
        landing.router,
        conformance.router,
        openapi.router,
        health.router,
        portal.router,
        crawling.router,
        layer_map.router,
        guides.router,
    )
    of_parts = (router for part in parts for router in part.routers())
    for router in (*first, *of_parts, times.router, collections.router):
        yield from router.routes
