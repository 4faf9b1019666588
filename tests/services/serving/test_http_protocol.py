"""What a client may send, and how long it may take, before its request is refused: on a real socket."""

from __future__ import annotations

import functools
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from services.serving.connections import ConnectionLimit, Patience
from services.serving.http_protocol import MAX_FIELDS, MAX_HEAD_BYTES, BoundedHttp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Receive, Scope, Send

QUICK = Patience(header_s=0.3, body_s=0.3, write_s=0.3)
SLOW = Patience(header_s=30, body_s=30, write_s=30)


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the length of the body, or with 20 MB at /large."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        more = message["more_body"]
    body = bytes(20_000_000) if scope["path"] == "/large" else str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def _serving(patience: Patience = SLOW, *, most: int = 100, idle_s: float = 30) -> Iterator[int]:
    """Serve on a port in a thread of its own."""
    options: dict[str, Any] = {
        "http": functools.partial(BoundedHttp, patience=patience, limit=ConnectionLimit(most)),
        "timeout_keep_alive": idle_s,
        "loop": "uvloop",
        "lifespan": "off",
        "log_config": None,
        "timeout_graceful_shutdown": 1,
    }
    server = uvicorn.Server(uvicorn.Config(_app, **options))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with _serving() as port:
        yield port


@pytest.fixture(scope="module")
def quick_port() -> Iterator[int]:
    """The port of a server that waits for little."""
    with _serving(QUICK, idle_s=0.3) as port:
        yield port


@contextmanager
def _connection(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
        yield link


def _all_of(link: socket.socket) -> bytes:
    """What comes until the server closes the connection."""
    parts = []
    try:
        while part := link.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def _get(fields: list[bytes], target: bytes = b"/") -> bytes:
    return b"\r\n".join([b"GET " + target + b" HTTP/1.1", b"Host: x", *fields, b"Connection: close", b"", b""])


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (_get([]), 200),
        (_get([b"X: " + b"x" * (MAX_HEAD_BYTES - 200)]), 200),
        (_get([b"X: " + b"x" * MAX_HEAD_BYTES]), 431),
        (_get([b"X%d: x" % number for number in range(MAX_FIELDS - 2)]), 200),
        (_get([b"X%d: x" % number for number in range(MAX_FIELDS - 1)]), 431),
        (_get([], b"/" + b"x" * MAX_HEAD_BYTES), 414),
        (b"nonsense\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc", 200),
    ],
)
def test_requests_and_their_statuses(port: int, request_: bytes, status: int) -> None:
    with _connection(port) as link:
        link.sendall(request_)
        assert _status(_all_of(link)) == status


@pytest.mark.parametrize("endless", [b"x" * 65536, b"X: y\r\n" * 1000])
def test_endless_head_is_refused_early(port: int, endless: bytes) -> None:
    sent = 0
    with _connection(port) as link:
        link.sendall(b"GET / HTTP/1.1\r\nX: ")
        try:
            while sent < 100_000_000:
                sent += link.send(endless)
        except OSError:
            pass
    assert sent < 30_000_000  # most of it lies in the buffers of the kernel


def test_trailers_are_counted_and_dropped(port: int) -> None:
    chunked = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"
    with _connection(port) as link:
        link.sendall(chunked + b"X: y\r\n\r\n")
        answer = _all_of(link)
    assert (_status(answer), answer[-1:]) == (200, b"3")
    with _connection(port) as link:
        link.sendall(chunked + b"".join(b"X%d: y\r\n" % number for number in range(200)) + b"\r\n")
        assert _status(_all_of(link)) == 431


@pytest.mark.parametrize(
    ("begun", "status"),
    [
        (b"", 0),
        (b"\r\n", 0),
        (b"GET / HT", 408),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: ", 408),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc", 408),
    ],
)
def test_request_that_does_not_arrive_in_time_ends_the_connection(quick_port: int, begun: bytes, status: int) -> None:
    with _connection(quick_port) as link:
        link.sendall(begun)
        assert _status(_all_of(link)) == status


@pytest.mark.parametrize("drop", [b"x", b"\r\n"])
def test_drops_do_not_prolong_the_time(quick_port: int, drop: bytes) -> None:
    with _connection(quick_port) as link:
        began = time.monotonic()
        link.sendall(b"GET / HTTP/1.1\r\nX: " if drop == b"x" else drop)
        link.settimeout(0.05)
        while time.monotonic() - began < 10:
            try:
                link.sendall(drop)
                if not link.recv(65536):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            pytest.fail("the connection is still open")


def test_idle_connection_is_closed_and_a_busy_one_is_not(quick_port: int) -> None:
    with _connection(quick_port) as link:
        for _ in range(5):
            link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert link.recv(65536).startswith(b"HTTP/1.1 200")
            time.sleep(0.1)
        assert _all_of(link) == b""


def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    with _connection(port) as link:
        link.sendall(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab" + _get([]))
        answer = _all_of(link)
    assert [part[-1:] for part in answer.split(b"HTTP/1.1 200")[1:]] == [b"2", b"0"]


def test_client_that_reads_nothing_is_cut_off(quick_port: int) -> None:
    with _connection(quick_port) as link:
        link.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        time.sleep(1.5)
        assert len(_all_of(link)) < 20_000_000


def test_client_that_reads_slowly_gets_all(quick_port: int) -> None:
    size = 0
    with _connection(quick_port) as link:
        link.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        while part := link.recv(1_000_000):
            size += len(part)
            time.sleep(0.02)
    assert size > 20_000_000


def test_connection_that_waited_longest_makes_room(caplog: pytest.LogCaptureFixture) -> None:
    with _serving(most=4) as port:
        silent = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(12)]
        with _connection(port) as link:
            link.sendall(_get([]))
            assert _status(_all_of(link)) == 200
        assert [_all_of(link) for link in silent[:8]] == [b""] * 8
        for link in silent:
            link.close()
    lines = [record for record in caplog.records if "limit of this worker" in record.getMessage()]
    assert len(lines) == 1


def test_limit_counts_what_is_open() -> None:
    class Connection:
        closed = False

        def give_way(self) -> None:
            self.closed = True

    limit, links = ConnectionLimit(2), [Connection() for _ in range(4)]
    limit.enter(links[0])
    limit.enter(links[1])
    limit.work(links[0])
    limit.enter(links[2])
    assert [link.closed for link in links] == [False, True, False, False]
    limit.leave(links[1])
    limit.work(links[2])
    limit.enter(links[3])
    assert links[3].closed  # nobody else waits for a client
