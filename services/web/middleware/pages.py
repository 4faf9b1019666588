"""HTML for browsers where a route knows JSON alone: documents of records, processes and tilesets, and errors."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request

from config.errors import InvalidParameter
from config.vocabulary import HTML, JSON
from services.portal import results
from services.portal.results import Result, result_view
from services.portal.special import more_asked, result_path, template_of
from services.web.negotiation import Asked, asked_language, negotiate, prefers_html

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

_NOT_PASSED: Final = frozenset({b"accept", b"if-none-match", b"if-modified-since"})

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
        if not is_document:
            await self.app(scope, receive, _Page(self._portal, asked, scope=scope, send=send))
            return
        inner = _for_json(scope)

        async def fetch(path: str) -> Fetched | None:
            return await fetched(self.app, {**inner, "path": path, "raw_path": path.encode(), "query_string": b""})

        await self.app(inner, receive, _Page(self._portal, asked, scope=scope, send=send, fetch=fetch))


class _Page:
    """One answer, held back if it is JSON that becomes a page."""

    def __init__(self, portal: Portal, asked: Asked, *, scope: Scope, send: Send, fetch: Fetch | None = None) -> None:
        """Without `fetch`, which gets further documents of ours, only errors become pages."""
        self._portal = portal
        self._asked = asked
        self._scope = scope
        self._send = send
        self._fetch = fetch
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
        return is_json and (self._fetch is not None or start["status"] >= HTTPStatus.BAD_REQUEST)

    async def _collect(self, start: Message, message: Message) -> None:
        self._body += message.get("body", b"")
        more = message.get("more_body", False)
        if more and len(self._body) <= MAX_BYTES:
            return
        self._start = None
        html = None if more or len(self._body) > MAX_BYTES else await self._rendered(start["status"])
        headers = MutableHeaders(raw=start["headers"])
        headers.add_vary_header("Accept, Accept-Language")
        if html is not None:
            headers["Content-Type"] = f"{HTML}; charset=utf-8"
            headers["Content-Length"] = str(len(html))
            headers["Content-Language"] = self._asked.language
            del headers["ETag"]
            del headers["Last-Modified"]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": html or bytes(self._body), "more_body": more})
        self._body.clear()

    async def _rendered(self, status: int) -> bytes | None:
        """The page, or None if the body is not JSON after all, or no page can be made of it."""
        try:
            document = json.loads(self._body)
            result = await self._result(document)
            return await run_in_threadpool(self._page, document, status, result)
        except ValueError:
            return None
        except Exception:  # the client still gets the document itself
            log.exception("no page of %s", self._scope["path"])
            return None

    async def _result(self, document: Any) -> Result | None:
        """The result of a job that has ended well, for its page."""
        path = result_path(self._scope["path"], document)
        found = await self._fetch(path) if path and self._fetch else None
        return None if found is None else result_view(found.media_type, found.body)

    def _page(self, document: Any, status: int, result: Result | None) -> bytes:
        query = self._scope.get("query_string", b"").decode("latin-1")
        template: str = "error.html"
        needed: Mapping[str, Any] = {}
        if status < HTTPStatus.BAD_REQUEST:
            asked = dict(parse_qsl(query))
            template, needed = template_of(self._scope["path"], document, query=asked, result=result)
        more = {"document": document, "status": status, **needed}
        return self._portal.render(template, self._asked, path=self._scope["path"], query=query, **more).encode()


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A document that a page needs beside its own."""

    media_type: str
    body: bytes


type Fetch = Callable[[str], Awaitable[Fetched | None]]


async def fetched(app: ASGIApp, scope: Scope) -> Fetched | None:
    """The answer to a GET inside this application, or None if it is an error or larger than a page would show."""
    body, answer = bytearray(), {"status": 500, "type": ""}

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            media_type = Headers(raw=message["headers"]).get("content-type", "")
            answer.update({"status": message["status"], "type": media_type})
        elif message["type"] == "http.response.body" and len(body) <= results.MAX_BYTES:
            body.extend(message.get("body", b""))

    await app(scope, receive, send)
    if answer["status"] != HTTPStatus.OK or len(body) > results.MAX_BYTES:
        return None
    return Fetched(media_type=str(answer["type"]), body=bytes(body))


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
    """The same request for JSON: no `f`, an Accept header that wants nothing else, and no empty fields of a form.

    Nor is it conditional: tags and dates of documents are not those of their pages.
    """
    query = scope.get("query_string", b"").decode("latin-1")
    kept = [(name, value) for name, value in parse_qsl(query) if name != "f"]
    said = {name for name, _ in kept}
    kept += [(name, value) for name, value in more_asked(scope["path"]).items() if name not in said]
    headers = [(name, value) for name, value in scope["headers"] if name not in _NOT_PASSED]
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
