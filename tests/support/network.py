"""Tests reach nothing outside this machine."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    type Address = tuple[str, int] | str | bytes

BRIDGE_ADDRESS: Final = "10.213.97.1"
"""Of this machine among the hosts of `tests.support.hosts`; of no network that it is likely to be in."""


def block(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python sockets connect to Unix sockets and loopback addresses only."""
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))


def _guarded(
    original: Callable[[socket.socket, Address], int | None],
) -> Callable[[socket.socket, Address], int | None]:
    def guarded(self: socket.socket, address: Address) -> int | None:
        if self.family != socket.AF_UNIX and not is_local(str(address[0])):
            raise RuntimeError(f"a test connects to {address!r}: tests use nothing outside this machine")
        return original(self, address)

    return guarded


def is_local(host: str) -> bool:
    """Whether a host is this machine, also by its address on the bridge of `tests.support.hosts`."""
    try:
        return ipaddress.ip_address(host).is_loopback or host == BRIDGE_ADDRESS
    except ValueError:
        return host == "localhost"
