"""The command line: help, exit codes, `graticule db` and `graticule settings`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest
from sqlalchemy.engine import make_url

from config import errors
from config.settings import DatabaseSettings
from records.database import postgis
from services.cli import main
from tests.support.paths import ROOT
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAVY = (
    "pygeoapi",
    "titiler",
    "distributed",
    "dask",
    "rasterio",
    "rio_tiler",
    "fastapi",
    "xarray",
    "sqlalchemy",
    "numpy",
)


def graticule(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    yield folder
    postgis.discard(folder, DatabaseSettings())


def test_help_lists_every_command_and_imports_no_large_library() -> None:
    code = (
        "import sys, time; began = time.process_time(); from services.cli import main; code = main.run(['--help']);"
        f"print([name for name in {HEAVY} if name in sys.modules], time.process_time() - began < 1, code)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    *text, last = done.stdout.splitlines()
    assert last == "[] True 0"
    assert all(any(line.split()[:1] == [name] for line in text) for name in main.COMMANDS)


def test_settings_command_imports_no_large_library() -> None:
    code = f"import sys, services.cli.service.settings; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_version_is_the_distributions() -> None:
    assert graticule("--version").stdout == f"graticule {metadata.version('graticule')}\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidParameter("x", 1, "no"), 2),
        (errors.CollectionNotFound(), 2),
        (errors.SourceRefused("a.tif", "broken", "mend it"), 1),
        (errors.Conflict(), 1),
        (errors.DatabaseUnavailable(), 3),
        (errors.UnsafeSetting(), 3),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_kind_of_error_has_its_exit_code(error: errors.GraticuleError, code: int) -> None:
    assert main.exit_code(error) == code


@pytest.mark.parametrize(
    "arguments", [(), ("nothing",), ("db", "nothing"), ("db", "stop", "--wait=x"), ("settings", "x")]
)
def test_wrong_usage_exits_with_2_and_writes_nothing_on_stdout_but_help(arguments: tuple[str, ...]) -> None:
    done = graticule(*arguments)
    assert done.returncode == 2
    assert not done.stdout or not arguments


def test_error_is_one_line_with_the_exit_code_of_its_kind(tmp_path: Path) -> None:
    done = graticule("db", "status", GRATICULE_DATA_DIR=str(tmp_path / "none"))
    assert done.returncode == 3
    first, second = done.stderr.splitlines()
    assert first == f"graticule: data directory {tmp_path}/none"
    assert second.startswith(f"graticule: there is no catalogue in {tmp_path}/none")
    assert not (tmp_path / "none").exists()


def test_variable_that_sets_nothing_is_warned_of() -> None:
    done = graticule("settings", GRATICULE_SERVER_PROT="1")
    assert done.returncode == 0
    assert "warning: GRATICULE_SERVER_PROT sets nothing; did you mean GRATICULE_SERVER_PORT?" in done.stderr


def test_settings_show_value_and_origin_and_no_password() -> None:
    secret = "postgresql://me:s3cret@host/d"
    done = graticule("settings", "--json", GRATICULE_DATABASE_URL=secret)
    rows = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert rows["GRATICULE_DATABASE_URL"]["value"] == "postgresql://me:***@host/d"
    assert rows["GRATICULE_DATABASE_URL"]["origin"] == "environment"
    assert rows["GRATICULE_SERVER_PORT"] == {"name": "GRATICULE_SERVER_PORT", "value": 8080, "origin": "default"}
    assert "s3cret" not in done.stdout + graticule("settings", GRATICULE_DATABASE_URL=secret).stdout


def test_database_is_started_shown_and_stopped(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRATICULE_DATA_DIR", str(data_dir))

    def printed(*arguments: str) -> str:
        assert main.run(["db", *arguments]) == 0
        return capfd.readouterr().out

    assert "graticule db stop" in printed("start")
    with psycopg.connect(printed("url").strip()) as link:
        assert link.execute("select count(*) from datasets").fetchone() == (0,)
    shown = json.loads(printed("status", "--json"))
    assert (shown["running"], shown["kept"], shown["schema"]) == (True, True, shown["schema_needed"])
    assert printed("migrate").endswith("unchanged\n")
    assert printed("shell", "-Atc", "select 6 * 7") == "42\n"
    assert printed("stop") == "stopped\n"
    assert printed("stop") == "it was not running\n"


def test_named_server_is_not_ours_to_stop(database_url: str) -> None:
    done = graticule("db", "stop", GRATICULE_DATABASE_URL=database_url)
    assert done.returncode == 3
    assert "its operator starts and stops it" in done.stderr


def test_status_of_a_named_server_hides_its_password(database_url: str) -> None:
    url = make_url(database_url)
    named = url.set(password=url.password or "s3cret").render_as_string(hide_password=False)
    done = graticule("db", "status", GRATICULE_DATABASE_URL=named)
    assert "postgis" in done.stdout
    assert str(url.password or "s3cret") not in done.stdout


def test_sigterm_lets_a_command_stop_its_server(data_dir: Path) -> None:
    command = [sys.executable, "-m", "services.cli", "db", "shell", "-c", "select pg_sleep(30)"]
    environment = os.environ | {"GRATICULE_DATA_DIR": str(data_dir)}
    with postgis.running(data_dir, DatabaseSettings(), durable=False):
        pass
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=-1, stderr=-1, text=True) as running:
        assert running.stderr is not None
        running.stderr.readline()
        while not (found := postgis.status(data_dir)) or found.users != (running.pid,) or not found.running:
            assert running.poll() is None
        eventually(
            lambda: [one.name() for one in psutil.Process(running.pid).children()], lambda names: "psql" in names
        )
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=30)
    assert running.returncode == 143
    found = postgis.status(data_dir)
    assert found is not None
    assert not found.running
