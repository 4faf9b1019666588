"""One supervisor: it owns the lifetime of the database and of all processes of a server, and stops them.

Its children are the Dask cluster, the web workers and the process of the scheduled harvests (`services.serving.child`).

The listening socket is bound once and inherited by every web worker, so a worker that is restarted loses no
connection that waits. Each child leads a session of its own: an interrupt at the terminal reaches the supervisor
alone, and what a child leaves behind is killed with its group. Children end with a supervisor that is killed.
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from config import logging as logs
from config.settings import flat, setting_name
from services.serving.child import TICK_S, Child
from services.serving.listening import bind, listen
from services.serving.worker import GRACE_S

if TYPE_CHECKING:
    import socket
    from types import FrameType

    from config.settings import DaskSettings, Settings

log = logging.getLogger(__name__)

_WORKER_GRACE_S = GRACE_S + 5.0
_CLUSTER_GRACE_S = 15.0
_HARVESTS_GRACE_S = 5.0


class Supervisor:
    """The processes of one server.

    Args:
        settings: The settings, `database.url` set, and credentials for the Dask cluster if that is a local one.
        listening: The bound socket.
    """

    def __init__(self, settings: Settings, listening: socket.socket) -> None:
        port = 0 if settings.dask.scheduler else _free_port()
        local = environment(settings)
        remote = local | ({} if settings.dask.scheduler else {"GRATICULE_DASK_SCHEDULER": f"tls://127.0.0.1:{port}"})
        fd = listening.fileno()
        arguments = ("services.serving.cluster", "{answers}", "{parent}", str(port))
        self.cluster = Child("the Dask cluster", arguments, local)
        self.workers = [
            Child(f"web worker {n}", ("services.serving.worker", str(fd), "{answers}", "{parent}"), remote, fds=(fd,))
            for n in range(1, settings.server.workers + 1)
        ]
        harvests = Child("the scheduled harvests", ("services.serving.harvests", "{answers}", "{parent}"), local)
        self.harvests = [harvests] if settings.harvest.scheduled else []

    def run(self, signals: Signals, *, when_ready: Callable[[Signals], bool] | None = None) -> None:
        """Serve until told to stop, or until `when_ready`, called once all are ready, answers False."""
        try:
            for child in self._children:
                child.start()
            self._until(signals, lambda: all(child.ready for child in self._children))
            if signals.stopped or (when_ready is not None and not when_ready(signals)):
                return
            self._until(signals, lambda: False)
        finally:
            self._stop(signals)

    @property
    def _children(self) -> list[Child]:
        return [self.cluster, *self.workers, *self.harvests]

    def _until(self, signals: Signals, reached: Callable[[], bool]) -> None:
        while not signals.stopped and not reached():
            listened = {child.answers: child for child in self._children if child.answers >= 0}
            if listened:
                heard, _, _ = select.select(list(listened), [], [], TICK_S)
            else:
                heard = []
                time.sleep(TICK_S)
            for fd in heard:
                listened[fd].hear()
            for child in self._children:
                child.keep()

    def _stop(self, signals: Signals) -> None:
        """The cluster stops last: requests that workers still answer may wait for it."""
        first = [(worker, _WORKER_GRACE_S) for worker in self.workers]
        first += [(harvests, _HARVESTS_GRACE_S) for harvests in self.harvests]
        for group in (first, [(self.cluster, _CLUSTER_GRACE_S)]):
            for child, _ in group:
                child.signal(signal.SIGTERM)
            for child, grace_s in group:
                child.wait(grace_s, lambda: signals.forced)


class Signals:
    """SIGINT and SIGTERM: the first asks to stop, the second to stop at once."""

    def __init__(self) -> None:
        self._count = 0

    @property
    def stopped(self) -> bool:
        """Whether to stop."""
        return self._count > 0

    @property
    def forced(self) -> bool:
        """Whether to stop at once."""
        return self._count > 1

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Catch both signals during a block; main thread only."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(number, self._catch) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)

    def _catch(self, _number: int, _frame: FrameType | None) -> None:
        self._count += 1


def serve(
    settings: Settings,
    *,
    prepare: Callable[[str], None] | None = None,
    when_ready: Callable[[Signals], bool] | None = None,
) -> None:
    """Serve in the foreground until SIGINT or SIGTERM; the second signal ends the children at once.

    Args:
        settings: The settings.
        prepare: Called with the database's URL before anything is served; the port is held by then, and refuses.
        when_ready: Called once when every worker answers; serving ends when it answers False.

    Raises:
        PortTaken: Another process listens on the port.
        SchemaBehind: The database's schema is not that of this version.
        EnvironmentFault: The machine or the settings are not fit to serve.
    """
    from services.serving.database import database  # noqa: PLC0415 - as late as it is needed

    signals = Signals()
    logs.configure(level=settings.log_level, style=settings.log_format)
    with (
        bind(settings.server.host, settings.server.port) as bound,
        database(settings) as url,
        cluster_access(settings) as dask,
    ):
        if prepare is not None:
            prepare(url)
        _require_schema(url, settings)
        group = settings.database.model_copy(update={"url": SecretStr(url)})
        listen(bound)
        supervisor = Supervisor(settings.model_copy(update={"database": group, "dask": dask}), bound)
        with signals.caught():
            supervisor.run(signals, when_ready=when_ready)


def cluster_access(settings: Settings) -> AbstractContextManager[DaskSettings]:
    """The settings by which the cluster is reached: with credentials made for the block, or those of the operator."""
    from services.serving.credentials import temporary  # noqa: PLC0415

    if not settings.dask.scheduler:
        return temporary(settings.dask)
    if settings.dask.scheduler.startswith("tcp://"):
        log.warning(
            "%s is reached without TLS: whoever reaches it can run code there; use tls:// and dask.tls_*",
            settings.dask.scheduler,
        )
    return nullcontext(settings.dask)


def _require_schema(url: str, settings: Settings) -> None:
    from records.database.engine import make_engine  # noqa: PLC0415
    from records.database.schema import require_head  # noqa: PLC0415

    engine = make_engine(url, settings.database)
    try:
        require_head(engine)
    finally:
        engine.dispose()


def environment(settings: Settings) -> dict[str, str]:
    """The present environment with every setting in it, as child processes read it."""
    return dict(os.environ) | {setting_name(where): _text(value) for where, value in flat(settings).items()}


def _text(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Path):
        return str(value.absolute())
    return value if isinstance(value, str) else json.dumps(value)


def _free_port() -> int:
    """A free loopback port, chosen before the cluster starts so that workers start beside it."""
    with bind("127.0.0.1", 0) as probe:
        return int(probe.getsockname()[1])
