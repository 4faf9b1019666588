"""What holds for every module: importing it builds nothing, and the names of our packages are ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.paths import ROOT

IMPORT_ALL = """
import gc, importlib, os, pkgutil, sys
os.environ["GRATICULE_SERVER_PORT"] = "poison"
os.environ["GRATICULE_DATABASE_URL"] = "poison://"
os.environ["GRATICULE_CONFIG"] = "/nowhere/poison.yaml"
for root in ("config", "cog", "records", "services"):
    package = importlib.import_module(root)
    for found in pkgutil.walk_packages(package.__path__, root + "."):
        if found.name.endswith("__main__") or found.name == "records.database.migrations.env":
            continue  # programs, which run when they are imported
        importlib.import_module(found.name)
from fastapi import FastAPI
from sqlalchemy import Engine
from config.settings import Settings
built = [type(o).__name__ for o in gc.get_objects() if isinstance(o, (FastAPI, Engine, Settings))]
print(len([name for name in sys.modules if name.split(".")[0] in ("config", "cog", "records", "services")]), built)
"""


def test_importing_every_module_builds_no_app_engine_or_settings() -> None:
    command = [sys.executable, "-W", "ignore", "-c", IMPORT_ALL]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count, built = done.stdout.split(maxsplit=1)
    assert int(count) > 30
    assert built.strip() == "[]"


def test_our_packages_are_not_shadowed_by_a_dependency() -> None:
    for name in ("config", "cog", "records", "services", "tests"):
        module = __import__(name)
        assert module.__file__ is not None
        assert Path(module.__file__).parent == ROOT / name


def test_modules_stay_short() -> None:
    files = [path for root in ("config", "cog", "records", "services") for path in (ROOT / root).rglob("*.py")]
    assert len(files) > 30
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in files}
    assert {name: count for name, count in lengths.items() if count >= 400} == {}
