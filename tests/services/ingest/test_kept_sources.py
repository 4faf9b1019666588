"""Original files that a dataset keeps: stored once each, served beside the converted ones, and removed with them."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from config.declarations.datasets import parse_declaration
from config.errors import InvalidParameter
from config.settings import DatabaseSettings, Settings
from services.ingest.pipeline import ingest
from services.ingest.store.garbage import collect
from services.ingest.store.source_files import source_name
from services.ingest.store.verify import verify
from tests.services.ingest.test_levels_and_images import LEVELS, profile
from tests.support.catalogues import client_of
from tests.support.sources import write_levels

if TYPE_CHECKING:
    from records.datasets.repository import Repository
    from services.ingest.models import IngestReport

pytestmark = pytest.mark.usefixtures("shared_worker")


def run(repository: Repository, store: Path, *paths: Path, **said: Any) -> IngestReport:
    declaration = parse_declaration({"id": "d", "keep_source": True} | said, name="test")
    return ingest(list(paths), declaration, repository=repository, store=store, workers=1, replace=True)


@pytest.fixture
def source(repository: Repository, store: Path, tmp_path: Path) -> Path:
    """A file of two times and three levels, which the dataset `d` keeps."""
    path = write_levels(tmp_path / "era5 2000.nc", profile(), LEVELS)
    assert not run(repository, store, path).refused
    return path


def test_a_file_of_many_granules_is_kept_once(repository: Repository, store: Path, source: Path) -> None:
    kept = {granule.source.href: granule.source for granule in repository.granules("d") if granule.source}
    (asset,) = kept.values()
    assert asset.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert asset.href == f"d/source-files/era5_2000-{asset.sha256[:12]}.nc"
    assert asset.media_type == "application/netcdf"
    assert (store / asset.href).read_bytes() == source.read_bytes()
    assert [check.fault for check in verify(repository, store, "d")] == [""] * 7


def test_it_is_served_by_ranges_and_listed_everywhere(
    repository: Repository, store: Path, source: Path, database_url: str
) -> None:
    database = DatabaseSettings(url=SecretStr(database_url))
    with client_of(Settings(data_dir=store, store=str(store), database=database)) as client:
        (url,) = client.get("/collections/d/files.txt?role=source").text.split()
        path = "/" + url.split("/", 3)[3]
        answer = client.get(path, headers={"Range": "bytes=0-3"})
        assert (answer.status_code, answer.content) == (206, source.read_bytes()[:4])
        assert client.get(path).content == source.read_bytes()
        assert len(client.get("/collections/d/files.txt").text.split()) == 6
        item = client.get("/stac/collections/d/items?limit=1").json()["features"][0]
        assert item["assets"]["source"]["roles"] == ["source"]
        assert item["assets"]["source"]["href"] == url
        granule = client.get("/collections/d/granules?f=json&limit=1").json()["granules"][0]
        assert granule["assets"]["source"]["file:size"] == source.stat().st_size
        links = client.get("/collections/d").json()["links"]
        assert url in [each["href"] for each in links if each["rel"] == "enclosure"]
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        assert client.get("/collections/d/files.sha256?role=source").text == f"{digest}  {path.rsplit('/', 1)[1]}\n"
        assert client.get("/collections/d/files.txt?role=other").status_code == 400


def test_access_to_it_is_that_of_the_data(repository: Repository, store: Path, source: Path, database_url: str) -> None:
    (path,) = {granule.source.href for granule in repository.granules("d") if granule.source}
    run(repository, store, source, access={"policy": "login"})
    database = DatabaseSettings(url=SecretStr(database_url))
    with client_of(Settings(data_dir=store, store=str(store), database=database)) as client:
        assert client.get(f"/assets/{path}").status_code in (401, 403)


def test_it_goes_with_its_granules(repository: Repository, store: Path, source: Path, tmp_path: Path) -> None:
    (before,) = {granule.source.href for granule in repository.granules("d") if granule.source}
    other = write_levels(tmp_path / "b.nc", profile() + 1, LEVELS)
    run(repository, store, other)
    assert (store / before).is_file()
    removed = [each.path for each in collect(repository, store, grace=timedelta(seconds=-1)) if hasattr(each, "path")]
    assert before in removed
    assert not (store / before).exists()
    assert [check.fault for check in verify(repository, store, "d")] == [""] * 7


def test_files_in_place_are_the_originals(repository: Repository, store: Path, tmp_path: Path) -> None:
    declaration = parse_declaration({"id": "d", "keep_source": True}, name="test")
    with pytest.raises(InvalidParameter, match="originals"):
        ingest([], declaration, repository=repository, store=store, profile="in-place", roots=(tmp_path,))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("gfs.t00z.pgrb2.0p25.f003", "gfs.t00z.pgrb2.0p25-0123456789ab.f003"),
        ("a.grib2.gz", "a-0123456789ab.grib2.gz"),
        ("海温 1.nc", "_1-0123456789ab.nc"),
        (".nc", ".nc-0123456789ab"),
        ("plain", "plain-0123456789ab"),
    ],
)
def test_names_say_checksum_and_suffix(name: str, kept: str) -> None:
    assert source_name(name, "0123456789abcdef") == kept
