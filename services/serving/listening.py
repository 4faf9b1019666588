"""The listening socket: bound first, so that a taken port is found early, and listened on when all is prepared."""

from __future__ import annotations

import errno
import socket

import psutil

from config.errors import EnvironmentFault, PortTaken

_BACKLOG = 2048
_MAX_COMMAND = 200


def bind(host: str, port: int) -> socket.socket:
    """A socket that holds an address and refuses connections until `listen`.

    Raises PortTaken, naming the holder, or EnvironmentFault.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise EnvironmentFault(f"server.host={host!r} is no address of this machine: {error}") from error
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free; a listened one is not
    try:
        bound.bind(address)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)  # nobody else may bind it before we listen
    except OSError as error:
        bound.close()
        raise _refusal(error, host, port) from error
    return bound


def listen(bound: socket.socket) -> None:
    """Listen on a bound socket; raises as `bind` does: not every system keeps others from a port that is only bound."""
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # its connections inherit it into TIME_WAIT
        bound.listen(_BACKLOG)
    except OSError as error:
        host, port = bound.getsockname()[:2]
        raise _refusal(error, host, port) from error


def _refusal(error: OSError, host: str, port: int) -> EnvironmentFault:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(f"port {port} is taken by {holder(port)}; stop it, or choose another with --port")
    return EnvironmentFault(f"cannot listen on {host}:{port}: {error.strerror}")


def holder(port: int) -> str:
    """Describe the process that listens on a port."""
    try:
        listening = [c for c in psutil.net_connections(kind="tcp") if c.status == "LISTEN" and c.laddr.port == port]
        pid = next((connection.pid for connection in listening if connection.pid), None)
        if pid is None:
            return "a process of another user"
        owner = psutil.Process(pid)
        while "services.serving.worker" in owner.cmdline():  # ours: its supervisor is the one to stop
            owner = owner.parent() or owner
        command = " ".join(owner.cmdline()) or owner.name()
    except psutil.Error:
        return "another process"
    return f"process {owner.pid} ({command[:_MAX_COMMAND]})"
