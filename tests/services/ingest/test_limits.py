"""Worker processes that crash, hang or eat memory: the file is refused with cause and remedy, the others go on."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from config.errors import SourceRefused
from config.setting_groups.ingest import IngestSettings
from services.compute.children.call import ALONE, Slot
from services.ingest.file_tasks import inspect_source
from services.ingest.workers import FileTask, Workers
from tests.support.sources import cells, write_geotiff

HASTY = IngestSettings(stall_s=2.0, memory_mb=700)


def crash() -> None:
    """A fault in native code."""
    ctypes.string_at(8)


def hang() -> None:
    time.sleep(3600)


def hoard() -> NDArray[Any]:
    """More memory than `HASTY` allows."""
    return np.ones(2**30, dtype="uint8")


def refuse() -> None:
    raise SourceRefused(Path("no"), "it is a test", "none")


def work_slowly(seconds: float, slot: Slot = ALONE) -> int:
    """Longer than `HASTY` waits for progress, but with progress."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        slot.pulse(0.5)
        time.sleep(0.05)
    return os.getpid()


def granted(slot: Slot = ALONE) -> int:
    return slot.threads


def task(function: Callable[..., Any], *arguments: object, path: str = "bad") -> FileTask:
    return FileTask(path=Path(path), function=function, arguments=arguments)


def run(*tasks: FileTask, workers: int = 2, limits: IngestSettings = HASTY) -> list[Any]:
    with Workers(workers, limits=limits) as pool:
        return pool.run(list(tasks), stop_early=False)


@pytest.fixture(scope="module")
def ended() -> dict[str, Any]:
    """What becomes of a crash, a hang, a hoarder and two good tasks that share two workers."""
    good = [task(os.path.basename, f"a/{name}", path="good") for name in "bc"]
    results = run(good[0], task(crash), task(hang), task(hoard), good[1])
    return dict(zip(("first", "crash", "hang", "hoard", "last"), results, strict=True))


def test_the_other_files_go_on(ended: dict[str, Any]) -> None:
    assert (ended["first"], ended["last"]) == ("b", "c")


@pytest.mark.parametrize(
    ("name", "cause", "remedy"),
    [
        ("crash", r"the process that read it crashed \(SIG(SEGV|BUS)\)", "check that the file is whole"),
        ("hang", "no progress was made on it for 2 seconds", "GRATICULE_INGEST_STALL_S"),
        ("hoard", "takes more than the 700 MiB", "GRATICULE_INGEST_MEMORY_MB"),
    ],
)
def test_a_refusal_names_file_cause_and_remedy(ended: dict[str, Any], name: str, cause: str, remedy: str) -> None:
    refused = ended[name]
    assert isinstance(refused, SourceRefused)
    assert refused.path == Path("bad")
    with pytest.raises(SourceRefused, match=cause):
        raise refused
    assert remedy in refused.remedy


def test_slow_work_with_progress_is_not_ended() -> None:
    (pid,) = run(task(work_slowly, 2.5))
    assert isinstance(pid, int)


def test_a_worker_that_was_ended_is_gone() -> None:
    before = set(psutil.Process().children(recursive=True))
    with Workers(1, limits=HASTY) as pool:
        pool.run([task(granted)], stop_early=False)
        began = set(psutil.Process().children(recursive=True)) - before
        (child,) = (c for c in began if c.parent() != psutil.Process())
        (refused,) = pool.run([task(hang)], stop_early=False)
        assert isinstance(refused, SourceRefused)
        assert not child.is_running()


def test_a_lone_task_is_granted_all_processors_and_many_share_them() -> None:
    with Workers(2) as pool:
        assert pool.run([task(granted)], stop_early=False) == [2]
        assert pool.run([task(granted)] * 5, stop_early=False)[:3] == [1, 1, 1]


def test_tasks_are_spread_over_as_many_processes_as_there_are_workers() -> None:
    assert len(set(run(*[task(work_slowly, 0.2)] * 4))) == 2


def test_a_full_disk_is_no_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        run(task(fill, "/dev/full"))


def fill(path: str) -> None:
    with open(path, "wb", buffering=0) as file:  # noqa: PTH123
        file.write(b"x")


def test_sources_are_inspected_within_the_default_limits(tmp_path: Path) -> None:
    from config.declarations.datasets import DatasetDeclaration

    path = write_geotiff(tmp_path / "a.tif", cells())
    (found,) = run(task(inspect_source, path, DatasetDeclaration()), limits=IngestSettings())
    assert found.variables[0].name == "a"


def test_of_small_tasks_that_share_a_process_only_the_bad_one_is_refused() -> None:
    good = [FileTask(path=Path("good"), function=os.path.basename, arguments=(f"a/{n}",), is_small=True) for n in "bcd"]
    bad = FileTask(path=Path("bad"), function=crash, arguments=(), is_small=True)
    refusing = FileTask(path=Path("no"), function=refuse, arguments=(), is_small=True)
    first, refused, second, crashed, third = run(good[0], refusing, good[1], bad, good[2])
    assert (first, second, third) == ("b", "c", "d")
    assert isinstance(refused, SourceRefused)
    assert isinstance(crashed, SourceRefused)
    assert (refused.path, crashed.path) == (Path("no"), Path("bad"))


def test_after_a_refusal_no_further_small_task_begins() -> None:
    tasks = [
        FileTask(path=Path("no"), function=refuse, arguments=(), is_small=True),
        *(FileTask(path=Path("good"), function=os.path.basename, arguments=("a/b",), is_small=True) for _ in range(40)),
    ]
    with Workers(1, limits=HASTY) as pool:
        results = pool.run(tasks, stop_early=True)
    assert isinstance(results[0], SourceRefused)
    assert set(results[1:]) == {None}
