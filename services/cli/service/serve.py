"""`graticule serve`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from config import settings as configuration
from services.serving.foreground import own_foreground

if TYPE_CHECKING:
    from config.settings import Settings

_OWN_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
TERMINATED = 143
"""The exit code by which the command line ends at SIGTERM."""


def command(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Web worker processes.")] = None,
) -> None:
    """Serve the catalogue in the foreground, until Ctrl-C or SIGTERM."""
    from services.serving import supervisor

    settings = with_server(configuration.load(), port=port, host=host, workers=workers)
    with own_foreground(), stopping_is_success():
        supervisor.serve(settings, when_ready=lambda _signals: announce(settings))


@contextmanager
def stopping_is_success() -> Iterator[None]:
    """A server is ended by SIGINT or SIGTERM: that is its success, also while it starts."""
    try:
        yield
    except KeyboardInterrupt:
        pass
    except SystemExit as stop:
        if stop.code != TERMINATED:
            raise


def with_server(settings: Settings, *, port: int | None, host: str | None, workers: int | None) -> Settings:
    """The settings with what the command line says of the server."""
    options = {"port": port, "host": host, "workers": workers}
    changes = {name: value for name, value in options.items() if value is not None}
    return configuration.load(server=settings.server.model_dump() | changes) if changes else settings


def announce(settings: Settings) -> bool:
    """Say where the server is reached."""
    sys.stderr.write(f"graticule: serving {settings.base_url}/ with {settings.server.workers} web worker(s)\n")
    if not settings.server.url and "*" in settings.server.hosts and settings.server.host not in _OWN_HOSTS:
        sys.stderr.write(
            f"graticule: it listens on {settings.server.host}, and its links follow whatever host a client names: set "
            "GRATICULE_SERVER_URL to the address that clients use, or name the hosts in GRATICULE_SERVER_HOSTS\n"
        )
    sys.stderr.flush()
    return True
