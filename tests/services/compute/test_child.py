"""Executing a process in a child that may be killed or crash."""

from __future__ import annotations

import os
import signal
import time

import psutil

from services.compute.children.child import Progress, Task, execute
from services.processes.execute_request import ExecuteRequest
from tests.support.jobs import runners


def task(*, memory_bytes: int | None = None, result_bytes: int = 1000, **inputs: object) -> Task:
    request = ExecuteRequest(inputs={"stringInput": "abc", **inputs}, outputs=("stringInput",), response="raw")
    return Task(process_id="echo", request=request.encode(), memory_bytes=memory_bytes, result_bytes=result_bytes)


def test_a_child_answers_with_the_encoded_result() -> None:
    outcome = execute(task(), lambda _: True)
    assert outcome is not None
    assert (outcome.result, outcome.media_type, outcome.error) == (b'"abc"', "application/json", None)


def test_progress_reaches_the_caller() -> None:
    seen: list[Progress] = []
    execute(task(pause=1), lambda progress: progress is None or seen.append(progress) is None)
    assert [p.percent for p in seen] == sorted({p.percent for p in seen})
    assert len(seen) >= 3


def test_a_child_that_is_no_longer_wanted_is_killed_though_it_never_reports() -> None:
    begin = time.monotonic()

    def tick(_: Progress | None) -> bool:
        for pid in runners():
            os.kill(pid, signal.SIGSTOP)  # as in a C call that never returns
        return time.monotonic() - begin < 1

    assert execute(task(pause=60), tick) is None
    assert time.monotonic() - begin < 2
    assert runners() == []


def test_a_child_that_dies_is_an_error() -> None:
    def tick(_: Progress | None) -> bool:
        for pid in runners():
            os.kill(pid, signal.SIGSEGV)
        return True

    outcome = execute(task(pause=60), tick)
    assert outcome is not None
    assert outcome.error is not None
    assert outcome.error["status"] == 500
    assert "signal 11" in outcome.error["detail"]


def test_memory_beyond_the_bound_is_an_error() -> None:
    outcome = execute(task(memory_bytes=50_000_000, result_bytes=10**9, stringInput="a" * 100_000_000), lambda _: True)
    assert outcome is not None
    assert outcome.error is not None


def test_a_result_beyond_the_bound_is_refused_with_the_size() -> None:
    outcome = execute(task(result_bytes=4), lambda _: True)
    assert outcome is not None
    assert outcome.error is not None
    assert (outcome.error["status"], "5 bytes" in outcome.error["detail"]) == (413, True)


def test_children_after_the_first_need_no_imports() -> None:
    execute(task(), lambda _: True)
    begin = time.monotonic()
    for _ in range(5):
        assert execute(task(), lambda _: True) is not None
    assert time.monotonic() - begin < 1.5


def test_a_template_that_was_killed_is_replaced_and_its_child_has_failed() -> None:
    def tick(_: Progress | None) -> bool:
        for pid in runners():
            os.kill(psutil.Process(pid).ppid(), signal.SIGKILL)
        return True

    outcome = execute(task(pause=60), tick)
    assert outcome is not None
    assert outcome.error is not None
    again = execute(task(), lambda _: True)
    assert again is not None
    assert again.result == b'"abc"'
