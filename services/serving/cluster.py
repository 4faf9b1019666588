"""The process that owns the Dask cluster and watches over the jobs: `python -m services.serving.cluster`.

`graticule serve` starts it. It holds the local cluster, or a client of the one that the settings name, and keeps alive
in the jobs table the waiting jobs that the cluster knows. Jobs that it does not know (the web worker that accepted
them, or an earlier cluster, has died) are handed over again, and running jobs that nobody works on any more are failed.
Files that jobs without a result have staged are removed.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import dask
from distributed import LocalCluster

from config import logging as logs
from config import settings as configuration
from config.errors import GraticuleError
from records.database.engine import make_engine
from records.jobs.job_store import Jobs
from services.compute.children.lifeline import die_with
from services.compute.cluster_client import BACKGROUND, ClusterClient, connect, security
from services.compute.cluster_plugins import ClusterLogging, FewHeartbeats, quieten, slow_down
from services.compute.staging import discard, sweep_staging
from services.processes import registry
from services.serving.callbacks import CallbackSender

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import DaskSettings, Settings

log = logging.getLogger(__name__)

STALE = timedelta(seconds=30)
"""A job without a heartbeat for so long is lost: workers beat every quarter of a second, this process every two."""

UNKNOWN = timedelta(seconds=1)
"""An accepted job that the cluster has not known for so long is handed over again."""

_ROUND_S = 2.0
_SWEEP_S = 60.0
"""Seconds between two sweeps while no job waits or runs."""
_GRACE = timedelta(days=1)
"""Age below which staged files of a job that is not in the table stay: it may be another server's."""
_QUIET = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.monitor-interval": "2s",
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.admin.tick.interval": "2s",
    "distributed.admin.tick.limit": "10s",
    "distributed.admin.tick.cycle": "60s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.client.scheduler-info-interval": "60s",
}
"""No pages, no profile, and clocks that tick by the second: with Dask's own an idle cluster takes 10 % of a core."""


@contextmanager
def local_cluster(settings: DaskSettings, *, port: int = 0) -> Iterator[LocalCluster]:
    """A Dask cluster on this machine, reached over loopback by whoever has the settings' credentials; port 0: any."""
    with (
        dask.config.set(_QUIET),
        LocalCluster(
            n_workers=settings.workers,
            threads_per_worker=settings.threads + 1,  # one is left to those who wait for an answer
            resources={BACKGROUND: settings.threads},
            memory_limit=settings.memory_limit,
            processes=True,
            protocol="tls://" if settings.tls_cert else "tcp://",
            security=security(settings),
            host="127.0.0.1",
            scheduler_port=port,
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address=None,
            scheduler_kwargs={"dashboard": False},
        ) as cluster,
    ):
        yield cluster


def main() -> None:
    """Run until SIGTERM or SIGINT; the address of the cluster goes to the descriptor that the first argument names."""
    answers, parent, port = (int(word) for word in sys.argv[1:4])
    die_with(parent)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        settings = configuration.load()
        logs.configure(level=settings.log_level, style=settings.log_format)
        _run(settings, answers, port=port, stop=stop)
    except GraticuleError as error:
        sys.exit(f"graticule: {error.detail}")


def _run(settings: Settings, answers: int, *, port: int, stop: threading.Event) -> None:
    engine = make_engine(settings.database.url.get_secret_value(), settings.database)
    jobs = Jobs(engine)
    quieten()
    try:
        if settings.dask.scheduler:
            _watch(settings, jobs, answers=answers, stop=stop)
            return
        with local_cluster(settings.dask, port=port) as cluster:
            own = settings.dask.model_copy(update={"scheduler": cluster.scheduler_address})
            local = settings.model_copy(update={"dask": own})
            _prepare(local)
            unfinished = _watch(local, jobs, answers=answers, stop=stop)
            # before the cluster closes: its workers see it within a moment, and need not be waited for and killed
            jobs.abandon(unfinished, "the server was stopped; execute the process again")
    finally:
        engine.dispose()


def _watch(settings: Settings, jobs: Jobs, *, answers: int, stop: threading.Event) -> set[str]:
    """Watch over the jobs of a cluster until `stop` is set; returns the ids of those that it still knows."""
    cluster = ClusterClient(registry.execution_config(settings))
    try:
        with os.fdopen(answers, "w") as pipe:
            pipe.write(settings.dask.scheduler + "\n")
        with CallbackSender(jobs, settings) as callbacks:
            watch = _Watch(settings, jobs, cluster, callbacks)
            while not stop.wait(_ROUND_S):
                watch.look()
        return cluster.known_jobs()
    finally:
        cluster.close()


class _Watch:
    """Watches over the jobs; as long as none waits or runs, a look is one query."""

    def __init__(self, settings: Settings, jobs: Jobs, cluster: ClusterClient, callbacks: CallbackSender) -> None:
        self._store = settings.store_dir
        self._keep = timedelta(days=settings.limit.job_days)
        self._jobs, self._cluster, self._callbacks = jobs, cluster, callbacks
        self._due = 0.0

    def look(self) -> None:
        """Look once."""
        try:
            if self._jobs.count_alive():
                self._callbacks.wake()
                self._hand_over()
            elif time.monotonic() < self._due:
                return
            self._sweep()
        except (GraticuleError, OSError) as error:  # the database or the cluster may be away for a while
            log.warning("the jobs could not be looked after: %s", error)

    def _hand_over(self) -> None:
        """Hand over the jobs that wait and that the cluster does not know, and keep those alive that it knows."""
        waiting, queued = self._jobs.waiting(silent=UNKNOWN), self._cluster.known_jobs()
        unknown = [job_id for job_id in waiting if job_id not in queued]
        for job_id, rank in self._jobs.ranks(unknown).items():
            self._cluster.submit(job_id, background=True, rank=rank)
        self._jobs.beat(*queued, *unknown)
        if unknown:
            log.info("jobs handed over: %d", len(unknown))

    def _sweep(self) -> None:
        """Fail lost jobs, remove old ones, and the files that jobs without a result have staged."""
        failed, removed = self._jobs.sweep(stale=STALE, keep=self._keep)
        for job_id in removed:
            discard(self._store, job_id)
        for path, size in sweep_staging(self._store, self._jobs, grace=_GRACE):
            log.info("removed %s, %d bytes, of a job without a result", path, size)
        if failed or removed:
            log.info("jobs lost: %d, old ones removed: %d", failed, len(removed))
        self._due = time.monotonic() + _SWEEP_S


def _prepare(settings: Settings) -> None:
    """Have the workers of the local cluster log as the server does, and all its processes be quiet when idle."""
    client = connect(settings.dask)
    client.register_plugin(ClusterLogging(level=settings.log_level, style=settings.log_format))
    client.register_plugin(FewHeartbeats())
    client.run_on_scheduler(slow_down)
    client.close(timeout=2)


if __name__ == "__main__":
    main()
