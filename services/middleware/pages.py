"""HTML for browsers where a route knows JSON alone: documents of records, processes and tilesets, and errors."""

from __future__ import annotations

import json
import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request

from config.errors import InvalidParameter
from config.vocabulary import HTML, JSON
from services.negotiation import Asked, asked_language, negotiate, prefers_html
from services.portal.outline import outline

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from services.portal.templates import Portal

log = logging.getLogger(__name__)

DOCUMENTS: Final = re.compile(
    r"/(?:processes|jobs|tileMatrixSets)(?:/.*)?"
    r"|/collections/records/.+"
    r"|/collections/[^/]+/(?:map/tiles(?:/[^/]+)?|styles(?:/.*)?|schema|queryables|sortables|times"
    r"|coverage/[^/]+)"
)
"""Paths whose routes know JSON alone. Those of the landing page, the collections and `/api` make pages themselves."""

MAX_BYTES: Final = 4_000_000
"""Documents above it are answered as JSON: a browser would not show a page of them either."""


class Pages:
    """Asks the inside for JSON when a client wants a page, and shows what it answers."""

    def __init__(self, app: ASGIApp, *, portal: Portal) -> None:
        self.app = app
        self._portal = portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; a document or error as a page if the client prefers HTML."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        is_document = DOCUMENTS.fullmatch(scope["path"]) is not None
        asked = _asked(Request(scope)) if _names_html(scope) else None
        if asked is None or asked.format != "html":
            await self.app(scope, receive, _varied(send) if is_document else send)
            return
        inner = _for_json(scope) if is_document else scope
        await self.app(inner, receive, _Page(self._portal, asked, scope=scope, send=send, shows_all=is_document))


class _Page:
    """One answer, held back if it is JSON that becomes a page."""

    def __init__(self, portal: Portal, asked: Asked, *, scope: Scope, send: Send, shows_all: bool) -> None:
        self._portal = portal
        self._asked = asked
        self._scope = scope
        self._send = send
        self._shows_all = shows_all
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._becomes_page(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            await self._collect(self._start, message)

    def _becomes_page(self, start: Message) -> bool:
        media_type = Headers(raw=start["headers"]).get("content-type", "").split(";")[0]
        is_json = media_type == JSON or media_type.endswith("+json")
        return is_json and (self._shows_all or start["status"] >= HTTPStatus.BAD_REQUEST)

    async def _collect(self, start: Message, message: Message) -> None:
        self._body += message.get("body", b"")
        more = message.get("more_body", False)
        if more and len(self._body) <= MAX_BYTES:
            return
        self._start = None
        html = None if more or len(self._body) > MAX_BYTES else await run_in_threadpool(self._rendered, start["status"])
        headers = MutableHeaders(raw=start["headers"])
        headers.add_vary_header("Accept, Accept-Language")
        if html is not None:
            headers["Content-Type"] = f"{HTML}; charset=utf-8"
            headers["Content-Length"] = str(len(html))
            headers["Content-Language"] = self._asked.language
            del headers["ETag"]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": html or bytes(self._body), "more_body": more})
        self._body.clear()

    def _rendered(self, status: int) -> bytes | None:
        """The page, or None if the body is not JSON after all, or no page can be made of it."""
        try:
            return self._page(json.loads(self._body), status)
        except ValueError:
            return None
        except Exception:  # the client still gets the document itself
            log.exception("no page of %s", self._scope["path"])
            return None

    def _page(self, document: Any, status: int) -> bytes:  # noqa: ANN401 - any JSON
        more: dict[str, Any] = {"document": document, "status": status}
        template = "error.html" if status >= HTTPStatus.BAD_REQUEST else "document.html"
        if template == "document.html":
            more["outline"] = outline(document)
        query = self._scope.get("query_string", b"").decode("latin-1")
        return self._portal.render(template, self._asked, path=self._scope["path"], query=query, **more).encode()


def _names_html(scope: Scope) -> bool:
    """Whether HTML is mentioned at all: a cheap question, since every tile passes here."""
    accept = b",".join(value for name, value in scope["headers"] if name == b"accept")
    return b"html" in scope.get("query_string", b"") or b"text/" in accept.lower()


def _asked(request: Request) -> Asked | None:
    """What a request asks for; a bad `f` or `lang` is left to the route, whose error becomes a page for browsers."""
    try:
        return negotiate(request)
    except InvalidParameter:
        if request.query_params.get("f") or not prefers_html(request.headers.get("accept", "")):
            return None
        return Asked(format="html", language=asked_language([], request.headers.get("accept-language", "")))


def _for_json(scope: Scope) -> Scope:
    """The same request for JSON: no `f`, and an Accept header that wants nothing else."""
    query = scope.get("query_string", b"").decode("latin-1")
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "f"]
    headers = [(name, value) for name, value in scope["headers"] if name != b"accept"]
    return dict(scope) | {
        "query_string": urlencode(kept).encode(),
        "headers": [*headers, (b"accept", JSON.encode())],
    }


def _varied(send: Send) -> Send:
    async def varied(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(raw=message["headers"]).add_vary_header("Accept")
        await send(message)

    return varied
