"""The process that owns the Dask cluster and watches over the jobs: `python -m services.serving.cluster`.

`graticule serve` starts it. It holds the local cluster, or a client of the one that the settings name, tells the jobs
table which waiting jobs the cluster still knows, hands over those that it does not know (the web worker that accepted
them, or an earlier cluster, has died), and fails those that were running and that nobody works on any more.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from config import logging as logs
from config import settings as configuration
from config.errors import GraticuleError
from records.database.engine import make_engine
from records.jobs.job_store import Jobs
from services.compute.dask import BACKGROUND, Work, connect, hand_over, job_keys, security
from services.compute.lifeline import die_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client, LocalCluster

    from config.settings import DaskSettings, Settings

log = logging.getLogger(__name__)

STALE = timedelta(seconds=30)
"""A job without a heartbeat for so long is lost: workers beat every quarter of a second, this process every two."""

UNKNOWN = timedelta(seconds=1)
"""An accepted job that the cluster has not known for so long is handed over again."""

_ROUND_S = 2.0


@contextmanager
def local_cluster(settings: DaskSettings, *, port: int = 0) -> Iterator[LocalCluster]:
    """A Dask cluster on this machine, reached over loopback by whoever has the settings' credentials; port 0: any."""
    import dask  # noqa: PLC0415 - dear to import
    from distributed import LocalCluster  # noqa: PLC0415

    quiet: dict[str, list[str]] = {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}
    with (
        dask.config.set(quiet),
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
    _log_as_we_do()
    try:
        if settings.dask.scheduler:
            _watch(settings, jobs, answers=answers, stop=stop)
            return
        with local_cluster(settings.dask, port=port) as cluster:
            dask = settings.dask.model_copy(update={"scheduler": cluster.scheduler_address})
            _have_workers_log(settings.model_copy(update={"dask": dask}))
            ours = _watch(settings.model_copy(update={"dask": dask}), jobs, answers=answers, stop=stop)
            # before the cluster closes: its workers see it within a moment, and need not be waited for and killed
            jobs.abandon(ours, "the server was stopped; execute the process again")
    finally:
        engine.dispose()


def _watch(settings: Settings, jobs: Jobs, *, answers: int, stop: threading.Event) -> set[str]:
    """Watch over the jobs of a cluster until told to stop; returns the ids of those that it still knows."""
    client = connect(settings.dask)
    try:
        with os.fdopen(answers, "w") as pipe:
            pipe.write(settings.dask.scheduler + "\n")
        while not stop.wait(_ROUND_S):
            _look_after(settings, jobs, client)
        return _known(client)
    finally:
        client.close(timeout=2)


def _look_after(settings: Settings, jobs: Jobs, client: Client) -> None:
    try:
        waiting = jobs.waiting(silent=UNKNOWN)
        known = _known(client)
        unknown = [job_id for job_id in waiting if job_id not in known]
        for job_id in unknown:
            hand_over(client, job_id, Work.of(settings), background=True)
        jobs.beat(*known, *unknown)
        keep = timedelta(days=settings.limit.job_days)
        failed, removed = jobs.sweep(stale=STALE, keep=keep)
    except (GraticuleError, OSError) as error:  # the database or the cluster may be away for a while
        log.warning("the jobs could not be looked after: %s", error)
        return
    if failed or removed or unknown:
        log.info("jobs handed over: %d, lost: %d, old ones removed: %d", len(unknown), failed, removed)


def _known(client: Client) -> set[str]:
    return set(client.run_on_scheduler(job_keys))


def _have_workers_log(settings: Settings) -> None:
    from services.compute.worker_log import LogAsWeDo  # noqa: PLC0415 - it imports distributed

    client = connect(settings.dask)
    client.register_plugin(LogAsWeDo(level=settings.log_level, style=settings.log_format))
    client.close(timeout=2)


def _log_as_we_do() -> None:
    """Dask gives its loggers a handler and a format of their own when it is imported."""
    from services.compute.worker_log import quieten  # noqa: PLC0415 - it imports distributed

    quieten()


if __name__ == "__main__":
    main()
