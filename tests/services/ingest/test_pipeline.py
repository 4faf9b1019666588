"""Ingest: published, unchanged, added, replaced, refused; nothing half done."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from sqlalchemy import text

from config.declarations.datasets import parse_declaration
from config.errors import CollectionNotFound, EnvironmentFault, InvalidDeclaration, SourceRefused
from records.datasets.repository import Repository
from services.ingest.models import IngestReport, Listener, Progress, SourceStatus, silent
from services.ingest.pipeline import ingest
from services.ingest.store.locking import ingest_lock
from services.ingest.store.verify import verify
from services.ingest.workers import FileTask, Workers
from tests.support.jobs import templates
from tests.support.sources import HDF5_DECLARATION, cells, write_geotiff, write_hdf5, write_netcdf

pytestmark = pytest.mark.usefixtures("shared_worker")

LAT, LON = np.arange(5.5, -0.5, -1), np.arange(10.5, 18.5)
GEOTIFF = {
    "id": "sst",
    "variables": [{"id": "sst", "unit": "K"}],
    "time": {"pattern": r"_(?P<year>\d{4})(?P<month>\d\d)"},
}


def run(
    repository: Repository,
    store: Path,
    *paths: Path,
    said: dict[str, Any] | None = None,
    replace: bool = False,
    listener: Listener = silent,
) -> IngestReport:
    """Ingest with a declaration given as a document, in one worker."""
    declaration = parse_declaration(said or {}, name="test")
    return ingest(paths, declaration, repository=repository, store=store, workers=1, replace=replace, listener=listener)


def statuses(report: IngestReport) -> list[str]:
    return [o.status.value for o in report.outcomes]


def temporaries(store: Path) -> list[Path]:
    return [p for p in (store / ".tmp").rglob("*") if p.is_file()]


def month(folder: Path, label: str, value: float = 0) -> Path:
    """A GeoTIFF of one month."""
    return write_geotiff(folder / f"sst_{label}.tif", cells() + np.float32(value))


def test_a_file_becomes_a_dataset_with_record_variable_and_granules(
    repository: Repository, store: Path, tmp_path: Path
) -> None:
    stack = np.stack([cells(), cells() + 1])
    path = write_netcdf(tmp_path / "Sea Surface.nc", stack, LAT, LON, [0.0, 31.0])
    report = run(repository, store, path)
    assert statuses(report) == ["published"]
    dataset = repository.dataset("sea-surface")
    assert dataset.bbox == (10, 0, 18, 6)
    assert (dataset.variables[0].unit, dataset.variables[0].kind) == ("K", "continuous")
    statistics = dataset.variables[0].statistics
    assert statistics is not None
    assert (statistics.minimum, statistics.maximum) == (0, 58)
    assert statistics.mean == pytest.approx(stack.mean())
    for index, granule in enumerate(repository.granules("sea-surface")):
        with rasterio.open(store / granule.asset.href) as file:
            assert np.array_equal(file.read(1), stack[index])


def test_the_asset_is_named_by_time_and_checksum_and_says_where_it_comes_from(
    repository: Repository, store: Path, tmp_path: Path
) -> None:
    path = month(tmp_path, "200605")
    run(repository, store, path, said=GEOTIFF)
    (granule,) = repository.granules("sst")
    assert granule.asset.href == f"sst/sst/2006-05-{granule.asset.sha256[:12]}.tif"
    assert granule.provenance["source"]["path"] == str(path)
    assert granule.provenance["parameters"]["profile"] == "zstd"
    assert (granule.start, granule.end) == ("2006-05-01T00:00:00Z", "2006-06-01T00:00:00Z")


def test_the_same_again_is_unchanged_and_publishes_nothing(repository: Repository, store: Path, tmp_path: Path) -> None:
    path = month(tmp_path, "200605")
    run(repository, store, path, said=GEOTIFF)
    assert statuses(run(repository, store, path, said=GEOTIFF)) == ["unchanged"]
    assert repository.dataset("sst").version == 1


def test_a_missing_asset_is_made_again(repository: Repository, store: Path, tmp_path: Path) -> None:
    path = month(tmp_path, "200605")
    run(repository, store, path, said=GEOTIFF)
    (granule,) = repository.granules("sst")
    (store / granule.asset.href).unlink()
    assert statuses(run(repository, store, path, said=GEOTIFF)) == ["replaced"]
    assert [c.fault for c in verify(repository, store, "sst")] == [""]


def test_new_times_are_added_and_statistics_cover_all(repository: Repository, store: Path, tmp_path: Path) -> None:
    run(repository, store, month(tmp_path, "200605"), said=GEOTIFF)
    (before,) = repository.granules("sst")
    assert statuses(run(repository, store, month(tmp_path, "200606", 100), said=GEOTIFF)) == ["published"]
    after = list(repository.granules("sst"))
    assert [g.time for g in after] == ["2006-05", "2006-06"]
    assert after[0] == before
    statistics = repository.dataset("sst").variables[0].statistics
    assert statistics is not None
    assert (statistics.minimum, statistics.maximum) == (0, 157)


def test_changed_content_replaces_the_granule_of_its_time(repository: Repository, store: Path, tmp_path: Path) -> None:
    run(repository, store, month(tmp_path, "200605"), month(tmp_path, "200606"), said=GEOTIFF)
    report = run(repository, store, month(tmp_path, "200605", 7), tmp_path / "sst_200606.tif", said=GEOTIFF)
    assert statuses(report) == ["replaced", "unchanged"]
    first, second = repository.granules("sst")
    with rasterio.open(store / first.asset.href) as file:
        assert np.array_equal(file.read(1), cells() + 7)
    assert second.provenance["source"]["path"].endswith("sst_200606.tif")


@pytest.mark.parametrize(
    ("values", "options", "unit", "difference"),
    [
        (cells(), {"transform": rasterio.Affine(1, 0, 11, 0, -1, 50)}, "K", "another grid"),
        (cells(dtype="float64"), {}, "K", "cell type 'float64', not 'float32'"),
        (cells(), {}, "degC", "unit 'degC', not 'K'"),
    ],
    ids=["grid", "type", "unit"],
)
def test_another_grid_type_or_unit_is_refused_until_replace(
    repository: Repository,
    store: Path,
    tmp_path: Path,
    values: NDArray[Any],
    options: dict[str, Any],
    unit: str,
    difference: str,
) -> None:
    run(repository, store, month(tmp_path, "200605"), said=GEOTIFF)
    other = write_geotiff(tmp_path / "new_200606.tif", values, **options)
    said = GEOTIFF | {"variables": [{"id": "sst", "unit": unit}]}
    report = run(repository, store, other, said=said)
    assert statuses(report) == ["refused"]
    assert difference in report.outcomes[0].reason
    assert "--replace" in report.outcomes[0].reason
    assert repository.dataset("sst").version == 1
    assert statuses(run(repository, store, other, said=said, replace=True)) == ["published"]
    assert [g.time for g in repository.granules("sst")] == ["2006-06"]


def test_one_refused_file_keeps_all_from_being_published(repository: Repository, store: Path, tmp_path: Path) -> None:
    bad = month(tmp_path, "200606")
    bad.write_bytes(bad.read_bytes()[:200])
    report = run(repository, store, month(tmp_path, "200605"), bad, said=GEOTIFF)
    assert statuses(report) == ["refused", "refused"]
    assert "sst_200606.tif was refused" in report.outcomes[0].reason
    with pytest.raises(CollectionNotFound):
        repository.dataset("sst")
    assert temporaries(store) == []


def test_two_files_of_one_time_are_refused(repository: Repository, store: Path, tmp_path: Path) -> None:
    first, second = month(tmp_path, "200605"), write_geotiff(tmp_path / "b_200605.tif", cells())
    report = run(repository, store, first, second, said=GEOTIFF)
    assert "both have variable sst at 2006-05" in report.outcomes[1].reason


def test_a_worker_that_dies_is_reported_with_its_file_and_the_others_finish(tmp_path: Path) -> None:
    tasks = [
        FileTask(path=Path("good"), function=os.path.basename, arguments=("a/b",)),
        FileTask(path=Path("bad"), function=os._exit, arguments=(9,)),
        FileTask(path=Path("also-good"), function=os.path.basename, arguments=("c/d",)),
    ]
    with Workers(2) as pool:
        first, second, third = pool.run(tasks, stop_early=False)
    assert (first, third) == ("b", "d")
    assert isinstance(second, SourceRefused)
    assert second.path == Path("bad")
    assert "crashed" in second.cause


def kill_workers(origins: list[int]) -> None:
    """Kill the children of templates; the kernel lists them in microseconds."""
    for template in origins:
        for pid in Path(f"/proc/{template}/task/{template}/children").read_text("ascii").split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


def test_workers_killed_once_do_not_stop_an_ingest(repository: Repository, store: Path, tmp_path: Path) -> None:
    killed: list[bool] = []

    def listener(progress: Progress) -> None:
        if progress.stage == "converting" and not killed:
            killed.append(True)
            kill_workers(templates())

    report = run(repository, store, month(tmp_path, "200605"), said=GEOTIFF, listener=listener)
    assert killed
    assert statuses(report) == ["published"]
    assert [c.fault for c in verify(repository, store, "sst")] == [""]


def test_workers_killed_again_and_again_publish_nothing(repository: Repository, store: Path, tmp_path: Path) -> None:
    over = threading.Event()
    with Workers(1) as pool:  # has the template of workers running
        pool.run([FileTask(path=Path(), function=os.getpid, arguments=())], stop_early=False)
    origins = templates()

    def kill_until_over() -> None:
        while not over.wait(0.001):
            kill_workers(origins)

    killer = threading.Thread(target=kill_until_over)
    killer.start()
    try:
        report = run(repository, store, month(tmp_path, "200605"), said=GEOTIFF)
    finally:
        over.set()
        killer.join()
    assert statuses(report) == ["refused"]
    assert "crashed" in report.outcomes[0].reason
    with pytest.raises(CollectionNotFound):
        repository.dataset("sst")
    assert temporaries(store) == []


def test_what_an_interrupted_ingest_left_is_cleaned_by_the_next(
    repository: Repository, store: Path, tmp_path: Path
) -> None:
    left = store / ".tmp" / "sst" / "0-sst-0.tif"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    run(repository, store, month(tmp_path, "200605"), said=GEOTIFF)
    assert not left.exists()


def test_a_second_ingest_of_a_dataset_waits_and_says_so(repository: Repository, store: Path, tmp_path: Path) -> None:
    path, stages, done = month(tmp_path, "200605"), [], threading.Event()

    def second() -> None:
        run(repository, store, path, said=GEOTIFF, listener=lambda p: stages.append(p.stage))
        done.set()

    with ingest_lock(repository.engine, "sst", waiting=lambda: None):
        thread = threading.Thread(target=second)
        thread.start()
        assert not done.wait(1)
        assert stages == ["waiting"]
    thread.join()
    assert repository.dataset("sst").version == 1


def test_the_lock_ends_with_its_session(repository: Repository) -> None:
    with ingest_lock(repository.engine, "sst", waiting=lambda: None):
        pass
    with repository.engine.connect() as connection:
        query = "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"
        assert connection.scalar(text(query)) == 0


def test_several_files_without_an_id_are_wrong_usage(repository: Repository, store: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidDeclaration, match="--id"):
        run(repository, store, month(tmp_path, "200605"), month(tmp_path, "200606"))


@pytest.mark.parametrize("name", ["海表温度.tif", "records.tif", "...tif"])
def test_a_name_that_makes_no_id_asks_for_one(repository: Repository, store: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidDeclaration, match="--id"):
        run(repository, store, write_geotiff(tmp_path / name, cells()))


def test_steps_of_one_chunk_are_converted_by_one_task(repository: Repository, store: Path, tmp_path: Path) -> None:
    stack = np.stack([cells(200, 300, dtype="uint8") + n for n in range(3)], axis=2)  # too many to be carried
    path = write_hdf5(tmp_path / "a.h5", stack, chunks=(200, 300, 2))
    totals: list[int] = []
    report = run(
        repository, store, path, said=HDF5_DECLARATION | {"grid": {"origin": [0, 60], "cell": [0.1, -0.1]}},
        listener=lambda p: totals.append(p.total) if p.stage == "converting" else None,
    )  # fmt: skip
    assert statuses(report) == [SourceStatus.PUBLISHED]
    assert set(totals) == {2}  # three steps, two in a chunk


def test_palette_classes_are_those_that_occur(repository: Repository, store: Path, tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "cover.tif", np.where(cells() > 30, 2, 1).astype("uint8"))
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {1: (1, 2, 3, 255), 2: (4, 5, 6, 255), 3: (7, 8, 9, 255)})
    run(repository, store, path)
    (variable,) = repository.dataset("cover").variables
    assert [(c.value, c.color) for c in variable.classes] == [(1, (1, 2, 3, 255)), (2, (4, 5, 6, 255))]
    assert variable.style().colormap is None


def test_verify_finds_missing_and_altered_files(repository: Repository, store: Path, tmp_path: Path) -> None:
    run(repository, store, month(tmp_path, "200605"), month(tmp_path, "200606"), said=GEOTIFF)
    first, second = (store / g.asset.href for g in repository.granules("sst"))
    first.unlink()
    second.write_bytes(second.read_bytes() + b"x")
    faults = [c.fault for c in verify(repository, store, "sst")]
    assert faults[0] == "is missing from the store"
    assert "SHA-256" in faults[1]


def test_new_times_without_a_declaration_use_the_published_one(
    repository: Repository, store: Path, tmp_path: Path
) -> None:
    said = GEOTIFF | {"record": {"title": {"en": "Warm water", "zh": "暖水"}}}
    run(repository, store, month(tmp_path, "200605"), said=said)
    run(repository, store, month(tmp_path, "200606"), said={"id": "sst"})
    assert repository.dataset("sst").title == {"en": "Warm water", "zh": "暖水"}
    assert [g.time for g in repository.granules("sst")] == ["2006-05", "2006-06"]


def test_every_bad_file_is_named_at_once(repository: Repository, store: Path, tmp_path: Path) -> None:
    broken = tmp_path / "sst_200606.tif"
    broken.write_bytes(b"PK\x03\x04")
    report = run(repository, store, tmp_path / "sst_200605.tif", broken, said=GEOTIFF)
    assert ["No such file" in o.reason for o in report.outcomes] == [True, False]
    assert "is a ZIP archive" in report.outcomes[1].reason


def test_a_store_that_cannot_be_written_is_a_fault_of_the_environment(repository: Repository, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        run(repository, blocked / "store", month(tmp_path, "200605"), said=GEOTIFF)


def test_a_fill_value_that_nobody_states_is_told_in_the_line_of_its_source(
    repository: Repository, store: Path, tmp_path: Path
) -> None:
    values = cells()[None].copy()
    values[0, 0, 0] = 9.969209968386869e36
    path = write_netcdf(tmp_path / "sst.nc", values, LAT, LON, [0.0])
    (outcome,) = run(repository, store, path).outcomes
    assert outcome.reason.startswith("v: Cells that hold the NetCDF default fill value 9.96921e+36 became no data")
    said = {"variables": [{"source": "v", "fill": 9.969209968386869e36}]}
    (outcome,) = run(repository, store, path, said=said).outcomes
    assert outcome.status is SourceStatus.REFUSED  # the no-data value differs from the published one
    (outcome,) = run(repository, store, path, said=said, replace=True).outcomes
    assert outcome.reason == ""


def test_each_of_many_small_steps_has_its_own_cells(repository: Repository, store: Path, tmp_path: Path) -> None:
    values = np.random.default_rng(7).random((60, 24, 26), dtype="float32")  # more than is carried from inspection
    lat, lon = np.arange(23.5, -0.5, -1), np.arange(10.5, 36.5)
    path = write_netcdf(tmp_path / "steps.nc", values, lat, lon, [float(day) for day in range(60)])
    assert statuses(run(repository, store, path, said={"variables": [{"source": "v", "unit": "K"}]})) == ["published"]
    granules = list(repository.granules("steps"))
    assert len(granules) == 60
    for granule, expected in zip(granules, values, strict=True):
        with rasterio.open(store / granule.asset.href) as file:
            assert np.array_equal(file.read(1), expected)
    assert {c.fault for c in verify(repository, store, "steps")} == {""}
