"""The template of docs/process-template: installed as a package of others, its process is there and computes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from config.grids import CRS84, Grid
from services.processes import registry
from services.processes.chinese import in_chinese
from tests.support.paths import DOCS
from tests.support.processes import answer_here, cells_of, context_of
from tests.support.rasters import publication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.database import Server

TEMPLATE = DOCS / "process-template"
GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 0.0, 0.0, -1.0, 5.0), width=6, height=5)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The package, built by its own pyproject.toml without the network, as an installer unpacks it."""
    backend = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", backend, str(tmp_path)], cwd=TEMPLATE, capture_output=True, text=True, check=True
    )
    wheel = tmp_path / built.stdout.split()[-1]
    site = tmp_path / "site"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(site)], check=True)
    monkeypatch.syspath_prepend(str(site))
    registry.forget()
    yield site
    registry.forget()
    for name in [name for name in sys.modules if name.startswith("graticule_exceedance")]:
        del sys.modules[name]


def test_the_template_publishes_a_process_that_computes(installed: Path, server: Server, tmp_path: Path) -> None:
    assert registry.process_ids()[-1] == "exceedance"
    assert in_chinese(registry.texts("exceedance"))["title"] == "超阈值比例"
    cells = np.arange(30, dtype="float32").reshape(5, 6)
    holed = cells + 10
    holed[0, 0] = np.nan
    with context_of(server, tmp_path) as context:
        steps: dict[str | None, Any] = {"2020-01-01": cells, "2020-01-02": holed}
        context.catalogue.repository.publish(publication(context.store, "days", steps, GRID, nodata=np.nan))
        inputs = {"field": {"collection": "days"}, "threshold": 14.5}
        answer = answer_here(context, "exceedance", inputs)
        share = cells_of(context, answer["exceedance"]["maps"][0])
    expected = ((cells > 14.5).astype(float) + (cells > 4.5)) / 2
    expected[0, 0] = 0
    assert share == pytest.approx(expected)
    assert installed.is_dir()


def test_the_test_of_the_template_passes() -> None:
    environment = {**os.environ, "PYTHONPATH": f"{TEMPLATE}{os.pathsep}{DOCS.parent}", "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(TEMPLATE), "tests"],
        cwd=TEMPLATE, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout
