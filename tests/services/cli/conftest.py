"""A data directory and a database for commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.commands import environment, graticule

Run = Callable[..., tuple[int, str, str]]
"""Runs a command; its exit code, stdout and stderr."""


@pytest.fixture
def run(database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], shared_worker: None) -> Iterator[Run]:
    """Commands over an empty catalogue; the store is `var/store` of the test's folder."""

    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = graticule(*arguments)
        output = capsys.readouterr()
        return code, output.out, output.err

    with environment(database_url, tmp_path / "var"):
        yield command


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An empty folder for sources."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder
