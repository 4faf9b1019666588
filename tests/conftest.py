"""Fixtures every test may use: a database of its own, an empty store, the application over both, a Dask cluster."""

from __future__ import annotations

import gc
import os
import signal
from typing import TYPE_CHECKING

import hypothesis
import pytest
from pydantic import SecretStr
from xdist.scheduler import LoadFileScheduling

from config.settings import PREFIX, DaskSettings, DatabaseSettings, JobsSettings, LimitSettings, Settings
from records.datasets.repository import Repository
from services.serving.cluster import local_cluster
from services.serving.credentials import temporary
from tests.support import network
from tests.support.catalogues import client_of, reading
from tests.support.database import ReusableDatabase, Server, external_url, private_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient
    from sqlalchemy import Engine

for _name in [name for name in os.environ if name.startswith(PREFIX) and not name.startswith(PREFIX + "TEST_")]:
    del os.environ[_name]  # a developer's own settings must not reach the tests


def pytest_configure() -> None:
    """Let SIGTERM end a run as Ctrl-C does, so that the fixtures stop what they started.

    A run that a shell started in its background ignores SIGINT, and so would each command that a test interrupts.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the Dask cluster, and queue the long files first: what waits for servers, then the fuzzing."""
    for item in items:
        if "dask" in getattr(item, "fixturenames", ()):
            item.add_marker("served")
    items.sort(key=lambda item: (not item.get_closest_marker("served"), not item.get_closest_marker("fuzzed")))


def pytest_collection_finish() -> None:
    """Keep the garbage collector from walking through seven thousand tests and their modules again and again."""
    gc.collect()
    gc.freeze()


FAMILIES = (
    ("tests/services/served/",),
    ("tests/services/demo/", "tests/services/processes/test_zonal_real", "tests/services/test_docs"),
    ("tests/services/apis/processes/", "tests/services/processes/test_zonal_jobs", "tests/services/compute/test_stag"),
)
"""Beginnings of the names of files that share a server, the demo datasets, or a Dask cluster: one process has them."""


class _ByFamily(LoadFileScheduling):
    """Hands out files as `--dist=loadfile` does, and the files of a family together."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return next((family[0] for family in FAMILIES if file.startswith(family)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> _ByFamily | None:
    """Keep families together where files are."""
    return _ByFamily(config, log) if config.getvalue("dist") == "loadfile" else None


# The suite tries the same examples each time; `--hypothesis-profile=default` tries new ones.
hypothesis.settings.register_profile("repeatable", derandomize=True)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(scope="session", autouse=True)
def _local_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        network.block(monkeypatch)
        yield


@pytest.fixture(autouse=True)
def _same_environment() -> Iterator[None]:
    """Each test finds the environment that the first one found, whatever the order of other fixtures' ends."""
    before = os.environ.copy()
    yield
    if os.environ != before:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="session")
def admin_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A superuser's URL: of the server the environment names, else of a cluster of this run's own."""
    named = external_url()
    if named:
        yield named
        return
    with private_cluster(tmp_path_factory.mktemp("cluster"), DatabaseSettings()) as url:
        yield url


@pytest.fixture(scope="session")
def server(admin_url: str) -> Iterator[Server]:
    """A PostgreSQL server with a migrated template."""
    found = Server(admin_url)
    found.make_template()
    yield found
    found.drop_template()


@pytest.fixture(scope="session")
def reusable_database(server: Server) -> Iterator[ReusableDatabase]:
    """The database that the tests of this process use one after the other."""
    with server.database() as url:
        database = ReusableDatabase(url)
        yield database
        database.close()


@pytest.fixture
def database_url(reusable_database: ReusableDatabase) -> str:
    """The URL of an empty, migrated database, which later tests use again."""
    reusable_database.empty()
    return reusable_database.url


@pytest.fixture
def cloned_database_url(server: Server) -> Iterator[str]:
    """The URL of a migrated database of the test's own, whose schema it may change."""
    with server.database() as url:
        yield url


@pytest.fixture
def engine(reusable_database: ReusableDatabase, database_url: str) -> Engine:
    """An engine of the empty catalogue, whose connections later tests use again."""
    assert reusable_database.url == database_url
    return reusable_database.engine


@pytest.fixture
def repository(engine: Engine) -> Repository:
    """The empty catalogue."""
    return Repository(engine)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The empty store."""
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(database_url: str, tmp_path: Path, store: Path) -> Settings:
    """Settings of an application over the fresh database and the empty store."""
    return Settings(data_dir=tmp_path, store=str(store), database=DatabaseSettings(url=database_url))


@pytest.fixture(scope="session")
def empty_client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over an empty catalogue, which refuses to be written."""
    with reading(server, tmp_path_factory.mktemp("empty")) as client:
        yield client


@pytest.fixture
def own_client(settings: Settings) -> Iterator[TestClient]:
    """A client of an application of the test's own, which runs while the test does."""
    with client_of(settings) as client:
        yield client


@pytest.fixture
def client(request: pytest.FixtureRequest) -> TestClient:
    """A client of an application: the test's own if it uses the catalogue in other ways too, else `empty_client`."""
    is_own = "database_url" in request.fixturenames
    client: TestClient = request.getfixturevalue("own_client" if is_own else "empty_client")
    return client


@pytest.fixture(scope="session")
def dask() -> Iterator[DaskSettings]:
    """The settings by which a running Dask cluster is reached."""
    with (
        temporary(DaskSettings(workers=1, threads=2, memory_limit="1GiB")) as settings,
        local_cluster(settings) as cluster,
    ):
        yield settings.model_copy(update={"scheduler": cluster.scheduler_address})


@pytest.fixture(scope="session")
def processing(server: Server, dask: DaskSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application that executes processes; its jobs are those of all tests that use it."""
    with server.database() as url:
        settings = Settings(
            data_dir=tmp_path_factory.mktemp("data"),
            database=DatabaseSettings(url=SecretStr(url)),
            dask=dask,
            limit=LimitSettings(sync_seconds=10),
            jobs=JobsSettings(public=True),
        )

        with client_of(settings) as client:
            yield client
