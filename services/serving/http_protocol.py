"""HTTP/1.1 as uvicorn speaks it, with bounds on what a client may send and on how long it may take.

uvicorn bounds neither the head of a request nor the time that a client takes for it (httptools has no limits of its
own, and `h11_max_incomplete_event_size` is for h11), so this protocol adds what a proxy in front would do:

* A head of more than `MAX_HEAD_BYTES` or `MAX_FIELDS` is 431 (RFC 6585, 5), if its target alone is so long 414. What
  comes after it is read no more.
* A head or a body that does not arrive in time is 408, and so is a connection on which nothing ever comes, silently; a
  client that reads nothing of its answer is cut off. uvicorn itself closes connections that lie idle between requests.
* Trailers are counted, and dropped.
"""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Literal

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

    from services.serving.connections import ConnectionLimit, Patience

log = logging.getLogger(__name__)

MAX_HEAD_BYTES: Final = 64 * 1024
MAX_FIELDS: Final = 100
_LINGER_S: Final = 2.0
"""Seconds for which a client that is refused may go on sending: closed at once, it would never see the answer."""
_LINGER_BYTES: Final = 1024 * 1024
"""Bytes that such a client may send."""
_LEAST_BYTES: Final = 4096
"""Bytes of an answer that a client has to take while the worker waits for it."""
_DETAILS: Final = {
    400: "the request is not HTTP/1.1",
    408: "the request did not arrive in time; send it at once",
    414: f"the target of the request has more than {MAX_HEAD_BYTES} bytes; POST a long filter",
    431: f"the head of the request has more than {MAX_HEAD_BYTES} bytes or {MAX_FIELDS} fields",
}


class _Refused(Exception):
    """The request is refused before it is whole; raised in callbacks of the parser, which stops at it."""


class BoundedHttp(HttpToolsProtocol):
    """One connection.

    Args:
        arguments: What uvicorn hands to a protocol, in its order.
        patience: How long it waits for the client.
        limit: The limit that it counts towards.
        options: What uvicorn hands to a protocol by name.
    """

    def __init__(self, *arguments: Any, patience: Patience, limit: ConnectionLimit, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._patience, self._limit = patience, limit
        self._reading: Literal["nothing", "head", "body"] = "nothing"
        self._timer: asyncio.TimerHandle | None = None
        self._timed: str = ""
        """What the timer is for."""
        self._refusal = 0
        """The status with which the connection ends; 0 while it goes on."""
        self._fields = self._field_bytes = self._head_bytes = 0
        self._unread = 0
        """Bytes that lay in the buffer when the timer for writing was set."""

    # the transport

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._set_timer("head", self._patience.header_s)
        self._limit.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._limit.leave(self)
        self._clear_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what has arrived."""
        if self._refusal:
            self._discard(data)
            return
        was_head = self._reading == "head"
        super().data_received(data)
        if self._refusal or self.transport.is_closing():
            return
        if was_head and self._reading == "head":
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(self._too_large())
                return
        self._watch()

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        super().pause_writing()
        self._wait_for_reader()

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        super().resume_writing()
        if self._timed == "write":
            self._clear_timer()
            self._watch()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection once its client has read the last answer."""
        if self.transport.get_write_buffer_size():
            self._wait_for_reader()
        else:
            super().timeout_keep_alive_handler()

    # the parser

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._reading = "head"
        self._fields = self._field_bytes = self._head_bytes = 0
        self._clear_timer()

    def on_url(self, url: bytes) -> None:
        """Take a part of the target; raises _Refused."""
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field; raises _Refused."""
        self._fields += 1
        self._count(len(name) + len(value))
        if self._reading == "head":
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin to answer."""
        self._reading = "body"
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End a request."""
        self._reading = "nothing"
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        if not self._refusal and not self.transport.is_closing():
            self._watch()

    # bounds

    def give_way(self) -> None:
        """Close the connection, at once."""
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Answer a request that the parser stopped at, whatever uvicorn says of it."""
        del msg
        self._refuse(self._refusal or 400)

    def _count(self, size: int) -> None:
        self._field_bytes += size
        if self._field_bytes > MAX_HEAD_BYTES or self._fields > MAX_FIELDS:
            self._refusal = self._too_large()
            raise _Refused

    def _too_large(self) -> int:
        return 414 if len(self.url) > MAX_HEAD_BYTES // 2 and self._fields <= MAX_FIELDS else 431

    def _watch(self) -> None:
        """See that the client sends what is to come next in time."""
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if self._reading == "body":
            self._limit.wait(self)
            self._set_timer("body", self._patience.body_s)
        elif self._reading == "head" or not is_answering:
            self._limit.wait(self)
            if self.timeout_keep_alive_task is None:
                self._set_timer("head", self._patience.header_s)
        elif self._timed != "write":
            self._clear_timer()
            self._limit.work(self)

    def _wait_for_reader(self) -> None:
        self._unread = self.transport.get_write_buffer_size()
        self._set_timer("write", self._patience.write_s)
        self._limit.wait(self)

    def _set_timer(self, what: str, seconds: float) -> None:
        """Set the timer, unless it runs for the same."""
        if self._timed != what:
            self._clear_timer()
            self._timed = what
            self._timer = self.loop.call_later(seconds, self._expire)

    def _clear_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._timed = None, ""

    def _expire(self) -> None:
        what, self._timer, self._timed = self._timed, None, ""
        if what == "body" and self.flow.read_paused:  # it is the worker that does not read
            self._set_timer("body", self._patience.body_s)
        elif what == "write" and self.transport.get_write_buffer_size() <= self._unread - _LEAST_BYTES:
            self._wait_for_reader()
        elif what == "write" or self._reading == "nothing":
            self.transport.abort()
        else:
            self._refuse(408)

    def _discard(self, data: bytes) -> None:
        """Read on after a refusal, a little."""
        self._head_bytes += len(data)
        if self._head_bytes > _LINGER_BYTES:
            self.flow.pause_reading()

    def _refuse(self, status: int) -> None:
        """Answer that the request is refused, unless another answer is under way, and close the connection."""
        self._refusal = status
        self._clear_timer()
        self._unset_keepalive_if_required()
        address = self.client[0] if self.client else "unknown"
        log.info("refused a request of %s with %d (%s)", address, status, HTTPStatus(status).phrase)
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete and (cycle.response_started or self._reading != "body"):
            self.transport.close()
            return
        detail = {"title": HTTPStatus(status).phrase, "status": status, "detail": _DETAILS[status]}
        body = json.dumps({"type": "about:blank", **detail}).encode()
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        if cycle is not None:  # nothing that is still being answered may write after this
            cycle.disconnected = True
            cycle.message_event.set()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._timed = "linger"
        self._timer = self.loop.call_later(_LINGER_S, self.transport.abort)
