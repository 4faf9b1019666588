"""An ingest that was interrupted goes on after the large COGs that it had finished."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import rasterio

from config.declarations.datasets import parse_declaration
from records.datasets.repository import Repository
from services.ingest.models import IngestReport, Listener, Progress, silent
from services.ingest.pipeline import ingest
from services.ingest.store import resuming
from tests.support.sources import cells, write_geotiff

SAID = {"id": "sst", "variables": [{"id": "sst", "unit": "K"}], "time": {"pattern": r"_(?P<year>\d{4})"}}


def run(repository: Repository, store: Path, paths: list[Path], listener: Listener = silent) -> IngestReport:
    declaration = parse_declaration(SAID, name="test")
    return ingest(paths, declaration, repository=repository, store=store, workers=1, listener=listener)


def write_large(folder: Path, year: int) -> Path:
    """More cells than are carried from inspection to conversion."""
    place = rasterio.Affine(0.1, 0, 10, 0, -0.1, 50)
    return write_geotiff(folder / f"a_{year}.tif", cells(300, 200) + year, transform=place)


def stop_after_one(progress: Progress) -> None:
    if progress.stage == "converting" and progress.done == 1:
        raise KeyboardInterrupt


@pytest.fixture
def paths(repository: Repository, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two files whose ingest was interrupted when the first was converted."""
    monkeypatch.setattr(resuming, "LEAST_BYTES", 0)
    files = [write_large(tmp_path, year) for year in (2001, 2002)]
    with pytest.raises(KeyboardInterrupt):
        run(repository, store, files, stop_after_one)
    return files


@pytest.fixture
def waiting(paths: list[Path], store: Path) -> list[Path]:
    """The COGs that wait after the interruption, at least one."""
    cogs = sorted((store / ".tmp" / "sst" / resuming.FOLDER).glob("*.tif"))
    assert cogs, f"nothing waits of {paths}"
    return cogs


def test_what_is_finished_is_not_converted_again(
    repository: Repository, store: Path, paths: list[Path], waiting: list[Path]
) -> None:
    inode = waiting[0].stat().st_ino
    waiting[0].with_name("stale.tif").write_bytes(b"of another ingest")
    assert not run(repository, store, paths).refused
    assert inode in {path.stat().st_ino for path in (store / "sst").rglob("*.tif")}
    assert len(list((store / "sst").rglob("*.tif"))) == 2
    assert not (store / ".tmp" / "sst").exists()


def test_a_cog_that_is_not_whole_is_made_again(
    repository: Repository, store: Path, paths: list[Path], waiting: list[Path]
) -> None:
    for path in waiting:
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert not run(repository, store, paths).refused
    assert not (store / ".tmp" / "sst").exists()
    for path in (store / "sst").rglob("*.tif"):
        assert path.stem.endswith(hashlib.sha256(path.read_bytes()).hexdigest()[:12])
