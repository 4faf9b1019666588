"""QGIS draws the published XYZ URL."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

PYTHON = "/usr/bin/python3"


def qgis_python() -> str:
    """The path of the Python that has PyQGIS; skips if there is none."""
    found = Path(PYTHON).exists() and subprocess.run(
        [PYTHON, "-c", "import qgis.core"], capture_output=True, check=False, env={"QT_QPA_PLATFORM": "offscreen"}
    )
    if not found or found.returncode:
        pytest.skip("not run: PyQGIS is not installed for the system's Python (apt-get install python3-qgis)")
    return PYTHON


def _draw(demo: str, layer: str, box: tuple[float, float, float, float], folder: Path) -> Image.Image:
    """The picture of 512 x 512 px that QGIS draws of the printed XYZ URL of a layer, on white."""
    python = qgis_python()
    out = folder / "map.png"
    url = f"{demo}/xyz/{layer}/{{z}}/{{x}}/{{y}}.png"
    script = Path(__file__).parent / "qgis_draw.py"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(folder)}
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        environment.pop(name, None)
    command = [python, str(script), url, str(out), *(str(edge) for edge in box)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=110)
    assert done.returncode == 0, done.stderr
    with Image.open(out) as image:
        return image.convert("RGB")


def _colours(image: Image.Image) -> int:
    return len(image.getcolors(maxcolors=1 << 20) or [])


@pytest.mark.parametrize(
    ("layer", "box", "fewest"),
    [
        ("linke-turbidity/linke_turbidity", (-170, -60, 170, 75), 100),
        ("altitude/altitude", (70, 20, 110, 50), 100),
        ("air-temperature-a1b/air_temperature", (-130, 20, -70, 60), 50),
        ("toa-brightness-temperature/toa_brightness_temperature", (-100, 20, 40, 80), 50),
    ],
)
def test_qgis_draws_the_printed_layers(
    demo: str, tmp_path: Path, layer: str, box: tuple[float, float, float, float], fewest: int
) -> None:
    assert _colours(_draw(demo, layer, box, tmp_path)) > fewest


def test_qgis_shows_a_polar_stereographic_grid_where_it_is(demo: str, tmp_path: Path) -> None:
    layer = "toa-brightness-temperature/toa_brightness_temperature"
    inside = _draw(demo, layer, (-20, 40, 0, 55), tmp_path)
    outside = _draw(demo, layer, (-95, 20, -75, 40), tmp_path)
    assert (255, 255, 255) not in np.unique(np.asarray(inside)[200:300, 200:300].reshape(-1, 3), axis=0).tolist()
    assert outside.getcolors() == [(512 * 512, (255, 255, 255))]


@pytest.mark.parametrize("box", [(176, -2, 180, 2), (-180, -2, -176, 2)])
def test_qgis_draws_up_to_the_180_meridian_without_a_gap(
    demo: str, tmp_path: Path, box: tuple[float, float, float, float]
) -> None:
    image = np.asarray(_draw(demo, "sea-surface-temperature/surface_temperature", box, tmp_path))
    blank = (image == 255).all(axis=-1)
    assert not blank[:, 1:-1].any()
    edge = blank[:, -1] if box[2] == 180 else blank[:, 0]
    assert not edge.any()
