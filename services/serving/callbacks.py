"""Calls the addresses that want to hear of jobs, in a thread of the cluster's process.

An address is called with POST: `successUri` with the result, the others with the status of the job. An answer of 2xx is
enough; everything else, redirects too, counts as a failure and is tried again (`records.jobs.callbacks`).
"""

from __future__ import annotations

import http.client
import json
import logging
import socket
import ssl
import threading
from importlib import metadata
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlunsplit

from config.errors import GraticuleError, SourceRefused
from config.vocabulary import JSON
from records.harvest.fetch.addresses import checked_url, judged_addresses
from records.jobs.callbacks import Callbacks
from services.apis.processes.status import status_info
from services.processes.requests.outputs import LINKS
from services.processes.requests.subscriber import REMEDY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.settings import Settings
    from records.jobs.callbacks import Callback
    from records.jobs.job_store import Jobs

log = logging.getLogger(__name__)

_ROUND_S: Final = 1.0
_LOOK_S: Final = 60.0
"""Seconds between two looks while nobody says that there are jobs."""
_AT_ONCE: Final = 8
_PATIENCE_S: Final = 20.0
"""Longest call: well below the lease of a callback."""
_SUCCESS: Final = range(200, 300)


class CallbackSender:
    """Sends what is due until it is closed. A context; `wake` says that there are jobs.

    Args:
        jobs: The jobs table.
        settings: The address of the server, and which addresses may be called.
    """

    def __init__(self, jobs: Jobs, settings: Settings) -> None:
        self._jobs, self._settings = jobs, settings
        self._callbacks = Callbacks(jobs.engine)
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="callbacks", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=2)

    def wake(self) -> None:
        """Say that there are jobs, of which somebody may want to hear."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(_LOOK_S)
            self._wake.clear()
            try:
                while not self._stop.is_set() and self._callbacks.are_open():
                    self._call_all(self._callbacks.take(most=_AT_ONCE))
                    self._callbacks.forget_missed()
                    self._stop.wait(_ROUND_S)
            except GraticuleError as error:  # the database may be away for a while
                log.warning("callbacks could not be looked after: %s", error)
                self._stop.wait(_ROUND_S)

    def _call_all(self, callbacks: Sequence[Callback]) -> None:
        """Call side by side; an end of the process waits for none of the calls, and their leases run out."""
        threads = [threading.Thread(target=self._call, args=(each,), daemon=True) for each in callbacks]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive() and not self._stop.is_set():
                thread.join(timeout=0.1)

    def _call(self, callback: Callback) -> None:
        try:
            fault = post(callback.url, *self._message(callback), allow_private=self._settings.jobs.callbacks_private)
        except GraticuleError as error:
            fault = error.detail
        except (OSError, http.client.HTTPException, ValueError) as error:
            fault = f"{type(error).__name__}: {error}"
        try:
            if not fault:
                self._callbacks.close(callback)
            elif not self._callbacks.postpone(callback, fault):
                log.warning("job %s: %s was not reached: %s", callback.job_id, callback.event, fault)
        except GraticuleError as error:  # the lease runs out, and it is tried again
            log.warning("a callback could not be noted: %s", error)

    def _message(self, callback: Callback) -> tuple[bytes, str]:
        """The body of a call and its media type: the result of a successful job, else its status."""
        if callback.event == "success":
            body, media_type = self._jobs.result(callback.job_id)
            return body, JSON if media_type == LINKS else media_type
        status = status_info(self._jobs.get(callback.job_id), self._settings.base_url)
        return json.dumps(status).encode(), JSON


def post(url: str, body: bytes, media_type: str, *, allow_private: bool) -> str:
    """Send a body to an address; returns why it was not taken, empty if it was.

    The address of the host is judged, and the connection goes to the one that was; redirects are not followed.
    Raises SourceRefused, OSError or HTTPException.
    """
    parts = checked_url(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = parts.hostname or ""
    addresses = judged_addresses(host, port, allow_private=allow_private, remedy=REMEDY)
    connection = http.client.HTTPConnection(host, port)
    raw = _connected(addresses, port)
    end = threading.Timer(_PATIENCE_S, _shut, [raw])
    end.daemon = True
    end.start()  # a server that answers byte by byte must not hold the call for ever
    try:
        if parts.scheme == "https":
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
        connection.sock = raw
        path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        agent = f"graticule/{metadata.version('graticule')}"
        connection.request("POST", path, body, {"Content-Type": media_type, "User-Agent": agent, "Connection": "close"})
        answer = connection.getresponse()
        return "" if answer.status in _SUCCESS else f"it answers {answer.status} {answer.reason[:100]}"
    finally:
        end.cancel()
        connection.close()
        raw.close()


def _connected(addresses: list[str], port: int) -> socket.socket:
    """A connection to the first of some addresses that takes one."""
    failure: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=_PATIENCE_S / 2)
        except OSError as error:
            failure = error
    raise failure or SourceRefused(addresses, "it has no address", "check the address")


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
