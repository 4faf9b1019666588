"""The fault matrix: whatever goes wrong, the error is clear, the exit code right, and nothing published or lost."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasterio import Affine
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.declarations.datasets import DatasetDeclaration
from config.errors import DatabaseUnavailable, EnvironmentFault, SourceRefused
from records.database.engine import driver_url
from records.datasets.repository import Repository
from services.cli.main import exit_code, run
from services.ingest.models import Progress, Stage
from services.ingest.pipeline import ingest
from services.ingest.reading.source_digest import digest
from services.ingest.store.locking import ingest_lock
from services.ingest.store.verify import verify
from services.ingest.worker_template import worker_template
from services.ingest.workers import Workers
from tests.support.database import Server
from tests.support.paths import ROOT
from tests.support.sources import DATA, cells, write_geotiff, write_hdf5, write_netcdf

LAT, LON = np.arange(59.5, -0.5, -1), np.arange(10.5, 90.5)
CELLS = np.random.default_rng(1).random((60, 80)).astype("float32")


@pytest.fixture(autouse=True)
def _environment(database_url: str, tmp_path: Path) -> Iterator[None]:
    """Settings by environment variables, as a command gets them; all are as before afterwards."""
    before = os.environ.copy()
    os.environ |= {"GRATICULE_DATABASE_URL": database_url, "GRATICULE_DATA_DIR": str(tmp_path / "var")}
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def untouched(repository: Repository, tmp_path: Path, pool: Workers) -> Iterator[None]:
    """Another dataset, which is as before and whole after the test, and nothing beside it."""
    store = tmp_path / "var" / "store"
    path = write_geotiff(tmp_path / "kept.tif", cells())
    assert not ingest([path], DatasetDeclaration(), repository=repository, store=store, workers=pool).refused
    before = repr(repository.dataset("kept"))  # as text, for no NaN equals another
    yield
    assert repository.dataset_ids() == ["kept"]
    assert repr(repository.dataset("kept")) == before
    assert [found.fault for found in verify(repository, store, "kept")] == [""]
    assert [p.name for p in store.rglob("*.tif")] == [Path(g.asset.href).name for g in repository.granules("kept")]


def graticule(*arguments: object) -> int:
    """Run a command in this process; its exit code."""
    return run([str(a) for a in arguments])


def geotiff(path: Path) -> Path:
    return write_geotiff(path, CELLS)


def packed_geotiff(path: Path) -> Path:
    return write_geotiff(path, CELLS, tiled=True, blockxsize=16, blockysize=16, compress="DEFLATE")


def netcdf3(path: Path) -> Path:
    return write_netcdf(path, CELLS, LAT, LON, format="NETCDF3_CLASSIC")


def netcdf4(path: Path) -> Path:
    return write_netcdf(path, CELLS, LAT, LON)


def hdf5(path: Path) -> Path:
    return write_hdf5(path, CELLS, chunks=(20, 20))


def real(name: str) -> Callable[[Path], Path]:
    """A copy of a real file, where it is."""

    def copy(path: Path) -> Path:
        source = DATA / "raster" / name
        if not source.is_file():
            pytest.skip(f"without {source.name}, which is not part of the repository")
        return Path(shutil.copy(source, path))

    return copy


FORMATS = {
    "GeoTIFF": geotiff,
    "packed GeoTIFF": packed_geotiff,
    "NetCDF-3": netcdf3,
    "NetCDF-4": netcdf4,
    "HDF5": hdf5,
    "HDF4": real("land/MOD10A2.A2022033.h09v05.061.2022042050729.hdf"),
    "GRIB": real("formats/MRMS_MultiSensor_QPE_72H_Pass2_00.00_20220601-230000.grib2"),
}


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)
def test_truncated_files_are_refused(
    repository: Repository, tmp_path: Path, pool: Workers, write: Callable[[Path], Path]
) -> None:
    whole = write(tmp_path / "whole").read_bytes()
    for percent in (0, 1, 60, 95):
        path, store = tmp_path / f"cut-{percent}.dat", tmp_path / "var/store"
        path.write_bytes(whole[: len(whole) * percent // 100])
        report = ingest([path], DatasetDeclaration(), repository=repository, store=store, workers=pool)
        (outcome,) = report.outcomes
        assert outcome.status == "refused", percent
        assert "; " in outcome.reason, "a remedy follows the cause"


@pytest.mark.parametrize("name", ["a.tif", "a.grib", "a.txt", "a"])
def test_the_extension_does_not_matter(repository: Repository, tmp_path: Path, pool: Workers, name: str) -> None:
    path = netcdf3(tmp_path / name)
    assert not ingest(
        [path], DatasetDeclaration(), repository=repository, store=tmp_path, dataset_id="odd", workers=pool
    ).refused


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("content", [b"# words\n", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, b"\0" * 999])
def test_what_is_no_raster_is_refused_whatever_its_name(
    repository: Repository, tmp_path: Path, pool: Workers, content: bytes
) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    assert ingest([path], DatasetDeclaration(), repository=repository, store=tmp_path, workers=pool).refused


@pytest.mark.usefixtures("untouched")
def test_a_pipe_is_refused_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "a.tif")
    assert graticule("ingest", tmp_path / "a.tif") == 1
    assert "is a pipe" in capsys.readouterr().out


@pytest.mark.usefixtures("untouched")
def test_a_device_is_refused_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert graticule("ingest", "/dev/zero", "--id", "zero") == 1
    assert "is a device" in capsys.readouterr().out


FAULTS = {
    "abort": ("import os; os.abort()", "crashed (SIGABRT)"),
    "hang": ("import time; time.sleep(3600)", "no progress was made on it for 2 seconds"),
    "memory": ("import numpy; numpy.ones(2**31, 'u1')", "takes more than the 700 MiB"),
}


@contextmanager
def broken_reader(folder: Path, fault: str) -> Iterator[None]:
    """Workers in which GDAL's reader does something terrible to files that are called `bad`."""
    source = f"""\
    import sys
    if "services.compute.children.template" in sys.orig_argv:
        from cog.sources.raster.raster import RasterFileSource
        read = RasterFileSource.read
        def terrible(self, *arguments, **options):
            if "bad" in self.description.path:
                {fault}
            return read(self, *arguments, **options)
        RasterFileSource.read = terrible
    """
    (folder / "sitecustomize.py").write_text(textwrap.dedent(source))
    repository = str(ROOT)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), repository])
    os.environ |= {"GRATICULE_INGEST_STALL_S": "2", "GRATICULE_INGEST_MEMORY_MB": "700"}
    workers = worker_template()
    workers.close()  # the next ones read well-behaved files from a process that has started before
    yield
    workers.close()


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_breaks_its_reader_is_refused(
    tmp_path: Path, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    statement, cause = FAULTS[fault]
    bad = geotiff(tmp_path / "bad.tif")
    with broken_reader(tmp_path, statement):
        assert graticule("ingest", bad) == 1
    status, path, _, reason = capsys.readouterr().out.rstrip("\n").split("\t")
    assert (status, path) == ("refused", str(bad))
    assert cause in reason
    assert "; " in reason, "a remedy follows the cause"


def fault_at(stage: Stage, fault: Callable[[], None]) -> Callable[[Progress], None]:
    """A listener that does something at the first announcement of a stage."""
    done: list[Stage] = []

    def listener(progress: Progress) -> None:
        if progress.stage == stage and not done:
            done.append(stage)
            fault()

    return listener


@pytest.mark.parametrize("stage", ["inspecting", "converting", "publishing"])
def test_a_database_that_goes_away_ends_with_three_and_leaves_no_files(
    server: Server, cloned_database_url: str, tmp_path: Path, stage: Stage
) -> None:
    path, store = geotiff(tmp_path / "a.tif"), tmp_path / "store"
    repository = Repository(create_engine(driver_url(cloned_database_url), poolclass=NullPool))
    listener = fault_at(stage, lambda: server.drop(cloned_database_url))
    with pytest.raises(DatabaseUnavailable) as caught:
        ingest([path], DatasetDeclaration(), repository=repository, store=store, workers=1, listener=listener)
    assert exit_code(caught.value) == 3
    assert not [p for p in (store / ".tmp").rglob("*") if p.is_file()]


@contextmanager
def small_disk(place: Path, size_mb: int) -> Iterator[Path]:
    """A file system of so many MiB."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user cannot mount a small file system")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.usefixtures("untouched")
def test_a_disk_that_is_too_small_ends_with_three(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise, cell = np.random.default_rng(1).random((800, 800)).astype("float32"), Affine(0.01, 0, 10, 0, -0.01, 50)
    with small_disk(tmp_path / "disk", 1) as disk:
        os.environ["GRATICULE_STORE"] = str(disk)
        assert graticule("ingest", write_geotiff(tmp_path / "a.tif", noise, transform=cell)) == 3
        assert not [p for p in disk.rglob("*") if p.is_file()]
    assert str(disk) in capsys.readouterr().err


@pytest.mark.usefixtures("untouched")
def test_a_disk_that_fills_up_meanwhile_ends_with_three(repository: Repository, tmp_path: Path, pool: Workers) -> None:
    path = geotiff(tmp_path / "a.tif")
    with small_disk(tmp_path / "disk", 80) as disk:

        def fill() -> None:
            with (disk / "ballast").open("wb", buffering=0) as ballast:
                while shutil.disk_usage(disk).free:
                    ballast.write(b"x" * shutil.disk_usage(disk).free)

        listener = fault_at("converting", fill)
        with pytest.raises(EnvironmentFault, match="No space left") as caught:
            ingest([path], DatasetDeclaration(), repository=repository, store=disk, workers=pool, listener=listener)
        assert [p.name for p in disk.rglob("*") if p.is_file()] == ["ballast"]
    assert exit_code(caught.value) == 3


def ordinary_user() -> dict[str, Any]:
    """How a process is started as a user who may not do everything."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, with one that the ordinary user owns."""
    with tempfile.TemporaryDirectory(prefix="graticule-permissions-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "own").mkdir()
        if found := ordinary_user():
            os.chown(folder / "own", found["user"], found["group"])
        yield folder


def as_ordinary_user(folder: Path, *arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
    """`graticule` run by an ordinary user over a data directory, and a private cluster, of its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "own"),
        "GRATICULE_DATA_DIR": str(folder / "own/var"),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    } | settings
    words = [sys.executable, "-m", "services.cli", *map(str, arguments)]
    try:
        return subprocess.run(
            words, cwd=folder / "own", env=environment, capture_output=True, text=True, check=False, **ordinary_user()
        )
    except PermissionError:
        pytest.skip("an ordinary user cannot run this Python")


@contextmanager
def ordinary() -> Iterator[None]:
    """This process without the rights of a superuser."""
    before, found = os.geteuid(), ordinary_user()
    os.seteuid(found.get("user", before))
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_file_that_may_not_be_read_is_refused_with_its_reason(open_folder: Path) -> None:
    path = geotiff(open_folder / "secret.tif")
    path.chmod(0o000)
    with ordinary(), pytest.raises(SourceRefused, match="cannot be read: Permission denied; check the path"):
        digest(path)
    path.chmod(0o644)
    with ordinary():
        assert digest(path).size == path.stat().st_size


@pytest.mark.timeout(300)
def test_an_ordinary_user_is_told_what_may_not_be_read_or_written(open_folder: Path) -> None:
    secret, plain = geotiff(open_folder / "secret.tif"), geotiff(open_folder / "plain.tif")
    secret.chmod(0o000)
    plain.chmod(0o644)
    (open_folder / "store").mkdir(mode=0o555)
    refused = as_ordinary_user(open_folder, "ingest", secret)
    assert refused.returncode == 1, refused.stderr
    assert "cannot be read: Permission denied" in refused.stdout
    faulty = as_ordinary_user(open_folder, "ingest", plain, GRATICULE_STORE=str(open_folder / "store"))
    assert faulty.returncode == 3, faulty.stderr
    assert f"the store {open_folder / 'store'} cannot be written" in faulty.stderr
    assert "Traceback" not in refused.stderr + faulty.stderr


def test_of_two_ingests_at_once_the_second_waits_and_says_so(
    repository: Repository, database_url: str, tmp_path: Path
) -> None:
    path = geotiff(tmp_path / "a.tif")
    words = [sys.executable, "-m", "services.cli", "ingest", str(path)]
    with ExitStack() as held:
        held.enter_context(ingest_lock(repository.engine, "a", waiting=lambda: None))
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as second:
            assert second.stderr is not None
            assert any("waiting for another ingest of this dataset" in line for line in second.stderr)
            assert repository.dataset_ids() == []
            held.close()
            output, _ = second.communicate(timeout=60)
    assert second.returncode == 0
    assert output.startswith("published\t")


def test_two_ingests_at_once_publish_once(database_url: str, tmp_path: Path) -> None:
    path, statuses = geotiff(tmp_path / "a.tif"), []

    def once() -> None:
        engine = create_engine(driver_url(database_url), poolclass=NullPool)
        report = ingest(
            [path], DatasetDeclaration(), repository=Repository(engine), store=tmp_path / "store", workers=1
        )
        statuses.extend(str(outcome.status) for outcome in report.outcomes)
        engine.dispose()

    threads = [threading.Thread(target=once) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == ["published", "unchanged"]


def test_a_clock_that_jumps_does_no_harm(tmp_path: Path, repository: Repository) -> None:
    jumps = """\
    import itertools, time
    real, days = time.time, itertools.cycle([0, 400, -400])
    time.time = lambda: real() + next(days) * 86400
    """
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(jumps))
    repository_folder = str(ROOT)
    environment: dict[str, Any] = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(tmp_path), repository_folder]),
        "GRATICULE_INGEST_STALL_S": "30",
    }
    words = [sys.executable, "-m", "services.cli", "ingest", str(geotiff(tmp_path / "a.tif"))]
    assert subprocess.run(words, env=environment, check=False, capture_output=True).returncode == 0
    dataset = repository.dataset("a")
    assert abs(dataset.created - datetime.now(UTC)) < timedelta(minutes=5)
    assert [found.fault for found in verify(repository, tmp_path / "var" / "store", "a")] == [""]
