"""How the results of parts are gathered: progress by the work done, the first problem, an unwanted job."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest

from services.compute.execution import JobProgress, Problem
from services.compute.jobs import gather
from services.processes.echo import Pause

PARTS = [Pause(seconds=0, cells=cells) for cells in (1, 1, 2)]


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look at the parts is reported."""
    monkeypatch.setattr("services.compute.jobs.TICK_S", 0.0)
    monkeypatch.setattr("services.compute.jobs._POLL_S", 0.0)


def test_progress_is_the_work_of_the_parts_that_are_done() -> None:
    futures: list[Any] = [Future() for _ in PARTS]
    waiting = list(futures)
    seen: list[tuple[float, str]] = []

    def tick(progress: JobProgress | None) -> bool:
        assert progress is not None
        seen.append((progress.percent, progress.message))
        if waiting:
            waiting.pop(0).set_result(b"r")
        return True

    assert gather(futures, PARTS, tick, most=100) == [b"r", b"r", b"r"]
    assert seen == [
        (5.0, "0 of 3 parts are done"),
        (27.5, "1 of 3 parts are done"),
        (50.0, "2 of 3 parts are done"),
        (95.0, "3 of 3 parts are done"),
    ]


def test_the_first_problem_is_the_outcome() -> None:
    futures: list[Any] = [Future(), Future()]
    futures[1].set_result(Problem(error={"title": "no"}))
    assert gather(futures, PARTS[:2], lambda _: True, most=100) == Problem(error={"title": "no"})


def test_an_unwanted_job_gathers_nothing() -> None:
    futures: list[Any] = [Future()]
    assert gather(futures, PARTS[:1], lambda _: False, most=100) is None


def test_results_over_the_limit_are_refused() -> None:
    future: Any = Future()
    future.set_result(b"12345")
    outcome = gather([future], PARTS[:1], lambda _: True, most=4)
    assert isinstance(outcome, Problem)
    assert "more than 4 bytes" in outcome.error["detail"]
