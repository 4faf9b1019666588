"""Fetching metadata over HTTP: bounded in time, size and redirects, and never from a private address unawares.

A host's name is resolved once for each connection, every address it has is judged, and the connection goes to the
address that was judged: a name that resolves to another address a moment later (DNS rebinding) gains nothing. Proxies
of the environment are not used, because they would resolve names out of sight.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from typing import Final
from urllib.parse import SplitResult, urlunsplit

from config.errors import SourceRefused
from records.harvest.fetch.addresses import checked_url, judged_addresses
from records.harvest.fetch.content import MAX_BYTES, Content

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CHUNK: Final = 65_536
_ACCEPT: Final = "application/geo+json, application/ld+json, application/json, application/xml;q=0.9, */*;q=0.5"
_LONGEST_VALIDATOR: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of what is fetched: of one answer, and of all pages of a source.

    Attributes:
        silence_s: Longest wait for the next bytes, in seconds.
        total_s: Longest time for an answer with its redirects, in seconds.
        allow_private: Whether addresses of private networks and of this machine may be reached.
        max_pages: Most pages of one source.
        whole_s: Longest time for all pages of one source, in seconds.
    """

    silence_s: float = 30.0
    total_s: float = 300.0
    max_pages: int = 10_000
    whole_s: float = 6 * 3600.0
    max_bytes: int = MAX_BYTES
    max_redirects: int = 5
    allow_private: bool = False


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """An answer: its content, or None if it is as it was, and the validators that tell whether it changes."""

    content: Content | None
    etag: str | None = None
    modified: str | None = None


def is_url(source: str) -> bool:
    """Whether a source is an address of the web rather than a path."""
    return source.lower().startswith(("http://", "https://"))


def fetch(url: str, limits: Limits) -> Content:
    """The content at a URL, named by the address that answered at last; raises SourceRefused, saying why."""
    content = fetch_changed(url, limits).content
    assert content is not None  # nothing was said of an earlier one
    return content


def fetch_changed(url: str, limits: Limits, *, etag: str | None = None, modified: str | None = None) -> Fetched:
    """The content at a URL unless it is as it was; raises SourceRefused, saying why.

    Args:
        url: An http or https address; redirects are followed.
        limits: Bounds of the answer.
        etag: The entity tag of the content that is known (RFC 9110, 13.1.2).
        modified: Its `Last-Modified` (RFC 9110, 13.1.3).
    """
    deadline = time.monotonic() + limits.total_s
    conditions = {"If-None-Match": etag, "If-Modified-Since": modified}
    headers = {name: value for name, value in conditions.items() if value}
    here = url
    for _ in range(limits.max_redirects + 1):
        parts = checked_url(here)
        answer = _answered(parts, limits, deadline, headers)
        if isinstance(answer, Fetched):
            return answer
        following = checked_url(here, answer).geturl()
        if parts.scheme == "https" and not following.startswith("https:"):
            raise SourceRefused(here, f"it redirects to {following[:200]}, without TLS", "harvest that address itself")
        here = following
    raise SourceRefused(url, f"it redirects more than {limits.max_redirects} times", "harvest the last address")


def _answered(parts: SplitResult, limits: Limits, deadline: float, headers: dict[str, str]) -> Fetched | str:
    """An answer, or where it redirects to."""
    request = _Request(parts, limits, deadline, headers)
    try:
        location = request.location()
        return request.fetched() if location is None else location
    except (OSError, http.client.HTTPException, ValueError) as error:
        cause = f"it does not answer as it should: {error or type(error).__name__}"
        if request.is_late:
            cause = f"it took longer than {limits.total_s:g} s"
        raise SourceRefused(urlunsplit(parts), cause, "try again later") from error
    finally:
        request.close()


class _Request:
    """One request on its way: connected to an address that was judged, and read up to the limits."""

    def __init__(self, parts: SplitResult, limits: Limits, deadline: float, headers: dict[str, str]) -> None:
        self._parts = parts
        self._asked = headers
        self._limits = limits
        self._deadline = deadline
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._connection = http.client.HTTPConnection(self._host, self._port)
        self._answer: http.client.HTTPResponse | None = None
        self._end: threading.Timer | None = None

    def location(self) -> str | None:
        """Send the request; where the answer redirects to, or None. Raises SourceRefused for any other status."""
        answer = self._send()
        if answer.status in _REDIRECTS and answer.getheader("Location"):
            return answer.getheader("Location")
        is_same = answer.status == http.client.NOT_MODIFIED and bool(self._asked)
        if answer.status != http.client.OK and not is_same:
            raise SourceRefused(self._url, f"it answers {answer.status} {answer.reason[:100]}", "check the address")
        return None

    @property
    def _url(self) -> str:
        return urlunsplit(self._parts)

    @property
    def is_late(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._deadline

    def _send(self) -> http.client.HTTPResponse:
        raw = self._connected()
        self._end = threading.Timer(max(0.0, self._deadline - time.monotonic()), _shut, [raw])
        self._end.daemon = True
        self._end.start()  # a server that sends a byte now and then must not hold a header for ever
        if self._parts.scheme == "https":
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=self._host)
        self._connection.sock = raw
        path = urlunsplit(("", "", self._parts.path or "/", self._parts.query, ""))
        headers = {
            "Accept": _ACCEPT,
            "Accept-Encoding": "identity",
            "User-Agent": f"graticule/{metadata.version('graticule')}",
            "Connection": "close",
            **self._asked,
        }
        self._connection.request("GET", path, headers=headers)
        self._answer = self._connection.getresponse()
        return self._answer

    def _connected(self) -> socket.socket:
        """A connection to the first of the judged addresses that takes one."""
        addresses = judged_addresses(self._host, self._port, allow_private=self._limits.allow_private)
        failure: OSError | None = None
        for address in addresses:
            patience = min(self._limits.silence_s, max(0.1, self._deadline - time.monotonic()))
            try:
                return socket.create_connection((address, self._port), timeout=patience)
            except OSError as error:
                failure = error
        raise failure or OSError("it has no address")

    def fetched(self) -> Fetched:
        """The answer with its validators; without a content where that is as it was."""
        assert self._answer is not None
        is_same = self._answer.status == http.client.NOT_MODIFIED
        etag, modified = (_validator(self._answer.getheader(name)) for name in ("ETag", "Last-Modified"))
        content = None if is_same else Content(self._body(), self._url)
        return Fetched(content=content, etag=etag, modified=modified)

    def _body(self) -> bytes:
        """The whole answer; raises SourceRefused beyond the limits."""
        assert self._answer is not None
        chunks: list[bytes] = []
        size = 0
        while chunk := self._answer.read1(_CHUNK):
            size += len(chunk)
            if size > self._limits.max_bytes:
                limit = self._limits.max_bytes
                raise SourceRefused(self._url, f"it has more than {limit} bytes", "harvest it in pages or as files")
            chunks.append(chunk)
        announced = self._answer.getheader("Content-Length", "")
        if self.is_late or (announced.isdecimal() and int(announced) != size):
            raise ConnectionError(f"it ended after {size} of {announced or 'unknown'} bytes")
        return b"".join(chunks)

    def close(self) -> None:
        """Close the connection."""
        if self._end is not None:
            self._end.cancel()
        if self._answer is not None:
            self._answer.close()
        self._connection.close()


def _validator(header: str | None) -> str | None:
    """A validator that can be sent back as it is."""
    return header if header and len(header) < _LONGEST_VALIDATOR and header.isascii() and header.isprintable() else None


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
