"""Connections that never send a whole request, and a head without an end, on a running server."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Server
    from tests.support.serving import Serving

MOST: Final = 200
"""Connections of each of the two workers."""


@pytest.fixture(scope="module")
def served(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("connections")
    with (
        server.database() as url,
        serving(url, folder, server_connections=str(MOST), server_header_timeout_s="3") as served,
    ):
        yield served


def test_half_open_connections_make_room_and_end(served: Serving, capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.ExitStack() as links:
        half = [links.enter_context(socket.create_connection(("127.0.0.1", served.port))) for _ in range(4 * MOST)]
        for link in half:
            with contextlib.suppress(OSError):
                link.sendall(b"GET / HTTP/1.1\r\nX: ")
        began = time.monotonic()
        assert [served.status("/collections") for _ in range(20)] == [200] * 20
        seconds = time.monotonic() - began
        time.sleep(5)
        open_ = sum(len(worker.net_connections()) for worker in served.workers())
    with capsys.disabled():
        print(f"\n20 requests beside {len(half)} half-open connections: {seconds:.2f} s; {open_} are left after 5 s")
    assert open_ < MOST
    assert 1 <= sum("limit of this worker" in line for line in served.log) <= 4


def test_head_without_an_end_is_cut_off(served: Serving, capsys: pytest.CaptureFixture[str]) -> None:
    before = sum(worker.cpu_times().user for worker in served.workers())
    sent = 0
    with socket.create_connection(("127.0.0.1", served.port)) as link, contextlib.suppress(OSError):
        link.sendall(b"GET / HTTP/1.1\r\nX: ")
        while sent < 60_000_000:
            sent += link.send(b"x" * 65536)
    used = sum(worker.cpu_times().user for worker in served.workers()) - before
    with capsys.disabled():
        print(f"\nof a head of 60 MB {sent / 1e6:.1f} MB were taken, for {used:.2f} s of processor time")
    assert sent < 30_000_000
    assert served.status("/healthz") == 200
