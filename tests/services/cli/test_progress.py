"""How far an ingest has come, as commands show it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import TextColumn, TimeElapsedColumn

from services.cli.progress import _Bars, _Lines
from services.ingest.counting import Counter
from services.ingest.reading.source_digest import digest
from services.ingest.workers import FileTask, Workers

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_counter_adds_up_what_is_done_of_pieces_in_progress() -> None:
    steps: list[tuple[int, float]] = []
    counter = Counter(lambda it: steps.append((it.done, it.begun)), "sst", "converting", 3)
    counter.advance(0, 0.25)
    counter.advance(1, 0.5)
    counter.finish(0)
    counter.advance(1, 2.0)
    counter.finish(1)
    assert steps == [(0, 0.0), (0, 0.25), (0, 0.75), (1, 0.5), (1, 1.0), (2, 0.0)]


def test_lines_stand_where_stages_begin_and_end_and_twice_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    counter = Counter(_Lines(lambda: now), "sst", "converting", 2)
    for now in (1.0, 29.0, 31.0, 40.0):
        counter.advance(0, now / 62)
    counter.finish(0)
    counter.finish(1)
    assert capsys.readouterr().err.splitlines() == [
        "sst: converting 0/2",
        "sst: converting 0/2, 25 %",
        "sst: converting 2/2",
    ]


def test_the_clock_of_a_bar_runs_within_one_file_and_begins_anew_with_each_stage() -> None:
    now = 0.0
    with Bar(TextColumn("{task.percentage:.0f}"), console=Console(file=io.StringIO()), get_time=lambda: now) as bar:
        shown = _Bars(bar)
        Counter(shown, "sst", "reading", 1).finish()
        now = 5.0
        counter = Counter(shown, "sst", "converting", 1)
        now = 65.0
        counter.advance(0, 0.4)
        task = bar.tasks[0]
        assert (task.description, task.percentage, task.fields["pieces"]) == ("sst: converting", 40.0, "0/1")
        assert str(TimeElapsedColumn().render(task)) == "0:01:00"


def test_a_worker_tells_how_much_of_its_file_is_done(tmp_path: Path, shared_worker: None) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(bytes(1000))
    steps: list[tuple[int, float]] = []
    with Workers(1) as pool:
        counter = Counter(lambda it: steps.append((it.done, it.begun)), total=1)
        pool.run([FileTask(path=file, function=digest, arguments=(file,))], stop_early=False, counter=counter)
    assert steps == [(0, 0.0), (0, 1.0), (1, 0.0)]
