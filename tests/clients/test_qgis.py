"""QGIS draws the published XYZ URL."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from PIL import Image

PYTHON = "/usr/bin/python3"


def _qgis() -> str:
    found = Path(PYTHON).exists() and subprocess.run(
        [PYTHON, "-c", "import qgis.core"], capture_output=True, check=False, env={"QT_QPA_PLATFORM": "offscreen"}
    )
    if not found or found.returncode:
        pytest.skip("not run: PyQGIS is not installed for the system's Python (apt-get install python3-qgis)")
    return PYTHON


def test_qgis_draws_the_xyz_layer(demo: str, tmp_path: Path) -> None:
    python = _qgis()
    out = tmp_path / "map.png"
    url = demo + "/xyz/linke-turbidity/linke_turbidity/{z}/{x}/{y}.png"
    script = Path(__file__).parent / "qgis_draw.py"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)}
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        environment.pop(name, None)
    done = subprocess.run(
        [python, str(script), url, str(out), "-170", "-60", "170", "75"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    with Image.open(out) as image:
        assert len(image.convert("RGB").getcolors(maxcolors=1 << 20) or []) > 100
