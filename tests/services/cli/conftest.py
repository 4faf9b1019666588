"""A data directory and a database for commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from services.ingest.workers import Workers
from tests.support.commands import environment, graticule

Run = Callable[..., tuple[int, str, str]]
"""Runs a command; its exit code, stdout and stderr."""


@pytest.fixture(scope="session")
def pool() -> Iterator[Workers]:
    """A worker process for all tests: starting one takes longer than most of them."""
    with Workers(1) as workers:
        yield workers


@pytest.fixture
def run(
    database_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    pool: Workers,
) -> Iterator[Run]:
    """Commands over a fresh database; the store is `var/store` of the test's folder."""
    for module in ("services.cli.data.ingest", "services.cli.data.inspect"):
        monkeypatch.setattr(f"{module}.Workers", lambda *_, **__: nullcontext(pool))

    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = graticule(*arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    with environment(database_url, tmp_path / "var"):
        yield command


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An empty folder for sources."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder
