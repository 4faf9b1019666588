"""A running application that real clients reach by a socket, in a thread of the test's own process."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from services.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings


@contextmanager
def listening(settings: Settings) -> Iterator[str]:
    """The base URL of an application on a port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    own = settings.model_copy(update={"server": settings.server.model_copy(update={"url": base, "port": port})})
    server = uvicorn.Server(uvicorn.Config(create_app(own), log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.01)
    try:
        yield base
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
