"""A folder of files beside the demo: what becomes a dataset, and what is refused by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr

from config.declarations.datasets import DatasetDeclaration
from config.errors import InvalidDeclaration, InvalidParameter
from config.settings import DatabaseSettings, Settings
from records.datasets.repository import Repository
from services.demo.fill import fill
from services.demo.folder import SourceFolder, read_folder
from services.ingest.models import IngestReport, Progress, silent
from services.ingest.pipeline import ingest
from tests.support.database import Server
from tests.support.sources import cells, write_geotiff


def folder_with(folder: Path, files: dict[str, str]) -> SourceFolder:
    for name, text in files.items():
        (folder / name).write_text(text)
    return read_folder(folder, taken={"altitude"})


def ids(found: SourceFolder) -> dict[str, str | None]:
    return {d.paths[0].name: d.declaration.id for d in found.datasets}


def reasons(found: SourceFolder) -> dict[str, str]:
    return {o.path.name: o.reason for report in found.refused for o in report.outcomes}


def test_every_source_becomes_a_dataset_with_a_slug_or_the_declared_id(tmp_path: Path) -> None:
    files = {"Sea Surface.v2.nc": "", "b.tif": "", "b.yaml": "{id: declared}", "notes.txt": "", "c.yaml": ""}
    found = folder_with(tmp_path, files)
    assert ids(found) == {"Sea Surface.v2.nc": "sea-surface-v2", "b.tif": "declared"}
    assert [path.name for path in found.ignored] == ["c.yaml", "notes.txt"]


def test_files_that_would_share_an_id_are_refused_by_name(tmp_path: Path) -> None:
    found = folder_with(tmp_path, {"a b.tif": "", "a-b.tif": "", "Altitude.tif": "", "c.tif": ""})
    assert ids(found) == {"c.tif": "c"}
    assert "its id a-b is also that of a-b.tif" in reasons(found)["a b.tif"]
    assert "its id a-b is also that of a b.tif" in reasons(found)["a-b.tif"]
    assert "its id altitude is also that of a demo dataset" in reasons(found)["Altitude.tif"]


@pytest.mark.parametrize(
    ("name", "declared", "reason"),
    [
        ("海温.nc", None, "makes no dataset id"),
        ("records.tif", None, "makes no dataset id"),
        ("a.tif", "{id: records}", "records is reserved"),
        ("a.tif", "id: [", "line 1"),
    ],
)
def test_a_bad_name_or_declaration_refuses_that_file_alone(
    tmp_path: Path, name: str, declared: str | None, reason: str
) -> None:
    files = {name: "", "good.tif": ""} | ({"a.yaml": declared} if declared else {})
    found = folder_with(tmp_path, files)
    assert ids(found) == {"good.tif": "good"}
    assert reason in reasons(found)[name]


def test_a_folder_without_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match="no file in it"):
        read_folder(tmp_path)


def test_ingest_itself_refuses_a_reserved_id_that_nobody_validated(
    repository: Repository, store: Path, tmp_path: Path
) -> None:
    path = write_geotiff(tmp_path / "a.tif", cells())
    unchecked = DatasetDeclaration().model_copy(update={"id": "records"})
    with pytest.raises(InvalidDeclaration, match="reserved"):
        ingest([path], unchecked, repository=repository, store=store)


@pytest.fixture
def filled(server: Server, ingested_demo: Settings) -> Iterator[Settings]:
    """Settings for a catalogue of the test's own with the demo datasets."""
    with server.database(like=ingested_demo.database.url.get_secret_value()) as url:
        yield ingested_demo.model_copy(update={"database": DatabaseSettings(url=SecretStr(url))})


def test_the_good_files_are_published_and_the_bad_ones_reported(
    filled: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("海温.tif", "good.tif", "late.tif"):
        write_geotiff(folder / name, cells())
    (folder / "late.yaml").write_text("time: {labels: [yesterday]}")
    (folder / "readme.txt").write_text("")
    before = psutil.Process().children(recursive=True)
    reports: list[IngestReport] = []
    url = filled.database.url.get_secret_value()
    found = fill(filled, url, folder, say=reports.append, listener=silent)
    said = {o.path.name: o.status.value for report in reports for o in report.outcomes}
    assert {n: said[n] for n in ("海温.tif", "good.tif", "late.tif")} == {
        "海温.tif": "refused", "good.tif": "published", "late.tif": "refused"
    }  # fmt: skip
    assert "good" in found
    assert "records" not in found
    assert psutil.Process().children(recursive=True) == before
    assert "readme.txt" in capfd.readouterr().err


def test_a_stopped_filling_leaves_no_process(settings: Settings) -> None:
    before = set(psutil.Process().children(recursive=True))

    def interrupt(_progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill(settings, settings.database.url.get_secret_value(), None, say=lambda _: None, listener=interrupt)
    assert set(psutil.Process().children(recursive=True)) == before
    assert [p for p in (settings.store_dir / ".tmp").rglob("*") if p.is_file()] == []
