"""Executing a process in a child that may be killed or crash."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from config.settings import LimitSettings, Settings
from services.compute.execution import RUN_ALONE, Execution, JobProgress, Problem, execute
from services.compute.executor import ResultDocument
from services.processes import registry
from services.processes.requests.execute_request import ExecuteRequest
from tests.support.jobs import runners
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a server without a database."""
    return Settings(data_dir=tmp_path)


def echo(settings: Settings, *, memory_bytes: int | None = None, result_bytes: int = 1000, **inputs: object) -> Any:
    request = ExecuteRequest(inputs={"stringInput": "abc", **inputs}, outputs=("stringInput",), response="raw")
    limit = LimitSettings.model_construct(**settings.limit.model_dump() | {"result_bytes": result_bytes})
    config = registry.execution_config(settings.model_copy(update={"limit": limit}))
    return Execution(
        job_id="job", process_id="echo", request=request.encode(), memory_bytes=memory_bytes, config=config
    )


def test_a_child_answers_with_the_encoded_result(settings: Settings) -> None:
    assert execute(RUN_ALONE, echo(settings), tick=lambda _: True) == ResultDocument(
        body=b'"abc"', media_type="application/json"
    )


def test_progress_reaches_the_caller(settings: Settings) -> None:
    seen: list[JobProgress] = []
    execute(RUN_ALONE, echo(settings, pause=1), tick=lambda progress: progress is None or seen.append(progress) is None)
    assert [p.percent for p in seen] == sorted({p.percent for p in seen})
    assert len(seen) >= 3


def test_a_child_that_is_no_longer_wanted_is_killed_though_it_never_reports(settings: Settings) -> None:
    begin, others = time.monotonic(), set(runners())

    def tick(_: JobProgress | None) -> bool:
        for pid in set(runners()) - others:
            os.kill(pid, signal.SIGSTOP)  # as in a C call that never returns
        return time.monotonic() - begin < 1

    assert execute(RUN_ALONE, echo(settings, pause=60), tick=tick) is None
    eventually(runners, lambda pids: set(pids) <= others, within_s=1)


def test_a_child_that_dies_is_an_error(settings: Settings) -> None:
    others = set(runners())

    def tick(_: JobProgress | None) -> bool:
        for pid in set(runners()) - others:
            os.kill(pid, signal.SIGSEGV)
        return True

    outcome = execute(RUN_ALONE, echo(settings, pause=60), tick=tick)
    assert isinstance(outcome, Problem)
    assert outcome.error["status"] == 500
    assert "SIGSEGV" in outcome.error["detail"]


def test_memory_beyond_the_bound_is_an_error(settings: Settings) -> None:
    big = echo(settings, memory_bytes=50_000_000, result_bytes=10**9, stringInput="a" * 100_000_000)
    assert isinstance(execute(RUN_ALONE, big, tick=lambda _: True), Problem)


def test_a_result_beyond_the_bound_is_refused_with_the_size(settings: Settings) -> None:
    outcome = execute(RUN_ALONE, echo(settings, result_bytes=4), tick=lambda _: True)
    assert isinstance(outcome, Problem)
    assert (outcome.error["status"], "5 bytes" in outcome.error["detail"]) == (413, True)


def test_children_after_the_first_need_no_imports(settings: Settings) -> None:
    execute(RUN_ALONE, echo(settings), tick=lambda _: True)
    begin = time.monotonic()
    for _ in range(5):
        assert execute(RUN_ALONE, echo(settings), tick=lambda _: True) is not None
    assert time.monotonic() - begin < 1.5


def test_a_template_that_was_killed_is_replaced_and_its_child_has_failed(settings: Settings) -> None:
    others = set(runners())

    def tick(_: JobProgress | None) -> bool:
        for pid in set(runners()) - others:
            os.kill(psutil.Process(pid).ppid(), signal.SIGKILL)
        return True

    assert isinstance(execute(RUN_ALONE, echo(settings, pause=60), tick=tick), Problem)
    assert isinstance(execute(RUN_ALONE, echo(settings), tick=lambda _: True), ResultDocument)
