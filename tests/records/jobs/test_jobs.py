"""Jobs in PostgreSQL: which change is allowed when, and what is swept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from config.errors import JobDismissed, JobNotFound, Overloaded, ResultNotReady, TooManyRequests
from records.jobs.job_store import Job, JobFilter, Jobs

if TYPE_CHECKING:
    from sqlalchemy import Engine

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
ERROR = {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": "no such place"}


@pytest.fixture
def jobs(engine: Engine) -> Jobs:
    """The empty table."""
    return Jobs(engine)


def accepted(jobs: Jobs) -> str:
    return jobs.create("echo", b"{}", most_alive=100)


def running(jobs: Jobs) -> str:
    job_id = accepted(jobs)
    assert jobs.start(job_id)
    return job_id


def listed(jobs: Jobs, **wanted: tuple[str, ...]) -> list[Job]:
    return jobs.page(JobFilter(**wanted), limit=10)[0]  # type: ignore[arg-type]  # only tuples are passed


def age(jobs: Jobs, job_id: str, column: str, interval: str) -> None:
    with jobs.engine.begin() as connection:
        connection.exec_driver_sql(f"update jobs set {column} = now() - interval '{interval}' where id = %s", (job_id,))


def test_a_job_runs_to_its_result(jobs: Jobs) -> None:
    job_id = running(jobs)
    assert jobs.progress(job_id, 41.7, "Reading")
    assert (jobs.get(job_id).progress, jobs.get(job_id).message) == (41, "Reading")
    with pytest.raises(ResultNotReady):
        jobs.result(job_id)
    assert jobs.succeed(job_id, b"\x00\xff", "image/png")
    assert jobs.result(job_id) == (b"\x00\xff", "image/png")
    job = jobs.get(job_id)
    assert (job.status, job.progress, job.alive) == ("successful", 100, False)
    assert job.started is not None
    assert job.finished is not None
    assert job.created <= job.started <= job.finished


def test_nothing_brings_a_dismissed_job_back(jobs: Jobs) -> None:
    job_id = running(jobs)
    assert jobs.dismiss(job_id)
    changes = (
        jobs.start(job_id),
        jobs.progress(job_id, 50),
        jobs.succeed(job_id, b"", "x/y"),
        jobs.fail(job_id, ERROR),
    )
    assert not any(changes)
    assert jobs.beat(job_id) == 0
    assert not jobs.dismiss(job_id)
    assert jobs.get(job_id).status == "dismissed"
    with pytest.raises(JobDismissed):
        jobs.result(job_id)


def test_a_failed_job_keeps_its_error_without_what_the_database_cannot_hold(jobs: Jobs) -> None:
    job_id = running(jobs)
    assert jobs.fail(job_id, {**ERROR, "detail": "bad\0 \ud800 value"})
    job = jobs.get(job_id)
    assert job.error == {**ERROR, "detail": "bad ? value"}
    assert job.message == "bad ? value"


def test_a_job_without_a_heartbeat_is_failed_and_others_are_not(jobs: Jobs) -> None:
    lost, queued, alive = running(jobs), accepted(jobs), running(jobs)
    for job_id in (lost, queued, alive):
        age(jobs, job_id, "heartbeat", "1 minute")
    assert jobs.beat(alive) == 1
    assert jobs.sweep(stale=30 * SECOND, keep=DAY) == (2, [])
    assert [jobs.get(j).status for j in (lost, queued, alive)] == ["failed", "failed", "running"]
    assert "lost" in str(jobs.get(lost).error)


def test_a_finished_job_is_removed_when_it_is_old(jobs: Jobs) -> None:
    old, new = running(jobs), running(jobs)
    for job_id in (old, new):
        jobs.succeed(job_id, b"1", "application/json")
    age(jobs, old, "updated", "2 days")
    assert jobs.sweep(stale=30 * SECOND, keep=DAY) == (0, [old])
    assert [job.id for job in listed(jobs)] == [new]
    with pytest.raises(JobNotFound):
        jobs.get(old)


def test_no_more_jobs_are_accepted_than_may_wait(jobs: Jobs) -> None:
    first = jobs.create("echo", b"{}", most_alive=1)
    with pytest.raises(Overloaded, match="the limit is 1"):
        jobs.create("echo", b"{}", most_alive=1)
    jobs.dismiss(first)
    jobs.create("echo", b"{}", most_alive=1)


def test_no_more_jobs_of_a_client_are_accepted_than_may_wait(jobs: Jobs) -> None:
    first = jobs.create("echo", b"{}", most_alive=100, client="one", most_of_client=2)
    jobs.create("echo", b"{}", most_alive=100, client="one", most_of_client=2)
    with pytest.raises(TooManyRequests, match="2 of your jobs") as refused:
        jobs.create("echo", b"{}", most_alive=100, client="one", most_of_client=2)
    assert refused.value.retry_after_s == 30
    jobs.create("echo", b"{}", most_alive=100, client="other", most_of_client=2)
    jobs.dismiss(first)
    jobs.create("echo", b"{}", most_alive=100, client="one", most_of_client=2)


def test_each_client_has_a_turn_before_any_has_a_second(jobs: Jobs) -> None:
    many = [jobs.create("echo", b"{}", most_alive=100, client="many") for _ in range(3)]
    few = [jobs.create("echo", b"{}", most_alive=100, client="few") for _ in range(2)]
    assert list(jobs.ranks([*many, *few])) == [many[0], few[0], many[1], few[1], many[2]]


def test_limit_holds_for_jobs_that_are_made_at_once(jobs: Jobs) -> None:
    def make(_: int) -> bool:
        try:
            jobs.create("echo", b"{}", most_alive=100, client="one", most_of_client=5)
        except TooManyRequests:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(make, range(24))) == 5


def test_pages_are_filtered_and_counted(jobs: Jobs) -> None:
    ids = [accepted(jobs) for _ in range(3)]
    jobs.dismiss(ids[0])
    assert [job.id for job in listed(jobs, statuses=("dismissed",))] == ids[:1]
    assert listed(jobs, process_ids=("other",)) == []
    assert listed(jobs, client="somebody") == []
    page, total = jobs.page(JobFilter(), limit=1, offset=1)
    assert ([job.id for job in page], total) == (ids[1:2], 3)


def test_accepted_jobs_that_nobody_knows_of_are_waiting_the_oldest_first(jobs: Jobs) -> None:
    young, old, older, begun, over = accepted(jobs), accepted(jobs), accepted(jobs), running(jobs), accepted(jobs)
    assert jobs.dismiss(over)
    age(jobs, older, "created", "1 hour")
    for job_id in (old, older, begun, over):
        age(jobs, job_id, "heartbeat", "1 minute")
    assert jobs.waiting(silent=10 * SECOND) == [older, old]
    jobs.beat(older)
    assert jobs.waiting(silent=10 * SECOND) == [old]
    assert jobs.get(young).alive
