"""Calls functions of pygeoapi's core in process.

These functions are synchronous: `(api, request, *args) -> (headers, status, body)`. They run in a thread with a limiter
of their own, on one `API` object per process: pygeoapi keeps module state, so a process holds one configuration.
"""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, cast

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import Request
from pygeoapi.api import API
from pygeoapi.api import processes as core_processes

from config.errors import GraticuleError, Overloaded, TooManyRequests
from services.processes.executions import MAKER
from services.pygeoapi.configuration import RECORDS, configuration
from services.pygeoapi.core_request import CoreCall, CoreRequest
from services.pygeoapi.manager import JobManager
from services.pygeoapi.record_provider import RecordProvider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from services.processes.executions import Executions
    from services.web.context import Context

_THREADS = 8
_SYNC_THREADS = 8


@dataclass(frozen=True, kw_only=True)
class CoreAnswer:
    """The answer of a function of the core: headers and the JSON body, decoded."""

    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


class ApplicationAPI(API):  # type: ignore[misc]  # pygeoapi ships no types
    """pygeoapi's core inside the application, where errors are raised and not answered."""

    def get_exception(
        self, status: int, headers: dict[str, str], format_: str | None, code: str, description: str
    ) -> NoReturn:
        """Raise the error of ours that a plugin has translated, or GraticuleError for a fault the core alone finds.

        The application checks a request before the core does, so that such a fault is a bug.
        """
        del headers, format_
        error = sys.exception()
        if error is not None and isinstance(error.__cause__, GraticuleError):
            raise error.__cause__
        raise GraticuleError(f"pygeoapi refuses what was checked, with {status} {code}: {description}")


class Bridge:
    """One pygeoapi core over the live objects of an application.

    Attributes:
        api: The core.
        records: The provider of the records.
    """

    def __init__(self, context: Context) -> None:
        logging.getLogger("pygeoapi").setLevel(logging.ERROR)  # it warns of every schema that it cannot translate
        with _preserve_root_logger():
            self.api = ApplicationAPI(configuration(context), {})
        self.records = RecordProvider(self.api.config["resources"][RECORDS]["providers"][0])
        self._limiter = CapacityLimiter(_THREADS)
        self._sync_limiter = CapacityLimiter(_SYNC_THREADS)
        self._waiting: Counter[str] = Counter()
        """Synchronous executions that run, by who makes them."""

    @property
    def executions(self) -> Executions:
        """The jobs of the process manager."""
        return cast("JobManager", self.api.manager).executions

    def close(self) -> None:
        """Release what the process manager holds."""
        cast("JobManager", self.api.manager).close()

    async def call(
        self,
        function: Callable[..., tuple[dict[str, str], int, str | bytes]],
        call: CoreCall,
        *args: object,
        limiter: CapacityLimiter | None = None,
    ) -> CoreAnswer:
        """Call a function of `pygeoapi.api`; the errors of plugins are raised as they were before translation."""
        request = CoreRequest(call, self.api.locales)
        headers, _, body = await anyio.to_thread.run_sync(
            lambda: function(self.api, request, *args), limiter=limiter or self._limiter
        )
        return CoreAnswer(headers=headers, body=json.loads(body) if body else None)

    async def execute(self, process_id: str, document: Mapping[str, Any], *, background: bool) -> tuple[str, bool]:
        """Execute a process through the core.

        Returns the id of the job, and whether it goes on in the background. Raises Overloaded or TooManyRequests if
        too many executions are being waited for, and the errors of `Executions.execute`.
        """
        if not background:
            with self._waited_for(MAKER.get()):
                return await self._execute(process_id, document, limiter=self._sync_limiter, background=False)
        return await self._execute(process_id, document, limiter=self._limiter, background=True)

    async def _execute(
        self, process_id: str, document: Mapping[str, Any], *, limiter: CapacityLimiter, background: bool
    ) -> tuple[str, bool]:
        headers = {"prefer": "respond-async"} if background else {}  # the only spelling that the core knows
        call = CoreCall(headers=headers, body=json.dumps(document).encode())
        answer = await self.call(core_processes.execute_process, call, process_id, limiter=limiter)
        return answer.headers["Location"].rpartition("/")[2], "Preference-Applied" in answer.headers

    @contextmanager
    def _waited_for(self, maker: str) -> Iterator[None]:
        """Count an execution that a client waits for; one client has at most half of all."""
        remedy = "send `Prefer: respond-async`, or ask again later"
        if self._waiting.total() >= _SYNC_THREADS:
            raise Overloaded(f"{_SYNC_THREADS} synchronous executions run already; {remedy}")
        if maker and self._waiting[maker] >= _SYNC_THREADS // 2:
            raise TooManyRequests(f"{_SYNC_THREADS // 2} synchronous executions of yours run already; {remedy}")
        self._waiting[maker] += 1
        try:
            yield
        finally:
            self._waiting[maker] -= 1
            self._waiting += Counter()  # forget those of whom none runs


@contextmanager
def _preserve_root_logger() -> Iterator[None]:
    """Undo what pygeoapi's `setup_logger` does to the root logger when an `API` is made."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def get_bridge(request: Request) -> Bridge:
    """The bridge of the application that serves a request."""
    return cast("Bridge", request.app.state.bridge)
