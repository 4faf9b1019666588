"""The types of the scripts of the pages, which JSDoc states and TypeScript checks."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
COMPILER = FOLDER / "node_modules" / ".bin" / "tsc"


def test_the_scripts_of_the_pages_have_sound_types() -> None:
    if not COMPILER.exists():
        pytest.skip("not run: npm ci --prefix tests/browser installs TypeScript")
    done = subprocess.run([COMPILER, "--project", FOLDER], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout
