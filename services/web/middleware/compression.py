"""gzip for text: JSON, HTML, XML, CSS and scripts. Images and rasters are compressed already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyio import Path
from isal import isal_zlib
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import FileResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LEVEL = 3
"""Of ISA-L: a sixth of the time of level 6 of zlib, and a fifth to a quarter more bytes for long JSON."""
_GZIP = 31
"""Window bits that mean the format of gzip."""
_SMALL = 500
"""Bytes below which compressing costs more than it saves."""
_CHUNK = FileResponse.chunk_size
_NAMED = '-gzip"'
"""The end of a tag that is of the compressed bytes already."""
_TEXT = frozenset({"text/html", "text/css", "text/javascript", "application/javascript"})
_ENDINGS = ("/json", "+json", "/xml", "+xml", "_xml")
"""Ends of media types of texts; those of WMS 1.1.1 end in `_xml`."""


class Compression:
    """Compresses text answers for clients that accept gzip."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, its answer compressed where that pays."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        accepts = accepts_gzip(Headers(scope=scope).get("accept-encoding", ""))
        await self.app(scope, receive, _Answer(send, accepts=accepts))


class _Answer:
    """One answer: its start is held until the first part of the body shows whether to compress."""

    def __init__(self, send: Send, *, accepts: bool) -> None:
        self._send = send
        self._accepts = accepts
        self._start: Message | None = None
        self._gzip: isal_zlib.Compress | None = None

    async def __call__(self, message: Message) -> None:
        """Pass on one message of the answer."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start is not None:
            start, self._start = self._start, None
            await self._begin(start, message)
        elif self._gzip is not None and message["type"] == "http.response.body":
            await self._send({**message, "body": self._compressed(message)})
        else:
            await self._send(message)

    async def _begin(self, start: Message, first: Message) -> None:
        headers = MutableHeaders(raw=start["headers"])
        if not _compressible(start["status"], headers):
            await self._pass(start, first)
            return
        headers.add_vary_header("Accept-Encoding")
        whole = first["type"] == "http.response.body" and not first.get("more_body", False)
        if not self._accepts or (whole and len(first.get("body", b"")) < _SMALL):
            await self._pass(start, first)
            return
        if first["type"] == "http.response.pathsend" and int(headers.get("content-length", _CHUNK)) < _CHUNK:
            # a HEAD: a file this small is answered to GET in one message, whose length is known
            first = {"type": "http.response.body", "body": await Path(first["path"]).read_bytes()}
            whole = True
        headers["Content-Encoding"] = "gzip"
        if "etag" in headers and not headers["etag"].startswith("W/") and not headers["etag"].endswith(_NAMED):
            headers["ETag"] = "W/" + headers["etag"]  # the bytes differ from those without gzip
        del headers["Content-Length"]
        if first["type"] == "http.response.body":
            self._gzip = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _GZIP)
            first = {**first, "body": self._compressed(first)}
            if whole:
                headers["Content-Length"] = str(len(first["body"]))
        await self._pass(start, first)

    async def _pass(self, start: Message, first: Message) -> None:
        await self._send(start)
        await self._send(first)

    def _compressed(self, message: Message) -> bytes:
        assert self._gzip is not None
        body = self._gzip.compress(message.get("body", b""))
        return body if message.get("more_body", False) else body + self._gzip.flush()


def _compressible(status: int, headers: MutableHeaders) -> bool:
    media_type = headers.get("content-type", "").split(";")[0].strip().lower()
    plain = "content-encoding" not in headers and "content-range" not in headers
    return plain and status not in (204, 206, 304) and (media_type in _TEXT or media_type.endswith(_ENDINGS))


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header takes gzip."""
    for part in header.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
