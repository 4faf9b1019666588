"""QGIS reads records as features, MetaSearch finds them by CSW, and styles saved by QGIS draw here as there."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine

from config.settings import DatabaseSettings, Settings
from records.database.engine import driver_url
from records.datasets.repository import Repository
from tests.clients.conftest import warm_water
from tests.clients.test_qgis import qgis_python
from tests.clients.test_qgis_services import agree, fetched, pixels, qgis
from tests.support.commands import environment, graticule
from tests.support.listening import listening

if TYPE_CHECKING:
    from tests.support.database import Server

STOPS = [(0, "#081d58"), (8, "#1d91c0"), (15, "#c7e9b4"), (22, "#fee391"), (30, "#bd0026")]


def catalogue(folder: Path, **task: Any) -> dict[str, Any]:
    """What QGIS answers to a task of `qgis_catalogue`, with a home of its own."""
    python = qgis_python()
    variables = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(folder)}
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        variables.pop(name, None)
    command = [python, str(Path(__file__).parent / "qgis_catalogue.py"), json.dumps(task)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables, timeout=110)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def listed(demo: str, query: str = "") -> set[str]:
    """Titles of the records that the API lists."""
    with urllib.request.urlopen(f"{demo}/collections/records/items?f=json&limit=100{query}", timeout=60) as answer:
        return {feature["properties"]["title"] for feature in json.load(answer)["features"]}


def test_qgis_reads_records_as_features(demo: str, tmp_path: Path) -> None:
    answer = catalogue(tmp_path, do="features", url=demo)
    assert set(answer["boxes"]) == listed(demo)
    within = catalogue(tmp_path, do="features", url=demo, box=[-100, 25, -80, 50])
    assert set(within["boxes"]) == listed(demo, "&bbox=-100,25,-80,50")
    assert set(within["boxes"]) < set(answer["boxes"])


def test_metasearch_finds_records_by_their_words(demo: str, tmp_path: Path) -> None:
    found = catalogue(tmp_path, do="search", url=f"{demo}/csw", words="turbidity")["titles"]
    assert len(found) == 1
    assert "urbidity" in found[0]
    assert catalogue(tmp_path, do="search", url=f"{demo}/csw", words="no such thing")["titles"] == []


@pytest.mark.parametrize("kind", ["linear", "discrete"])
def test_a_style_saved_by_qgis_draws_the_same_picture(server: Server, tmp_path: Path, kind: str) -> None:
    store, raster = tmp_path / "store", tmp_path / "raster.tif"
    with server.database() as url:
        engine = create_engine(driver_url(url))
        made = warm_water(store)
        Repository(engine).publish(made)
        engine.dispose()
        raster.write_bytes((store / made.granules[-1].asset.href).read_bytes())
        # QGIS takes the style beside a raster by itself
        saved = raster.with_suffix(".qml")
        task = {"raster": str(raster), "range": [0, 30], "stops": STOPS, "kind": kind, "out": str(saved)}
        catalogue(tmp_path, do="style", **task)
        with environment(url, tmp_path):
            assert graticule("styles", "import", saved, "--dataset", "sst", "--variable", "v", "--id", kind) == 0
        settings = Settings(data_dir=store, store=str(store), database=DatabaseSettings(url=SecretStr(url)))
        with listening(settings) as base:
            query = f"&layers=sst.v&styles={kind}&crs=CRS:84&bbox=-180,-90,180,90&width=720&height=360&format=image/png"
            ours = fetched(f"{base}/wms?service=WMS&version=1.3.0&request=GetMap{query}")
    (tmp_path / "ours.png").write_bytes(ours)
    out = tmp_path / "theirs.png"
    options = {"crs": "EPSG:4326", "box": (-180, -90, 180, 90), "size": (720, 360)}
    qgis(tmp_path, provider="gdal", uri=str(raster), out=str(out), **options)
    assert agree(pixels(tmp_path / "ours.png"), pixels(out)) > 0.99
    assert agree(pixels(tmp_path / "ours.png"), pixels(out)[::-1]) < 0.6
