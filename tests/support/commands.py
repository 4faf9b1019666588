"""Commands run in this process, as a user would run them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.cli.main import run


@contextmanager
def environment(database_url: str, data_dir: Path) -> Iterator[None]:
    """Settings by environment variables, as a command gets them; all are as before afterwards."""
    before = os.environ.copy()
    os.environ |= {"GRATICULE_DATABASE_URL": database_url, "GRATICULE_DATA_DIR": str(data_dir)}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def graticule(*arguments: object) -> int:
    """Run a command; its exit code."""
    return run([str(a) for a in arguments])
