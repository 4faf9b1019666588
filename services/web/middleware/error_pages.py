"""Errors as HTML pages for browsers, whichever route they come from."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request

from config.errors import InvalidParameter
from config.vocabulary import HTML, JSON
from services.web.negotiation import VARY, Asked, accept_of, asked_language, negotiate, prefers_html

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from services.web.documents.answers import PageRenderer

log = logging.getLogger(__name__)


class ErrorPages:
    """Shows the JSON body of an error as a page to a client that prefers HTML."""

    def __init__(self, app: ASGIApp, *, pages: PageRenderer) -> None:
        self.app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; an error as a page if the client prefers HTML."""
        if scope["type"] == "http" and scope["method"] == "GET" and _mentions_html(scope):
            representation = _negotiated(Request(scope))
            if representation is not None and representation.format == "html":
                send = _ErrorPage(self._pages, representation, scope=scope, send=send)
        await self.app(scope, receive, send)


class _ErrorPage:
    """One answer, withheld if it is an error in JSON until the page is made of it."""

    def __init__(self, pages: PageRenderer, representation: Asked, *, scope: Scope, send: Send) -> None:
        self._pages = pages
        self._representation = representation
        self._scope = scope
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_json_error(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        html = await run_in_threadpool(self._page, start["status"])
        headers = MutableHeaders(raw=start["headers"])
        headers.add_vary_header(VARY)
        if html is not None:
            headers["Content-Type"] = f"{HTML}; charset=utf-8"
            headers["Content-Length"] = str(len(html))
            headers["Content-Language"] = self._representation.language
        await self._send(start)
        await self._send({"type": "http.response.body", "body": bytes(self._body) if html is None else html})

    def _page(self, status: int) -> bytes | None:
        """Return the page, or None if none can be made: the client still gets the error itself."""
        path, query = self._scope["path"], self._scope.get("query_string", b"").decode("latin-1")
        try:
            document: Any = json.loads(self._body)
            pages = self._pages.of(self._scope)
            html = pages.render("error", document, self._representation, path=path, query=query, status=status)
        except Exception:
            log.exception("no page of the error at %s", path)
            return None
        return html.encode()


def _is_json_error(start: Message) -> bool:
    media_type = Headers(raw=start["headers"]).get("content-type", "").split(";")[0]
    return start["status"] >= HTTPStatus.BAD_REQUEST and (media_type == JSON or media_type.endswith("+json"))


def _mentions_html(scope: Scope) -> bool:
    """Whether HTML is mentioned at all: a cheap question, since every tile passes here."""
    accept = b",".join(value for name, value in scope["headers"] if name == b"accept")
    return b"html" in scope.get("query_string", b"") or b"text/" in accept.lower()


def _negotiated(request: Request) -> Asked | None:
    """Negotiate the page of an error; a bad `f` or `lang` is itself an error, which becomes a page for browsers."""
    try:
        return negotiate(request)
    except InvalidParameter:
        if request.query_params.get("f") or not prefers_html(accept_of(request.headers)):
            return None
        return Asked(format="html", language=asked_language([], request.headers.get("accept-language", "")))
