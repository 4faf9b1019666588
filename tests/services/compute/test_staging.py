"""Maps that parts write: references to them, and what becomes of them when their job fails, ends or is killed."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio

from config.errors import InvalidInput
from records.jobs.job_store import Jobs
from services.compute import jobs as running
from services.compute.executor import ExecutionConfig
from services.compute.staging import STAGING, StagingArea, sweep_staging, tidy
from services.ingest.store.garbage import Removal, collect
from services.processes import registry
from services.processes.requests import validation
from tests.support import staged_maps
from tests.support.rasters import coded, global_grid, publication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from config.settings import Settings
    from records.datasets.repository import Repository

GRID = global_grid(8, 4)
NOW = timedelta(0)


@pytest.fixture
def jobs(repository: Repository) -> Jobs:
    """The jobs table."""
    return Jobs(repository.engine)


@pytest.fixture
def config(
    settings: Settings,
    repository: Repository,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ExecutionConfig]:
    """What a Dask worker knows of a server whose catalogue has two times, and to which a package adds a process."""
    monkeypatch.syspath_prepend(staged_maps.publish(tmp_path_factory.mktemp("package")))
    registry.forget()
    steps = {"2020-01-01": coded(GRID), "2020-01-02": coded(GRID) + 1}
    repository.publish(publication(settings.store_dir, "codes", dict(steps), GRID))
    yield registry.execution_config(settings)
    running.jobs_of(settings.database.url.get_secret_value()).engine.dispose()
    running.jobs_of.cache_clear()
    registry.forget()


def accept(jobs: Jobs, *, pause: float) -> str:
    document = {"inputs": {"collection": "codes", "pause": pause}}
    request = validation.check(document, registry.process("double").description)
    return jobs.create("double", request.encode(), most_alive=10)


def staged(config: ExecutionConfig) -> list[Path]:
    return sorted((config.settings.store_dir / STAGING).rglob("*.tif"))


def wait_until_one_is_staged(config: ExecutionConfig) -> None:
    end = time.monotonic() + 100
    while not staged(config):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_parts_write_maps_and_their_job_refers_to_them(jobs: Jobs, config: ExecutionConfig) -> None:
    job_id, store = accept(jobs, pause=0), config.settings.store_dir
    running.run_job(job_id, config)
    assert jobs.get(job_id).status == "successful", jobs.get(job_id).error
    maps = json.loads(jobs.result(job_id)[0])
    assert [store / each["href"] for each in maps] == staged(config)
    for number, each in enumerate(maps):
        content = (store / each["href"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (each["sha256"], each["size"])
        with rasterio.open(store / each["href"]) as file:
            assert np.array_equal(file.read(1), 2 * (coded(GRID) + number))
    assert list(sweep_staging(store, jobs, grace=NOW)) == []
    jobs.remove(job_id)
    assert [path for path, _ in sweep_staging(store, jobs, grace=NOW)] == [f"{STAGING}/{job_id}"]
    assert staged(config) == []


def test_a_dismissed_job_leaves_no_map(jobs: Jobs, config: ExecutionConfig) -> None:
    job_id = accept(jobs, pause=3600)
    worker = threading.Thread(target=running.run_job, args=(job_id, config))
    worker.start()
    wait_until_one_is_staged(config)
    jobs.dismiss(job_id)
    worker.join(10)
    assert not worker.is_alive()
    assert staged(config) == []


def test_the_maps_of_a_job_whose_worker_was_killed_are_swept(
    jobs: Jobs, config: ExecutionConfig, repository: Repository
) -> None:
    job_id, store = accept(jobs, pause=3600), config.settings.store_dir
    worker = multiprocessing.get_context("spawn").Process(target=running.run_job, args=(job_id, config))
    worker.start()
    wait_until_one_is_staged(config)
    worker.kill()
    worker.join()
    assert list(sweep_staging(store, jobs, grace=NOW)) == []  # it may still run: nobody has missed its heartbeat
    jobs.sweep(stale=NOW, keep=timedelta(days=1))
    (orphan,) = collect(repository, store, grace=timedelta(days=7))
    assert isinstance(orphan, Removal)
    assert (orphan.kind, orphan.path, orphan.size > 0) == ("staged", f"{STAGING}/{job_id}", True)
    assert staged(config) == []


def test_maps_of_an_unknown_job_stay_for_the_grace_period(jobs: Jobs, store: Path) -> None:
    StagingArea(store, "another-server", "0").write("a.tif", lambda path: path.write_bytes(b"a"))
    assert list(sweep_staging(store, jobs, grace=timedelta(days=1))) == []
    assert list(sweep_staging(store, jobs, grace=NOW, rehearse=True)) == [(f"{STAGING}/another-server", 1)]
    assert list(sweep_staging(store, jobs, grace=NOW)) == [(f"{STAGING}/another-server", 1)]
    assert not any((store / STAGING).iterdir())


def test_a_map_whose_writer_fails_is_removed(store: Path) -> None:
    area = StagingArea(store, "job", "0")

    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        area.write("a.tif", fail)
    assert not list(store.rglob("a.tif"))


@pytest.mark.parametrize("name", ["", "..", "a/b.tif", "/etc/passwd"])
def test_a_map_has_a_plain_name(store: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="plain file name"):
        StagingArea(store, "job", "0").write(name, lambda path: path.touch())


def test_a_second_attempt_at_a_part_replaces_the_files_of_the_first(store: Path) -> None:
    """The worker of the first was killed after it had written; the part is executed anew elsewhere."""
    first = StagingArea(store, "job", "0").write("a.tif", lambda path: path.write_bytes(b"first"))
    area = StagingArea(store, "job", "0")
    second = area.write("a.tif", lambda path: path.write_bytes(b"second"))
    assert (second.href, (store / first.href).read_bytes()) == (first.href, b"second")
    with pytest.raises(InvalidInput, match="already"):
        area.write("a.tif", lambda path: path.touch())
    assert [path.name for path in (store / first.href).parent.iterdir()] == ["a.tif"]


def test_what_attempts_have_left_whose_workers_died_does_not_stay_with_the_files(store: Path) -> None:
    area = StagingArea(store, "job", "0")
    file = area.write("map.tif", lambda path: path.write_bytes(b"whole"))
    for name in (".attempt-abc", ".scratch-abc"):
        folder = store / STAGING / "job" / "0" / name
        folder.mkdir()
        (folder / "map.tif").write_bytes(b"half")
    tidy(store, "job")
    assert [path for path in (store / STAGING).rglob("*") if path.is_file()] == [store / file.href]
