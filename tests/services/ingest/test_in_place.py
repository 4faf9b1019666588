"""Files that stay where they lie: served as they are, never written to, and never served once they have changed."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from pydantic import SecretStr
from rasterio.enums import Resampling

from cog.cells.codec import Codec
from cog.reading.integrity import files_elsewhere, require_intact
from cog.reading.opener import open_raster
from cog.series.cogs import Cells, read_points
from config.declarations.datasets import parse_declaration
from config.errors import DamagedAsset, InvalidParameter, UnsafeSetting
from config.settings import DatabaseSettings, Settings, load
from services.ingest.pipeline import ingest
from services.ingest.store.damage import set_aside
from services.ingest.store.garbage import collect
from services.ingest.store.repair import repair
from services.ingest.store.verify import verify
from tests.support.catalogues import client_of
from tests.support.sources import cells, write_geotiff, write_netcdf

if TYPE_CHECKING:
    from records.datasets.models import Granule
    from records.datasets.repository import Repository
    from services.ingest.models import IngestReport

pytestmark = pytest.mark.usefixtures("shared_worker")

PLACE = rasterio.Affine(0.1, 0, 10, 0, -0.1, 50)
TILED = {"tiled": True, "blockxsize": 128, "blockysize": 64, "compress": "lzw", "predictor": 2, "transform": PLACE}
SAID = {"id": "sst", "variables": [{"id": "sst", "unit": "K"}], "time": {"pattern": r"_(?P<year>\d{4})(?P<month>\d\d)"}}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    return folder


def month(archive: Path, label: str = "200605", value: int = 0, **options: Any) -> Path:
    path = write_geotiff(
        archive / f"sst_{label}.tif", cells(200, 300, dtype="int16") + np.int16(value), **TILED | options
    )
    with rasterio.open(path, "r+") as file:
        file.build_overviews([2, 4], Resampling.nearest)
    return path


def run(repository: Repository, store: Path, *paths: Path, roots: tuple[Path, ...], **options: Any) -> IngestReport:
    declaration = parse_declaration(SAID, name="test")
    return ingest(
        paths, declaration, repository=repository, store=store, profile="in-place", roots=roots, workers=1, **options
    )


def told(report: IngestReport) -> list[str]:
    return [f"{outcome.status}: {outcome.reason}" for outcome in report.outcomes]


def granule(repository: Repository) -> Granule:
    (one,) = repository.granules("sst")
    return one


def touch(path: Path, seconds: int = 1) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + seconds * 10**9))


def test_a_tiled_file_is_catalogued_where_it_lies_and_not_written_to(
    repository: Repository, store: Path, archive: Path
) -> None:
    path = month(archive)
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert told(run(repository, store, path, roots=(archive,))) == ["published: "]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [p.name for p in archive.iterdir()] == [path.name]
    one = granule(repository)
    link = store / one.asset.href
    assert link.is_symlink()
    assert link.resolve() == path
    assert (one.asset.size, one.provenance["parameters"]["profile"]) == (len(before[0]), "in-place")
    assert not [p for p in store.rglob("*.tif") if not p.is_symlink()]
    statistics = repository.dataset("sst").variables[0].statistics
    assert statistics is not None
    assert (statistics.minimum, statistics.maximum) == (0, 1990 + 299)
    assert not [check.fault for check in verify(repository, store, "sst") if check.fault]
    assert told(run(repository, store, path, roots=(archive,))) == ["unchanged: "]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"tiled": False, "blockxsize": None, "blockysize": 8}, "published"),
        ({"compress": "deflate", "predictor": 1, "blockxsize": 16, "blockysize": 16}, "published"),
        ({"compress": "packbits", "predictor": None, "interleave": "band"}, "published"),
        ({"transform": rasterio.Affine(0.1, 0, 10, 0, 0.1, 10)}, "refused"),
        ({"transform": rasterio.Affine(0.1, 0, 190, 0, -0.1, 50)}, "refused"),
    ],
)
def test_what_would_have_to_be_turned_is_refused_and_any_packing_taken(
    repository: Repository, store: Path, archive: Path, options: dict[str, Any], why: str
) -> None:
    report = run(
        repository, store, month(archive, **{k: v for k, v in options.items() if v is not None}), roots=(archive,)
    )
    assert report.outcomes[0].status == why
    assert why == "published" or "leave --in-place out" in report.outcomes[0].reason


def test_large_strips_masks_and_further_missing_values_are_refused(
    repository: Repository, store: Path, archive: Path
) -> None:
    strips = write_geotiff(archive / "sst_200601.tif", cells(1100, 1100), transform=PLACE, blockysize=1, tiled=False)
    (text,) = told(run(repository, store, strips, roots=(archive,)))
    assert "strips of 1 rows" in text
    declared = parse_declaration(SAID | {"variables": [{"id": "sst", "valid_range": [0, 100]}]}, name="test")
    path = month(archive, nodata=-1)
    report = ingest(
        [path], declared, repository=repository, store=store, profile="in-place", roots=(archive,), workers=1
    )
    assert "read otherwise than they are stored" in report.outcomes[0].reason
    netcdf = write_netcdf(archive / "sst_200602.nc", cells(), np.arange(6.0), np.arange(8.0))
    (text,) = told(run(repository, store, netcdf, roots=(archive,)))
    assert text.startswith("refused: ")


def test_averages_of_classes_are_refused(repository: Repository, store: Path, archive: Path) -> None:
    path = write_geotiff(archive / "sst_200605.tif", cells(200, 300, dtype="uint8") % 2 * 8, **TILED)
    with rasterio.open(path, "r+") as file:
        file.build_overviews([2], Resampling.average)
    said = SAID | {"variables": [{"id": "sst", "kind": "categorical"}]}
    report = ingest(
        [path],
        parse_declaration(said, name="test"),
        repository=repository,
        store=store,
        profile="in-place",
        roots=(archive,),
        workers=1,
    )
    assert "its overviews hold the class 4, which no cell has" in report.outcomes[0].reason


def test_a_file_without_overviews_is_said_to_be_slow(repository: Repository, store: Path, archive: Path) -> None:
    path = write_geotiff(archive / "sst_200605.tif", cells(60, 2100), **TILED | {"predictor": 3})
    (text,) = told(run(repository, store, path, roots=(archive,)))
    assert "Not at full speed: its coarsest overview is 1:1, and pictures of all of it read 2100 cells a side." in text


def test_only_files_below_a_root_are_catalogued(
    repository: Repository, store: Path, archive: Path, tmp_path: Path
) -> None:
    path = month(tmp_path)
    with pytest.raises(InvalidParameter, match="GRATICULE_INGEST_ROOTS"):
        run(repository, store, path, roots=())
    assert "below none of" in told(run(repository, store, path, roots=(archive,)))[0]
    leading_out = archive / path.name
    leading_out.symlink_to(path)
    assert "below none of" in told(run(repository, store, leading_out, roots=(archive,)))[0]


def test_a_changed_or_vanished_file_is_never_read(repository: Repository, store: Path, archive: Path) -> None:
    path = month(archive)
    run(repository, store, path, roots=(archive,))
    link = str(store / granule(repository).asset.href)
    with open_raster(link, "v1") as raster:
        assert raster.full.read(1)[1, 2] == 12
    points = Cells(rows=np.array([1]), columns=np.array([2]))
    variable = repository.dataset("sst").variables[0]
    touch(path)
    with pytest.raises(DamagedAsset, match="has changed since it was catalogued"), open_raster(link, "v1"):
        pass
    with pytest.raises(DamagedAsset, match="has changed"):
        read_points([link] * 65, points, Codec(dtype=variable.dtype, nodata=variable.nodata))
    assert [c.fault for c in verify(repository, store, "sst")] == ["has changed since it was catalogued"]
    assert told(run(repository, store, path, roots=(archive,))) == ["replaced: "]
    link = str(store / granule(repository).asset.href)
    with open_raster(link, "v2") as raster:
        assert raster.full.read(1)[1, 2] == 12
    path.unlink()
    with pytest.raises(DamagedAsset, match="cannot be read"), open_raster(link, "v2"):
        pass
    assert [c.fault for c in verify(repository, store, "sst")] == ["leads to a file that is gone"]


def test_a_file_that_changes_while_it_is_read_is_not_answered_from(
    repository: Repository, store: Path, archive: Path
) -> None:
    path = month(archive)
    run(repository, store, path, roots=(archive,))
    link = str(store / granule(repository).asset.href)

    def read() -> None:
        with open_raster(link, "v1") as raster:
            raster.full.read(1)
            touch(path)

    with pytest.raises(DamagedAsset, match="has changed"):
        read()


def test_a_file_of_the_same_size_and_time_is_known_by_its_checksum(
    repository: Repository, store: Path, archive: Path
) -> None:
    path = month(archive)
    run(repository, store, path, roots=(archive,))
    one, status = granule(repository), path.stat()
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(DamagedAsset, match="does not hold"):
        require_intact(str(store / one.asset.href))
    assert set_aside(store, one.asset) is not None
    assert path.read_bytes() == bytes(content)
    assert not (store / one.asset.href).is_symlink()


def test_a_disk_that_is_away_keeps_its_links(repository: Repository, store: Path, archive: Path) -> None:
    run(repository, store, month(archive), roots=(archive,))
    one = granule(repository)
    archive.rename(archive.with_name("away"))
    assert set_aside(store, one.asset) == "leads to a file that is gone"
    archive.with_name("away").rename(archive)
    require_intact(str(store / one.asset.href))


def test_collecting_removes_links_and_never_what_they_lead_to(
    repository: Repository, store: Path, archive: Path
) -> None:
    path = month(archive)
    run(repository, store, path, roots=(archive,))
    link = store / granule(repository).asset.href
    stray = link.with_name(f"2001-01@1f.2a-{'0' * 12}.tif")
    stray.symlink_to(archive / "nowhere.tif")
    os.utime(stray, (0, 0), follow_symlinks=False)
    content = path.read_bytes()
    repository.remove("sst")
    removed = list(collect(repository, store, grace=timedelta(seconds=-1)))
    assert {(r.kind, r.size > 1000) for r in removed if hasattr(r, "kind")} == {("unused", False), ("stray", False)}
    assert not link.is_symlink()
    assert path.read_bytes() == content


def test_repairing_catalogues_a_changed_file_again(repository: Repository, store: Path, archive: Path) -> None:
    path = month(archive)
    run(repository, store, path, roots=(archive,))
    month(archive, value=1)
    (outcome,) = repair(repository, store, "sst", roots=(archive,))
    assert outcome.fault == "has changed since it was catalogued"
    with rasterio.open(store / granule(repository).asset.href) as file:
        assert file.read(1)[0, 0] == 1
    assert path.is_file()


def test_tiles_values_and_files_are_those_of_a_conversion_and_503_after_a_change(
    repository: Repository, database_url: str, store: Path, archive: Path
) -> None:
    path = month(archive)
    run(repository, store, path, roots=(archive,))
    copy = archive / "copy_200605.tif"
    shutil.copy(path, copy)
    converted = parse_declaration(SAID | {"id": "copy"}, name="test")
    ingest([copy], converted, repository=repository, store=store, workers=1)
    settings = Settings(data_dir=store, store=str(store), database=DatabaseSettings(url=SecretStr(database_url)))
    with client_of(settings) as client:
        for format_ in ("npy", "png"):
            urls = [f"/xyz/{id_}/sst/default/2006-05/7/68/46.{format_}" for id_ in ("sst", "copy")]
            mine, other = map(client.get, urls)
            assert (mine.status_code, len(mine.content) > 500) == (200, True)
            assert mine.content == other.content
        href = granule(repository).asset.href
        answer = client.get(f"/assets/{href}")
        assert (answer.status_code, answer.content) == (200, path.read_bytes())
        touch(path)
        for url in ("/xyz/sst/sst/default/2006-05/3/4/2.png", f"/assets/{href}"):
            answer = client.get(url)
            assert (answer.status_code, Path(href).name in answer.text) == (503, True)
            assert str(archive) not in answer.text


def test_links_are_known_by_their_names() -> None:
    link = f"/store/sst/sst/2006-05@1f.2a-{'0' * 12}.tif"
    assert files_elsewhere(link) == (link,)
    assert files_elsewhere(f"<VRT><a>{link}</a><b>{link}</b></VRT>") == (link,)
    assert files_elsewhere(f"/store/sst/sst/2006-05-{'0' * 12}.tif") == ()


def test_roots_are_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRATICULE_INGEST_ROOTS", '["/"]')
    with pytest.raises(UnsafeSetting, match="absolute path"):
        load()
