"""The process of the scheduled harvests: it harvests what is due, survives restarts and stops at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from config.settings import DatabaseSettings
from records.database.engine import make_engine
from records.harvest import keeping
from records.harvest.ledger import Ledger, Options, Source
from records.writing.record_store import RecordStore
from services.serving.background import harvests
from tests.support.harvest import ncdc_entry, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.support.harvest import Answer

pytestmark = pytest.mark.served

PATIENCE_S = 60


@contextmanager
def scheduler(database_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process, which says that it is ready; it is killed at the end if it still runs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GRATICULE_")}
    environment |= {"GRATICULE_DATABASE_URL": database_url, "GRATICULE_LOG_LEVEL": "error"}
    reading, writing = os.pipe()
    words = [sys.executable, "-m", "services.serving.background.harvests", str(writing), str(os.getpid())]
    process = subprocess.Popen(words, env=environment, pass_fds=(writing,))
    os.close(writing)
    try:
        assert os.read(reading, 100)
        yield process
    finally:
        os.close(reading)
        process.kill()
        process.wait()


def wait_until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.05)


def titles(engine: Engine) -> list[str]:
    return [title for _, title, _ in RecordStore(engine).list(limit=10)]


def entered(engine: Engine, source: str, every_s: int = 1) -> str:
    options = Options(allow_private=True, timeout_s=30, remove_vanished=True)
    every = timedelta(seconds=every_s)
    return Ledger(engine).enter(Source(source=source, format="ncdc", options=options, every=every)).source


def test_a_source_is_harvested_again_and_again_until_told_to_stop(engine: Engine, database_url: str) -> None:
    shown, hang, hanging, go_on = ["Snow"], threading.Event(), threading.Event(), threading.Event()

    def page(_path: str) -> Answer:
        if hang.is_set():
            hanging.set()
            go_on.wait(PATIENCE_S)
        entries = [ncdc_entry(id=t.lower(), title_en=t, doi_value="", cstr="", i18n={}) for t in shown]
        return 200, {}, json.dumps(entries).encode()

    with served(page) as (url, _):
        source = entered(engine, f"{url}/feed")
        with scheduler(database_url) as process:
            wait_until(lambda: titles(engine) == ["Snow"])
            shown[:] = ["Ice", "Snow"]
            wait_until(lambda: titles(engine) == ["Ice", "Snow"])
            shown[:] = ["Ice"]
            wait_until(lambda: titles(engine) == ["Ice"])
            hang.set()
            wait_until(hanging.is_set)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=PATIENCE_S / 3) == 0  # though the source has not answered
        assert (Ledger(engine).runs(source)[0].status, go_on.is_set()) == ("interrupted", False)
        hang.clear()
        go_on.set()
        shown[:] = ["Ice", "Rain"]
        with scheduler(database_url):  # what is due stands in the database
            wait_until(lambda: titles(engine) == ["Ice", "Rain"])
            wait_until(lambda: Ledger(engine).source(source).failures == 0)


def test_a_source_that_fails_and_one_that_is_held_keep_no_other_waiting(engine: Engine, tmp_path: Path) -> None:
    ledger = Ledger(engine)
    (tmp_path / "snow.json").write_text(json.dumps(ncdc_entry(id="snow", doi_value="", cstr="")))
    held, missing, snow = (entered(engine, f"{tmp_path}/{name}.json", 3600) for name in ("held", "missing", "snow"))
    with ledger.held(held):
        assert harvests.harvest_due(ledger) > 1  # no busy waiting for the one that is held
    assert ledger.runs(held) == []
    assert [ledger.runs(source)[0].status for source in (missing, snow)] == ["broken", "whole"]
    assert harvests.harvest_due(ledger) < 1
    assert ledger.runs(held)[0].status == "broken"
    assert harvests.harvest_due(ledger) > 1  # nothing is due


def test_of_two_servers_one_harvests_at_a_time(engine: Engine, tmp_path: Path) -> None:
    source, ledger = entered(engine, f"{tmp_path}/missing.json", 3600), Ledger(engine)
    with ledger.turn():
        assert harvests.harvest_due(ledger) > 1
    assert ledger.runs(source) == []
    harvests.harvest_due(ledger)
    assert len(ledger.runs(source)) == 1


def test_an_unforeseen_error_ends_one_harvest_alone(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, ledger = entered(engine, f"{tmp_path}/missing.json", 3600), Ledger(engine)

    def fail(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(keeping, "harvest", fail)
    harvests.harvest_due(ledger)
    (run,) = ledger.runs(source)
    assert (run.status, run.reason) == ("interrupted", "by zero")
    assert (ledger.source(source).failures, (ledger.seconds_until_due() or 0) > 10) == (1, True)


def test_a_database_that_is_away_is_waited_for() -> None:
    url, settings = "postgresql://nobody@127.0.0.1:1/none", DatabaseSettings(timeout_s=1)
    engine = make_engine(url, settings)
    assert harvests.harvest_due(Ledger(engine)) > 1
    engine.dispose()
