"""One supervisor: it owns the lifetime of the database and of all processes of a server, and stops them.

Its children (`services.serving.supervised`) are the Dask cluster, the web workers, the process of the scheduled
harvests, the one that builds series by time, the one that compares files with their checksums and the one that watches
folders.

The listening socket is bound once and inherited by every web worker, so a worker that is restarted loses no
connection that waits. Each child leads a session of its own: an interrupt at the terminal reaches the supervisor
alone, and what a child leaves behind is killed with its group. Children end with a supervisor that is killed.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import SecretStr

from config import logging as logs
from config.folders import is_open_to_all
from config.settings import flat, setting_name
from records.database.engine import make_engine
from records.database.schema import require_head
from services.serving.credentials import temporary
from services.serving.database import database
from services.serving.database_watch import DatabaseWatch
from services.serving.listening import bind, listen
from services.serving.signals import Signals
from services.serving.supervised import SupervisedProcess
from services.serving.worker import GRACE_S

if TYPE_CHECKING:
    from config.settings import DaskSettings, Settings

log = logging.getLogger(__name__)

_WORKER_GRACE_S = GRACE_S + 5.0
_CLUSTER_GRACE_S = 15.0
_BACKGROUND_GRACE_S = 5.0


class Supervisor:
    """The processes of one server.

    Args:
        settings: The settings, `database.url` set, and credentials for the Dask cluster if that is a local one.
        listening: The bound socket.
        database_watch: Starts the private database again when it ends; None for a server of the operator's.
    """

    def __init__(
        self, settings: Settings, listening: socket.socket, *, database_watch: DatabaseWatch | None = None
    ) -> None:
        port = 0 if settings.dask.scheduler else _free_port()
        local = environment(settings)
        remote = local | ({} if settings.dask.scheduler else {"GRATICULE_DASK_SCHEDULER": f"tls://127.0.0.1:{port}"})
        fd = listening.fileno()
        arguments = ("services.serving.cluster", "{answers}", "{parent}", str(port))
        self.cluster = SupervisedProcess("the Dask cluster", arguments, local)
        worker = ("services.serving.worker", str(fd), "{answers}", "{parent}")
        self.workers = [
            SupervisedProcess(f"web worker {n}", worker, remote, fds=(fd,))
            for n in range(1, settings.server.workers + 1)
        ]
        scheduled = ("services.serving.background.harvests", "{answers}", "{parent}")
        harvests = SupervisedProcess("the scheduled harvests", scheduled, local)
        self.database = database_watch
        self.harvests = [harvests] if settings.harvest.scheduled else []
        building = ("services.serving.background.compaction", "{answers}", "{parent}")
        compaction = SupervisedProcess("the building of series", building, local)
        self.compaction = [compaction] if settings.series.background else []
        scrubbing = ("services.serving.background.scrubber", "{answers}", "{parent}")
        scrubber = SupervisedProcess("the comparison of checksums", scrubbing, local)
        self.scrubber = [scrubber] if settings.scrub.mb_s else []
        watching = ("services.serving.background.watches", "{answers}", "{parent}")
        watches = SupervisedProcess("the watch over folders", watching, local)
        self.watches = [watches] if settings.watch.folders else []

    def run(self, signals: Signals, *, when_ready: Callable[[Signals], bool] | None = None) -> None:
        """Serve until a signal says stop, or until `when_ready`, called once all are ready, answers False."""
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
    def _children(self) -> list[SupervisedProcess]:
        return [self.cluster, *self.workers, *self._background]

    @property
    def _background(self) -> list[SupervisedProcess]:
        return [*self.harvests, *self.compaction, *self.scrubber, *self.watches]

    def _until(self, signals: Signals, reached: Callable[[], bool]) -> None:
        while not signals.stopped and not reached():
            heard: dict[int, _Kept] = {child.answers: child for child in self._children if child.answers >= 0}
            kept: list[_Kept] = [*self._children]
            if self.database is not None:
                kept.insert(0, self.database)
                if self.database.descriptor >= 0:
                    heard[self.database.descriptor] = self.database
            waits = [each.wait_s for each in kept if each.wait_s is not None]
            for descriptor in signals.wait(list(heard), min(waits, default=None)):
                heard[descriptor].hear()
            for each in kept:
                each.keep()

    def _stop(self, signals: Signals) -> None:
        """The cluster stops last: requests that workers still answer may wait for it."""
        first = [(worker, _WORKER_GRACE_S) for worker in self.workers]
        first += [(child, _BACKGROUND_GRACE_S) for child in self._background]
        for group in (first, [(self.cluster, _CLUSTER_GRACE_S)]):
            for child, _ in group:
                child.signal(signal.SIGTERM)
            for child, grace_s in group:
                child.wait(grace_s, lambda: signals.forced)


class _Kept(Protocol):
    """What the supervisor keeps running."""

    @property
    def wait_s(self) -> float | None:
        """Seconds until it is to be looked at; None: not before it is heard."""

    def hear(self) -> None:
        """Take what it says on its descriptor."""

    def keep(self) -> None:
        """Start it again when that is due."""


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
    signals = Signals()
    logs.configure(level=settings.log_level, style=settings.log_format)
    with (
        bind(settings.server.host, settings.server.port) as bound,
        database(settings) as url,
        cluster_access(settings) as dask,
    ):
        if prepare is not None:
            prepare(url)
        _warn_of_open_store(settings)
        _require_schema(url, settings)
        group = settings.database.model_copy(update={"url": SecretStr(url)})
        listen(bound)
        with signals.caught(), _watched_database(settings) as watch:
            complete = settings.model_copy(update={"database": group, "dask": dask})
            Supervisor(complete, bound, database_watch=watch).run(signals, when_ready=when_ready)


@contextmanager
def _watched_database(settings: Settings) -> Iterator[DatabaseWatch | None]:
    """The watch over the private database, if there is one."""
    if settings.database.url.get_secret_value():
        yield None
        return
    watch = DatabaseWatch(settings.data_dir.absolute(), settings.database)
    try:
        yield watch
    finally:
        watch.close()


def cluster_access(settings: Settings) -> AbstractContextManager[DaskSettings]:
    """The settings by which the cluster is reached: with credentials made for the block, or those of the operator."""
    if not settings.dask.scheduler:
        return temporary(settings.dask)
    if settings.dask.scheduler.startswith("tcp://"):
        log.warning(
            "%s is reached without TLS: whoever reaches it can run code there; use tls:// and dask.tls_*",
            settings.dask.scheduler,
        )
    return nullcontext(settings.dask)


def _warn_of_open_store(settings: Settings) -> None:
    """Say so if every user of the machine may read data that is not served to everybody."""
    if is_open_to_all(settings.store_dir):
        log.warning(
            "every user of this machine may read %s, also data that is not public; `chmod o= %s` ends that",
            settings.store_dir,
            settings.store_dir,
        )


def _require_schema(url: str, settings: Settings) -> None:
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
