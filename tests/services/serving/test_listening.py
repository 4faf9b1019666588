"""A port is held from the start, and answers when all is prepared."""

from __future__ import annotations

import os
import socket

import pytest

from config.errors import PortTaken
from services.serving.listening import bind, listen


def test_a_bound_port_refuses_clients_until_it_is_listened_on() -> None:
    with bind("127.0.0.1", 0) as bound:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(bound.getsockname())
        listen(bound)
        socket.create_connection(bound.getsockname()).close()


def test_a_bound_port_is_taken_before_it_is_listened_on() -> None:
    with bind("127.0.0.1", 0) as bound, pytest.raises(PortTaken, match=f"port {bound.getsockname()[1]} is taken"):
        bind("127.0.0.1", bound.getsockname()[1])


def test_the_refusal_of_a_taken_port_names_its_holder() -> None:
    with bind("127.0.0.1", 0) as bound:
        listen(bound)
        with pytest.raises(PortTaken, match=f"process {os.getpid()} "):
            bind("127.0.0.1", bound.getsockname()[1])


def test_a_port_whose_connections_have_just_been_closed_is_free_again() -> None:
    first = bind("127.0.0.1", 0)
    port = first.getsockname()[1]
    listen(first)
    with socket.create_connection(("127.0.0.1", port)) as client:
        accepted, _ = first.accept()
        accepted.close()  # the side that closes first keeps the port in TIME_WAIT
        assert client.recv(1) == b""
    first.close()

    with bind("127.0.0.1", port) as second:
        listen(second)
