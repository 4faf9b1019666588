"""A command that uses the embedded server of a data directory until its input ends.

    python -m tests.support.lease DATA_DIR [USER]

Prints the URL, or `error: ...`. With USER, root becomes that ordinary user once everything is imported: the user need
not be able to read the interpreter.
"""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from config.errors import GraticuleError
from config.settings import DatabaseSettings
from records.database import postgis
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


class Lease:
    """A running command of this module."""

    def __init__(self, data_dir: Path, user: str | None = None) -> None:
        command = [sys.executable, "-m", __name__, str(data_dir), *([user] if user else [])]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def said(self) -> str:
        """The first line it prints: a URL or an error."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        """Let it leave the server and end."""
        self.process.communicate(timeout=60)

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=60)


@contextmanager
def lease(data_dir: Path, user: str | None = None) -> Iterator[Lease]:
    """A command that uses the server of a data directory, ended at the end if it was not before."""
    command = Lease(data_dir, user)
    try:
        yield command
    finally:
        if command.process.returncode is None:
            command.end()


def _become(name: str) -> None:
    account = pwd.getpwnam(name)
    with suppress(psycopg.OperationalError):
        psycopg.connect("host=/nowhere", connect_timeout=1)  # imports what psycopg imports late
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def _main() -> None:
    data_dir, *user = sys.argv[1:]
    if user:
        _become(user[0])
    try:
        with postgis.running(Path(data_dir), DatabaseSettings(), durable=False) as url:
            _say(url)
            sys.stdin.read()
    except GraticuleError as error:
        _say("error: " + error.detail.replace("\n", " "))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _main()
