"""Calls in child processes: results, errors, reports, tidying up, and children that end with their parent."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from config.errors import InvalidParameter
from services.compute.children.call import Call, ChildCrashed, UnknownError, apply
from services.compute.children.child import perform, template
from services.compute.children.pool import map_in_children
from services.processes import registry

if TYPE_CHECKING:
    from pathlib import Path

    from services.compute.children.call import Slot

HERE = template(__name__)
WAIT_S = 60


def count(slot: Slot, most: int) -> int:
    for number in range(most):
        slot.report(number)
    return os.getpid()


def refuse(name: str) -> None:
    raise InvalidParameter(name, 1, "give another")


def fail_unreadably() -> None:
    class Local(Exception):
        """Cannot be pickled: it is in no module."""

    raise Local("within")


def own_threads() -> int:
    return psutil.Process(os.getppid()).num_threads()


def tidy_up(slot: Slot, path: Path) -> None:
    try:
        slot.report("begun")
        time.sleep(3600)
    finally:
        path.write_text("tidy")


def square(number: int) -> int:
    return number * number


def test_reports_come_in_order_before_the_result() -> None:
    reports: list[int] = []
    pid = perform(Call(function=count, arguments=(100,)), HERE, listener=reports.append)
    assert reports == list(range(100))
    assert pid != os.getpid()


def test_an_error_arrives_as_it_was_raised() -> None:
    with pytest.raises(InvalidParameter, match="size=1: give another") as caught:
        perform(Call(function=apply, arguments=(refuse, "size")), HERE)
    assert caught.value.name == "size"


def test_an_error_that_cannot_be_pickled_keeps_its_type_message_and_traceback() -> None:
    with pytest.raises(UnknownError, match="Local: within") as caught:
        perform(Call(function=apply, arguments=(fail_unreadably,)), HERE)
    assert "in fail_unreadably" in caught.value.__notes__[0]


def test_a_function_by_reference_is_found_in_the_child() -> None:
    assert perform(Call(function=f"{__name__}:count", arguments=(0,)), HERE) > 0


def test_a_child_that_is_stopped_may_tidy_up(tmp_path: Path) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "file"
    with pytest.raises(KeyboardInterrupt):
        perform(Call(function=tidy_up, arguments=(path,)), HERE, listener=interrupt, grace_s=WAIT_S)
    assert path.read_text() == "tidy"


def test_results_of_many_calls_are_those_of_the_function() -> None:
    assert sorted(map_in_children(square, [(n,) for n in range(20)], processes=2)) == [n * n for n in range(20)]


def test_a_call_that_kills_every_child_is_an_error() -> None:
    with pytest.raises(ChildCrashed, match=r"crashed \(exit code 3\)"):
        list(map_in_children(os._exit, [(3,)], processes=1))


@pytest.mark.parametrize("modules", [registry.modules(), ("services.ingest.file_tasks",)], ids=["processes", "ingest"])
def test_a_template_has_one_thread_so_that_its_forks_are_sound(modules: tuple[str, ...]) -> None:
    assert perform(Call(function=apply, arguments=(own_threads,)), template(*modules, __name__)) == 1


PARENT = """
import os
from pathlib import Path
from services.compute.children.call import Call
from services.compute.children.child import perform, template
from tests.services.compute.test_children import tidy_up
call = Call(function=tidy_up, arguments=(Path("never"),))
perform(call, template("services.compute"), listener=lambda _: print(os.getpid(), flush=True))
"""


def test_a_child_and_its_template_end_with_a_killed_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout as lines:
        assert lines.readline().strip() == str(parent.pid)
        family = psutil.Process(parent.pid).children(recursive=True)
        assert len(family) == 2
        parent.kill()
        parent.wait()
        assert psutil.wait_procs(family, timeout=WAIT_S)[1] == []
