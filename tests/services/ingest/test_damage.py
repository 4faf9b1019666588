"""Files of the store that change by themselves: found, not served, and made again."""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import SecretStr

from config.declarations.datasets import parse_declaration
from config.setting_groups.ingest import ScrubSettings
from config.settings import DatabaseSettings, Settings
from records.datasets.assets import asset_checks
from services.ingest.pipeline import ingest
from services.ingest.store.damage import DAMAGED, set_aside
from services.ingest.store.verify import verify
from services.serving.background.scrubber import paced_sha256, scrub
from tests.support.catalogues import client_of
from tests.support.commands import environment, graticule
from tests.support.sources import cells, write_geotiff

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from records.datasets.models import Asset
    from records.datasets.repository import Repository

pytestmark = pytest.mark.usefixtures("shared_worker")

GEOTIFF = {
    "id": "sst",
    "variables": [{"id": "sst", "unit": "K"}],
    "time": {"pattern": r"_(?P<year>\d{4})(?P<month>\d\d)"},
}
FOREVER_AGO = ScrubSettings(mb_s=1000, days=1e-9)


def month(folder: Path, label: str, value: float = 0) -> Path:
    return write_geotiff(folder / f"sst_{label}.tif", cells() + np.float32(value))


def run(repository: Repository, store: Path, *paths: Path, **options: Any) -> list[str]:
    """Ingest; returns the status of each source."""
    declaration = parse_declaration(GEOTIFF, name="test")
    report = ingest(paths, declaration, repository=repository, store=store, workers=1, **options)
    return [outcome.status.value for outcome in report.outcomes]


def asset_of(repository: Repository, label: str) -> Asset:
    """The asset of a month."""
    (asset,) = [g.asset for g in repository.granules("sst") if f"/{label}-" in g.asset.href]
    return asset


@pytest.fixture
def asset(repository: Repository, store: Path, tmp_path: Path) -> Asset:
    """The asset of May; June is published too."""
    run(repository, store, month(tmp_path, "200605"), month(tmp_path, "200606", 50))
    return asset_of(repository, "2006-05")


@pytest.fixture
def settings(database_url: str, store: Path, tmp_path: Path) -> Settings:
    database = DatabaseSettings(url=SecretStr(database_url))
    return Settings(data_dir=tmp_path, store=str(store), database=database, scrub=FOREVER_AGO)


def flip(path: Path) -> None:
    """Flip a bit in the last byte, which is of a block of cells; the times of the file stay as they were."""
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def swap(path: Path) -> None:
    """Put the file of another month in its place."""
    path.write_bytes(next(path.parent.glob("2006-06-*")).read_bytes())


@pytest.mark.parametrize("damage", [flip, swap, os.remove])
@pytest.mark.parametrize(
    "path",
    [
        "/collections/sst/coverage?datetime=2006-05&f=netcdf",
        "/collections/sst/map?datetime=2006-05",
        "/collections/sst/position?coords=POINT(12 46)&datetime=2006-05",
        "/collections/sst/statistics?bbox=10,44,18,50&datetime=2006-05",
        "/xyz/sst/sst/default/2006-05/3/4/2.png",
        "/titiler/sst/info?datetime=2006-05",
        "asset",
    ],
)
def test_damaged_file_is_not_served_and_named(
    settings: Settings, store: Path, asset: Asset, path: str, damage: Callable[[Path], None]
) -> None:
    path = f"/assets/{asset.href}" if path == "asset" else path
    with client_of(settings) as client:
        first = client.get(path)
        assert first.status_code == 200, first.text
        damage(store / asset.href)
        answer = client.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "3600")
        assert asset.href in answer.json()["detail"]
        assert client.get(path).status_code == 503
        if "/assets/" not in path:
            assert client.get(path.replace("2006-05", "2006-06")).status_code == 200


