"""Packages of npm that pages of tests load, installed for a run alone."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.clients.conftest import program

if TYPE_CHECKING:
    from pathlib import Path


def installed(folder: Path, *packages: str) -> Path:
    """The folder of npm's modules with some packages, or skip, saying why they cannot be had."""
    command = [program("npm"), "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        done = subprocess.run([*command, *packages], capture_output=True, text=True, check=False, timeout=110)
    except subprocess.TimeoutExpired:
        pytest.skip(f"not run: npm did not install {', '.join(packages)} in time")
    if done.returncode:
        pytest.skip(f"not run: npm cannot install {', '.join(packages)}: {done.stderr.strip()[-200:]}")
    return folder / "node_modules"
