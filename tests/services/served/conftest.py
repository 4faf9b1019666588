"""One server for the tests that find it running and leave it so."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Server
    from tests.support.serving import Serving


@pytest.fixture(scope="package")
def running(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serving, str]]:
    """A server with two workers, and its database's URL. It must end well when it is interrupted."""
    with server.database() as url, serving(url, tmp_path_factory.mktemp("served")) as served:
        yield served, url
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(timeout=30) == 0, "".join(served.log)