def test_file_that_was_damaged_before_it_was_first_read_is_not_served(
    settings: Settings, store: Path, asset: Asset
) -> None:
    flip(store / asset.href)
    with client_of(settings) as client:
        assert client.get("/xyz/sst/sst/default/2006-05/3/4/2.png").status_code == 503


@pytest.mark.parametrize("damage", [flip, swap, os.remove])
@pytest.mark.parametrize("replace", [False, True])
def test_next_ingest_of_the_source_repairs_it(
    repository: Repository,
    settings: Settings,
    store: Path,
    tmp_path: Path,
    asset: Asset,
    damage: Callable[[Path], None],
    *,
    replace: bool,
) -> None:
    sources = tmp_path / "sst_200605.tif", tmp_path / "sst_200606.tif"
    assert run(repository, store, *sources) == ["unchanged", "unchanged"]
    with client_of(settings) as client:
        tile = client.get("/xyz/sst/sst/default/2006-05/3/4/2.png").content
        damage(store / asset.href)
        assert client.get("/xyz/sst/sst/default/2006-05/3/4/2.png").status_code == 503
        assert "refused" not in run(repository, store, *sources, replace=replace)
        assert client.get("/xyz/sst/sst/default/2006-05/3/4/2.png").content == tile
    assert not [check for check in verify(repository, store, "sst") if check.fault]
    assert run(repository, store, *sources) == ["unchanged", "unchanged"]


def test_verify_repairs_what_has_its_source_and_says_what_has_not(
    repository: Repository,
    database_url: str,
    store: Path,
    tmp_path: Path,
    asset: Asset,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = asset_of(repository, "2006-06")
    flip(store / asset.href)
    flip(store / other.href)
    (tmp_path / "sst_200606.tif").unlink()
    with environment(database_url, tmp_path):
        monkeypatch.setenv("GRATICULE_STORE", str(store))
        assert graticule("datasets", "verify") == 1
        assert "checked 2 files, 2 faulty" in capsys.readouterr().out
        assert graticule("datasets", "verify", "--repair", "sst") == 1
        out = capsys.readouterr().out
        assert f"repaired\t{asset.href}\thas the SHA-256" in out
        assert f"fault\t{other.href}\tits source {tmp_path / 'sst_200606.tif'} is not there" in out
        assert "2 faulty files, 1 repaired" in out
        month(tmp_path, "200606", 50)
        assert graticule("datasets", "verify", "--repair", "--json") == 0
        assert json.loads(capsys.readouterr().out)["remedy"] == ""
        assert graticule("datasets", "verify") == 0


def test_scrubber_moves_a_damaged_file_away(
    repository: Repository, settings: Settings, store: Path, asset: Asset, caplog: pytest.LogCaptureFixture
) -> None:
    assert scrub(repository.engine, settings) == 2
    assert not (store / DAMAGED).exists()
    flip(store / asset.href)
    scrub(repository.engine, settings)
    assert not (store / asset.href).exists()
    assert (store / DAMAGED / asset.href).is_file()
    assert f"{asset.href} has the SHA-256" in caplog.text
    with client_of(settings) as client:
        assert client.get("/xyz/sst/sst/default/2006-05/3/4/2.png").status_code == 503


def test_what_was_compared_is_not_due_for_a_while(repository: Repository, settings: Settings, asset: Asset) -> None:
    scrub(repository.engine, settings)
    week = settings.model_copy(update={"scrub": ScrubSettings()})
    assert scrub(repository.engine, week) == 0
    assert asset.href in [due.href for due in asset_checks.due(repository.engine, age=timedelta(0), limit=10)]


def test_right_file_stays_where_it_is(store: Path, asset: Asset) -> None:
    assert set_aside(store, asset) is None
    assert (store / asset.href).is_file()


def test_files_are_read_at_a_bounded_rate(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(3 * 2**20))
    began = time.monotonic()
    digest = paced_sha256(path, 10)
    assert time.monotonic() - began >= 0.3
    assert digest == paced_sha256(path, 10_000)
