"""Ctrl-C at a terminal in which `make` runs a server: make ends well, and has its terminal back."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.served

SERVER = """
import os, signal, threading
from services.serving.foreground import own_foreground
from services.serving.signals import Signals
signals = Signals()
with own_foreground(), signals.caught():
    print("alone" if os.tcgetpgrp(0) == os.getpid() else "beside", "ready", flush=True)
    while not signals.stopped:
        signal.pause()
"""
ON_THE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)


def at_a_terminal(words: list[str], folder: Path, *, typed: bytes) -> tuple[int, str]:
    """Exit code and output of a command at a terminal of its own, into which keys are typed once it is ready."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", ON_THE_TERMINAL, *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    try:
        while b"ready" not in shown:
            shown += os.read(ours, 4096)
        os.write(ours, typed)
        while data := _read(ours):
            shown += data
        return process.wait(timeout=20), shown.decode()
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the last process has closed it
        return b""


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("typed", [b"\x03", b"\x1a\x03"], ids=["Ctrl-C", "Ctrl-Z, Ctrl-C"])
def test_make_goes_on_after_a_server_was_interrupted(tmp_path: Path, typed: bytes) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    (tmp_path / "Makefile").write_text(f"demo:\n\t@exec {sys.executable} server.py\n\t@cat && echo after\n")
    code, shown = at_a_terminal(["make", "demo"], tmp_path, typed=typed + b"\x04")
    assert "alone ready" in shown
    assert (code, "after" in shown) == (0, True), shown


def test_a_server_without_make_stays_in_its_group(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    shell = ["sh", "-c", f"{sys.executable} server.py; true"]
    _, shown = at_a_terminal(shell, tmp_path, typed=b"\x03")
    assert "beside ready" in shown
