"""One supervisor: it owns the database's lifetime, the Dask cluster and the web workers, and stops them all.

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
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from config import logging as logs
from config.errors import EnvironmentFault
from config.settings import flat, setting_name
from services.serving.listening import bind, listen
from services.serving.worker import GRACE_S

if TYPE_CHECKING:
    import socket
    from types import FrameType

    from config.settings import DaskSettings, Settings

log = logging.getLogger(__name__)

TICK_S = 0.1
MOST_FAILURES = 5
"""A child that ends so often in a row without ever having been ready stops the supervisor."""

_LONGEST_WAIT_S = 30.0
_HEALTHY_S = 60.0
_WORKER_GRACE_S = GRACE_S + 5.0
_CLUSTER_GRACE_S = 15.0


class Child:
    """A process that is kept running: started again when it ends, after a wait that doubles with each failure."""

    def __init__(
        self, name: str, arguments: Sequence[str], environment: dict[str, str], *, fds: tuple[int, ...] = ()
    ) -> None:
        self.name = name
        self.ready = False
        self.failures = 0
        self._arguments, self._environment, self._fds = arguments, environment, fds
        self._process: subprocess.Popen[bytes] | None = None
        self._answers = -1
        self._started = 0.0
        self._due = 0.0

    @property
    def pid(self) -> int | None:
        """Its process id, or None while it does not run."""
        return self._process.pid if self._process else None

    @property
    def answers(self) -> int:
        """The descriptor on which it says that it is ready; -1 once it has, or does not run."""
        return self._answers

    def start(self) -> None:
        """Start it."""
        self._answers, theirs = os.pipe()
        words = [word.format(answers=theirs, parent=os.getpid()) for word in self._arguments]
        self._process = subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-m", *words],
            env=self._environment,
            pass_fds=(theirs, *self._fds),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(theirs)
        self.ready = False
        self._started = time.monotonic()

    def hear(self) -> None:
        """Take what it says on `answers`."""
        self.ready = bool(os.read(self._answers, 4096)) or self.ready
        if self.ready:
            self.failures = 0
        self._hang_up()

    def keep(self) -> None:
        """Notice its end, and start it again when that is due; raises EnvironmentFault if it never gets ready."""
        if self._process is None:
            if time.monotonic() >= self._due:
                self.start()
            return
        code = self._process.poll()
        if code is not None:
            self._ended(code)

    def signal(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def wait(self, seconds: float, forced: Callable[[], bool]) -> None:
        """Wait for its end; kill what is left of its group after `seconds`, or as soon as `forced()`."""
        if self._process is None:
            return
        end = time.monotonic() + seconds
        while self._process.poll() is None and time.monotonic() < end and not forced():
            time.sleep(TICK_S / 2)
        self._kill_group()
        self._process.wait()
        self._hang_up()

    def _ended(self, code: int) -> None:
        self._kill_group()
        self._hang_up()
        uptime = time.monotonic() - self._started
        self._process = None
        self.failures += 1
        if not self.ready and self.failures >= MOST_FAILURES:
            raise EnvironmentFault(
                f"{self.name} has ended {self.failures} times before it was ready; see the log above"
            )
        wait = 0.0 if uptime > _HEALTHY_S else min(_LONGEST_WAIT_S, 0.25 * 2**self.failures)
        self._due = time.monotonic() + wait
        log.warning("%s has ended with code %d and is started again in %.1f s", self.name, code, wait)

    def _kill_group(self) -> None:
        assert self._process is not None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _hang_up(self) -> None:
        if self._answers >= 0:
            os.close(self._answers)
            self._answers = -1


class Supervisor:
    """The cluster and the web workers of one server.

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
        return [self.cluster, *self.workers]

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
        for worker in self.workers:
            worker.signal(signal.SIGTERM)
        for worker in self.workers:
            worker.wait(_WORKER_GRACE_S, lambda: signals.forced)
        self.cluster.signal(signal.SIGTERM)
        self.cluster.wait(_CLUSTER_GRACE_S, lambda: signals.forced)


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
    from services.database import database  # noqa: PLC0415 - as late as it is needed

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
    from records.engine import make_engine  # noqa: PLC0415
    from records.schema import require_head  # noqa: PLC0415

    engine = make_engine(url, settings.database)
    try:
        require_head(engine)
    finally:
        engine.dispose()


def environment(settings: Settings) -> dict[str, str]:
    """The present environment with every setting in it, as child processes read it."""
    return dict(os.environ) | {setting_name(where): _text(value) for where, value in flat(settings).items()}


def _text(value: Any) -> str:  # noqa: ANN401 - any setting
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Path):
        return str(value.absolute())
    return value if isinstance(value, str) else json.dumps(value)


def _free_port() -> int:
    """A free loopback port, chosen before the cluster starts so that workers start beside it."""
    with bind("127.0.0.1", 0) as probe:
        return int(probe.getsockname()[1])
