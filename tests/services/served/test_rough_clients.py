"""Malformed bodies, and clients that leave in the middle, are nobody's error: no traceback, nothing above a warning."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.serving import Serving

pytestmark = pytest.mark.served

JSON, FORM, XML = "application/json", "application/x-www-form-urlencoded", "application/xml"
ROUTES = [
    ("POST", "/collections/records/items", JSON),
    ("POST", "/collections/records/items", "application/geo+json"),
    ("PUT", "/collections/records/items/x", "application/geo+json"),
    ("PATCH", "/collections/records/items/x", "application/merge-patch+json"),
    ("POST", "/stac/search", JSON),
    ("POST", "/processes/echo/execution", JSON),
    ("POST", "/processes/zonal-statistics/execution", JSON),
    ("POST", "/processes/zonal-statistics/form", FORM),
    ("POST", "/processes/zonal-statistics/form", "multipart/form-data; boundary=x"),
    ("PUT", "/collections/x/styles/y", JSON),
    ("POST", "/csw", XML),
]
BODIES = [
    b"",
    b"{",
    b"\x00\xff\xfe",
    b"null",
    b"[" * 100_000,
    b'{"limit": 1e999, "bbox": ["a", {}, null], "datetime": {}, "ids": [null]}',
    b'{"filter": ' + b'{"op": "not", "args": [' * 500 + b"]}" * 500 + b"}",
    b'{"inputs": {"\\ud800": "\\ud800"}, "\\ud800": 1}',
    b'{"inputs": {"\xed\xa0\x80": 1}}',
    b'{"inputs": {"polygons": {"type": "Polygon", "coordinates": [[[1e400]]]}}}',
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    b"<a>" * 5_000,
    b"--x\r\nContent-Disposition: form-data; name=",
    b"polygons=%ff%zz&collection=%22%5Cud800%22",
]
RESPONSES = ["/api?f=json", "/help?f=html", "/collections/records/items", "/conformance"]


class Visitor:
    """Raw connections to a server."""

    def __init__(self, server: Serving) -> None:
        self._server = server

    def status(self, request: bytes) -> int:
        """The status of the answer."""
        with self._connected() as link:
            link.sendall(request)
            return int(link.makefile("rb").readline().split()[1])

    def leave(self, request: bytes, *, after: int = 0, abruptly: bool = False) -> None:
        """Send what there is, read so many bytes and hang up; abruptly without a word (RST)."""
        with self._connected() as link, contextlib.suppress(ConnectionError):
            link.sendall(request)
            if after:
                link.recv(after)
            if abruptly:
                link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._server.port), timeout=30)


def head(method: str, path: str, kind: str, length: int | str) -> bytes:
    size = f"Content-Length: {length}" if isinstance(length, int) else f"Transfer-Encoding: {length}"
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n{size}\r\n\r\n".encode()


@pytest.fixture
def visitor(running: tuple[Serving, str]) -> Visitor:
    return Visitor(running[0])


@pytest.fixture(autouse=True)
def _quiet_log(running: tuple[Serving, str], request: pytest.FixtureRequest) -> Iterator[None]:
    """After each of these tests: what the server has logged meanwhile."""
    server, _ = running
    before = len(server.log)
    yield
    mark = f"/mark-of-{request.node.name[:20].replace('[', '-')}"
    for _ in range(6):  # of both workers
        server.status(mark)
    server.wait_for_log(f"path={mark} ", times=6)
    loud = [line for line in server.log[before:] if " ERROR " in line or "Traceback" in line or "CRITICAL" in line]
    assert not loud, "".join(server.log[before:])


def test_malformed_bodies_are_the_clients_fault(visitor: Visitor) -> None:
    for method, path, kind in ROUTES:
        for body in BODIES:
            status = visitor.status(head(method, path, kind, len(body)) + body)
            assert 200 <= status < 500, (method, path, kind, body[:60], status)


def test_clients_may_leave_before_their_request_has_arrived(visitor: Visitor) -> None:
    for method, path, kind in ROUTES:
        for abruptly in (False, True):
            visitor.leave(head(method, path, kind, 1_000) + b'{"inputs":', abruptly=abruptly)
            visitor.leave(head(method, path, kind, "chunked") + b'9\r\n{"in', abruptly=abruptly)
        visitor.leave(head(method, path, kind, "chunked") + b"zz\r\n", after=1)


def test_clients_may_leave_while_they_are_answered(visitor: Visitor) -> None:
    for path in RESPONSES:
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        for abruptly in (False, True):
            visitor.leave(request, abruptly=abruptly)
            visitor.leave(request, after=20, abruptly=abruptly)
    time.sleep(0.2)  # for the answers that nobody waits for
