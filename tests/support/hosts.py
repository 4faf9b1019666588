"""Hosts of a network of their own: network namespaces with an address each, joined by a bridge. Needs root."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from tests.support.network import BRIDGE_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NETWORK: Final = BRIDGE_ADDRESS.rpartition(".")[0]
_BRIDGE: Final = "grt-br"


@dataclass(frozen=True)
class Host:
    """A namespace and its address."""

    name: str
    address: str

    def start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a command on the host, in a process group of its own."""
        words = ["ip", "netns", "exec", self.name, *command]
        return subprocess.Popen(words, start_new_session=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


@cache
def why_no_hosts() -> str:
    """Why no namespaces can be made here; empty if they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "the command `ip` is missing (apt-get install iproute2)"
    made = subprocess.run(["ip", "netns", "add", "grt-try"], check=False, capture_output=True, text=True)
    if made.returncode:
        return f"network namespaces cannot be made: {made.stderr.strip()[:200]}"
    _ip("netns", "del", "grt-try")
    return ""


@contextmanager
def hosts(count: int) -> Iterator[list[Host]]:
    """Some hosts that reach each other and, at `BRIDGE_ADDRESS`, this machine; gone afterwards."""
    with ExitStack() as undo:
        _ip("link", "add", _BRIDGE, "type", "bridge")
        undo.callback(_ip, "link", "del", _BRIDGE)
        _ip("addr", "add", f"{BRIDGE_ADDRESS}/24", "dev", _BRIDGE)
        _ip("link", "set", _BRIDGE, "up")
        made = []
        for number in range(1, count + 1):
            host = Host(f"grt-{number}", f"{_NETWORK}.{10 + number}")
            outside, inside = f"grt-o{number}", f"grt-i{number}"
            _ip("netns", "add", host.name)
            undo.callback(_ip, "netns", "del", host.name)
            _ip("link", "add", outside, "type", "veth", "peer", "name", inside)
            _ip("link", "set", outside, "master", _BRIDGE, "up")
            _ip("link", "set", inside, "netns", host.name)
            _ip("-n", host.name, "addr", "add", f"{host.address}/24", "dev", inside)
            _ip("-n", host.name, "link", "set", inside, "up")
            _ip("-n", host.name, "link", "set", "lo", "up")
            made.append(host)
        yield made


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
