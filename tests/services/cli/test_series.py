"""A series grows without reading again what it has, and a file that changes while it is read is refused."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from sqlalchemy import text

from config.declarations.datasets import DatasetDeclaration, parse_declaration
from config.errors import EnvironmentFault, SourceRefused
from records.datasets.repository import Repository
from services.ingest.models import IngestReport, Progress
from services.ingest.pipeline import ingest
from services.ingest.planning.disk_space import in_words, require_room
from services.ingest.reading.source_digest import content, digest, require_untouched
from services.ingest.workers import Workers
from tests.support.sources import cells, write_geotiff

SAID: dict[str, Any] = {
    "id": "sst",
    "variables": [{"id": "sst", "unit": "K"}],
    "time": {"pattern": r"_(?P<year>\d{4})(?P<month>\d\d)"},
}
RANDOM = np.random.default_rng(7)


class Ingest:
    """Ingests with one declaration in one pool; keeps the stages that were told."""

    def __init__(self, repository: Repository, store: Path, pool: Workers) -> None:
        self.stages: list[str] = []
        self._where: dict[str, Any] = {"repository": repository, "store": store, "workers": pool}

    def __call__(self, *paths: Path, **options: Any) -> IngestReport:
        self.stages.clear()
        options = {"listener": self._listen} | options
        return ingest(paths, parse_declaration(SAID, name="test"), **self._where, **options)

    def _listen(self, progress: Progress) -> None:
        self.stages.append(progress.stage)


@pytest.fixture
def make(repository: Repository, store: Path, pool: Workers) -> Ingest:
    return Ingest(repository, store, pool)


def noisy(folder: Path, label: str) -> Path:
    values = RANDOM.normal(280, 10, (60, 80)).astype("float32")
    return write_geotiff(folder / f"sst_{label}.tif", values)


def test_statistics_of_a_growing_series_need_no_kept_asset(
    make: Ingest, repository: Repository, store: Path, tmp_path: Path
) -> None:
    make(noisy(tmp_path, "200601"), noisy(tmp_path, "200602"))
    hidden = store / "sst" / "sst"
    for asset in hidden.iterdir():
        os.truncate(asset, 10)  # whoever reads one now fails
    assert not make(noisy(tmp_path, "200603")).refused
    assert "measuring" not in make.stages
    values = []
    for path in sorted(tmp_path.glob("sst_*.tif")):
        with rasterio.open(path) as file:
            values.append(file.read(1))
    every = np.concatenate([v.ravel() for v in values]).astype("float64")
    found = repository.dataset("sst").variables[0].statistics
    assert found is not None
    assert (found.minimum, found.maximum) == (every.min(), every.max())
    assert (found.mean, found.stddev) == pytest.approx((every.mean(), every.std()), rel=1e-9)
    for percent, got in ((2, found.percentile_2), (98, found.percentile_98)):
        rank = np.searchsorted(np.sort(every), got) / every.size
        assert abs(rank - percent / 100) <= 1 / 512 + 2 / every.size


def test_a_series_made_at_once_or_month_by_month_is_the_same(
    make: Ingest, repository: Repository, tmp_path: Path
) -> None:
    paths = [noisy(tmp_path, label) for label in ("200601", "200602", "200603")]
    for path in (paths[1], paths[2], paths[0]):
        make(path)
    grown = state(repository)
    repository.remove("sst")
    make(*paths)
    assert state(repository) == grown


def test_a_corrected_month_takes_the_place_of_the_first_one(
    make: Ingest, repository: Repository, store: Path, tmp_path: Path
) -> None:
    paths = [noisy(tmp_path, label) for label in ("200601", "200602", "200603")]
    for path in paths:
        make(path)
    (old,) = [g.asset for g in repository.granules("sst") if g.time == "2006-02"]
    (outcome,) = make(noisy(tmp_path, "200602")).outcomes
    assert (outcome.status, outcome.times) == ("replaced", ("2006-02",))
    assert [asset.href for asset in repository.unreferenced_assets()] == [old.href]
    (outcome,) = make(noisy(tmp_path, "200604")).outcomes
    assert outcome.status == "published"
    grown = state(repository)
    repository.remove("sst")
    make(*(tmp_path / f"sst_20060{month}.tif" for month in (1, 2, 3, 4)))
    assert state(repository) == grown


def test_an_added_month_leaves_the_others_as_they_are(
    make: Ingest, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(noisy(tmp_path, "200601"), noisy(tmp_path, "200602"))
    rows = "select id, xmin::text from granules order by id"
    with repository.engine.connect() as connection:
        before = [tuple(row) for row in connection.execute(text(rows))]
    monkeypatch.setattr(Repository, "granules", None)  # whoever reads all of them fails
    assert [o.status for o in make(noisy(tmp_path, "200603"), tmp_path / "sst_200601.tif").outcomes] == [
        "published",
        "unchanged",
    ]
    with repository.engine.connect() as connection:
        after = [tuple(row) for row in connection.execute(text(rows))]
    assert (after[:2], len(after)) == (before, 3)
    assert repository.dataset("sst").time == replace(
        repository.dataset("sst").time, first="2006-01", last="2006-03", count=3
    )


def state(repository: Repository) -> dict[str, Any]:
    """All that a catalogue says of the dataset, but when it was changed."""
    dataset, record = repository.dataset("sst"), repository.record("sst")
    items = 'select id, time, moment, start, "end", variables, state, ST_AsText(geometry) from items order by id'
    with repository.engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(items))]
    properties = {name: value for name, value in record["properties"].items() if name not in ("created", "updated")}
    return {
        "variables": repr(dataset.variables),
        "time": dataset.time,
        "bbox": dataset.bbox,
        "files": dataset.files,
        "assets": [g.asset for g in repository.granules("sst")],
        "items": found,
        "record": record | {"properties": properties},
    }


def test_what_was_published_without_a_summary_is_measured_once(
    make: Ingest, repository: Repository, tmp_path: Path
) -> None:
    make(noisy(tmp_path, "200601"))
    with repository.engine.begin() as connection:
        for table in ("granules", "variables"):
            connection.execute(text(f"update {table} set summary = null"))
    make(noisy(tmp_path, "200602"))
    assert "measuring" in make.stages
    make(noisy(tmp_path, "200603"))
    assert "measuring" not in make.stages
    assert len(repository.summaries("sst")) == 3


@pytest.mark.parametrize("stage", ["inspecting", "converting"])
@pytest.mark.parametrize("change", ["written", "touched", "exchanged", "removed"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    make: Ingest, repository: Repository, tmp_path: Path, stage: str, change: str
) -> None:
    path = noisy(tmp_path, "200601")
    changes = {
        "written": lambda: path.write_bytes(path.read_bytes() + b"\0"),
        "touched": lambda: os.utime(path, ns=(1, 1)),
        "exchanged": lambda: shutil.copy2(path, tmp_path / "new").replace(path),
        "removed": path.unlink,
    }

    def listener(progress: Progress) -> None:
        if progress.stage == stage and progress.done == progress.total:
            changes[change]()

    report = make(path, listener=listener)
    assert report.refused
    reason = report.outcomes[0].reason
    assert "it changed while it was read" in reason or "No such file" in reason or "cannot" in reason
    assert repository.dataset_ids() == []


def test_skip_bad_leaves_out_a_file_that_changed(make: Ingest, repository: Repository, tmp_path: Path) -> None:
    good, bad = noisy(tmp_path, "200601"), noisy(tmp_path, "200602")

    def listener(progress: Progress) -> None:
        if progress.stage == "converting" and progress.done == progress.total:
            os.utime(bad, ns=(1, 1))

    report = make(good, bad, listener=listener, skip_bad=True)
    assert [o.status.value for o in report.outcomes] == ["published", "refused"]
    assert [g.time for g in repository.granules("sst")] == ["2006-01"]


def test_an_untouched_file_is_recognised(tmp_path: Path) -> None:
    path = noisy(tmp_path, "200601")
    found = content(path, digest(path), DatasetDeclaration(), dataset_id="a", profile="zstd")
    require_untouched(found)
    path.touch()
    with pytest.raises(SourceRefused, match="changed while it was read"):
        require_untouched(found)


def test_too_little_room_is_told_before_anything_is_written(store: Path) -> None:
    require_room(store / "not" / "there", 1)
    with pytest.raises(EnvironmentFault, match=r"needs about 1000.0 TB, and .* are free in .*gc"):
        require_room(store, 10**15)


@pytest.mark.parametrize(("size", "words"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2.5e9, "2.5 GB")])
def test_sizes_are_told_in_words(size: float, words: str) -> None:
    assert in_words(size) == words


def test_only_what_is_new_is_written_again(make: Ingest, repository: Repository, tmp_path: Path) -> None:
    def ids() -> dict[str, int]:
        with repository.engine.connect() as connection:
            return {str(t): int(i) for i, t in connection.execute(text("select id, time from granules"))}

    make(noisy(tmp_path, "200601"), write_geotiff(tmp_path / "sst_200602.tif", np.zeros((60, 80), "float32")))
    before = ids()
    make(noisy(tmp_path, "200603"), write_geotiff(tmp_path / "sst_200602.tif", np.ones((60, 80), "float32")))
    after = ids()
    assert after["2006-01"] == before["2006-01"]
    assert after["2006-02"] != before["2006-02"]
    assert set(after) == {"2006-01", "2006-02", "2006-03"}


def test_a_grid_of_one_cell_and_of_all_is_fine(make: Ingest, tmp_path: Path) -> None:
    assert not make(write_geotiff(tmp_path / "sst_200601.tif", cells(1, 1))).refused
