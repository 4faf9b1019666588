"""How the parts of a split execution are gathered: progress by the work done, the first failure, an unwanted job."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

import pytest

from services.compute.parts import PartResult, gathered

if TYPE_CHECKING:
    from services.compute.children.child import Progress

WORK = [1.0, 1.0, 2.0]


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look at the parts is reported."""
    monkeypatch.setattr("services.compute.parts.TICK_S", 0.0)
    monkeypatch.setattr("services.compute.parts._POLL_S", 0.0)


def test_progress_is_the_work_of_the_parts_that_are_done() -> None:
    parts: list[Future[PartResult]] = [Future() for _ in WORK]
    waiting = list(parts)
    seen: list[tuple[float, str]] = []

    def tick(progress: Progress | None) -> bool:
        assert progress is not None
        seen.append((progress.percent, progress.message))
        if waiting:
            waiting.pop(0).set_result(PartResult(result=b"r"))
        return True

    assert gathered(parts, WORK, tick, most=100) == [b"r", b"r", b"r"]
    assert seen == [
        (5.0, "0 of 3 parts are done"),
        (27.5, "1 of 3 parts are done"),
        (50.0, "2 of 3 parts are done"),
        (95.0, "3 of 3 parts are done"),
    ]


def test_the_first_failure_is_the_outcome() -> None:
    parts: list[Future[PartResult]] = [Future(), Future()]
    parts[1].set_result(PartResult(error={"title": "no"}))
    outcome = gathered(parts, [1.0, 1.0], lambda _: True, most=100)
    assert getattr(outcome, "error", None) == {"title": "no"}


def test_an_unwanted_job_gathers_nothing() -> None:
    assert gathered([Future()], [1.0], lambda _: False, most=100) is None


def test_results_over_the_limit_are_refused() -> None:
    part: Future[PartResult] = Future()
    part.set_result(PartResult(result=b"12345"))
    outcome = gathered([part], [1.0], lambda _: True, most=4)
    assert "more than 4 bytes" in getattr(outcome, "error", {})["detail"]
