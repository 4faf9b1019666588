"""`graticule ingest` and `graticule datasets`, as commands."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import environment, graticule
from tests.support.sources import cells, write_geotiff


@pytest.fixture(autouse=True)
def _environment(database_url: str, tmp_path: Path, shared_worker: None) -> Iterator[None]:
    with environment(database_url, tmp_path / "var"):
        yield


def test_ingest_prints_a_line_a_source_and_ends_with_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_geotiff(tmp_path / "ice.tif", cells())
    assert graticule("ingest", path) == 0
    assert capsys.readouterr().out == f"published\t{path}\tice/ice\t\n"
    assert graticule("ingest", path) == 0
    assert capsys.readouterr().out == f"unchanged\t{path}\tice/ice\t\n"


def test_a_refused_source_ends_with_one_and_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ice.tif"
    path.write_bytes(b"PK\x03\x04")
    assert graticule("ingest", path) == 1
    status, _, target, reason = capsys.readouterr().out.rstrip("\n").split("\t")
    assert (status, target) == ("refused", "ice")
    assert "is a ZIP archive" in reason


@pytest.mark.parametrize("arguments", [[], ["--id", "A b", "x.tif"], ["--profile", "lzw", "x.tif"], ["--nonsense"]])
def test_wrong_usage_ends_with_two(arguments: list[str]) -> None:
    assert graticule("ingest", *arguments) == 2


def test_sources_can_stand_in_the_declaration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for label in ("200605", "200606"):
        write_geotiff(tmp_path / f"sst_{label}.tif", cells())
    declaration = tmp_path / "sst.yaml"
    declaration.write_text(
        "id: sst\nsources: ['*.tif']\nvariables: [{id: sst}]\ntime: {pattern: '_(?P<year>....)(?P<month>..)'}\n"
    )
    assert graticule("ingest", "--dataset", declaration, "--json") == 0
    outcomes = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(o["dataset"], o["variables"], o["times"]) for o in outcomes] == [
        ("sst", ["sst"], ["2006-05"]),
        ("sst", ["sst"], ["2006-06"]),
    ]


def test_datasets_are_listed_shown_verified_and_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graticule("ingest", write_geotiff(tmp_path / "ice.tif", cells()))
    capsys.readouterr()
    assert graticule("datasets", "list", "--json") == 0
    assert json.loads(capsys.readouterr().out)["id"] == "ice"
    assert graticule("datasets", "show", "ice", "--json") == 0
    assert json.loads(capsys.readouterr().out)["variables"][0]["dtype"] == "float32"
    assert graticule("datasets", "verify") == 0
    assert capsys.readouterr().out == "checked 1 files, 0 faulty\n"
    assert graticule("datasets", "remove", "ice") == 0
    assert graticule("datasets", "show", "ice") == 2


def test_verify_ends_with_one_when_a_file_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graticule("ingest", write_geotiff(tmp_path / "ice.tif", cells()))
    next((tmp_path / "var" / "store" / "ice").rglob("*.tif")).unlink()
    assert graticule("datasets", "verify", "ice") == 1
    assert "is missing from the store" in capsys.readouterr().out


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions mean nothing to root; test_ingest_faults runs as another")
def test_a_file_that_may_not_be_read_is_refused_with_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_geotiff(tmp_path / "ice.tif", cells())
    path.chmod(0)
    assert graticule("ingest", path) == 1
    assert "refused\t" in (out := capsys.readouterr().out)
    assert "cannot be read: Permission denied" in out


def test_an_empty_file_is_called_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ice.tif"
    path.touch()
    assert graticule("ingest", path) == 1
    assert "is empty" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--id", "records", "x.tif"], ["海温.tif"], ["a.tif", "b.tif"]])
def test_a_wrong_id_is_found_before_the_database_is_started(
    tmp_path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRATICULE_DATABASE_URL", f"postgresql://user@/graticule?host={tmp_path}")
    monkeypatch.chdir(tmp_path)
    for name in ("x.tif", "海温.tif", "a.tif", "b.tif"):
        (tmp_path / name).touch()
    assert graticule("ingest", "x.tif") == 3
    assert graticule("ingest", *arguments) == 2


def test_watch_takes_a_folder_once_and_prints_a_line_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, declaration = tmp_path / "in", tmp_path / "ice.yaml"
    folder.mkdir()
    declaration.write_text("id: ice\n")
    path = write_geotiff(folder / "ice.tif", cells())
    options = ["--dataset", declaration, "--once", "--settle", 0, "--poll", 0.1]
    assert graticule("watch", folder, *options) == 0
    assert capsys.readouterr().out == f"published\t{path}\tice/ice\t\n"
    assert graticule("watch", folder, *options, "--json") == 0
    assert capsys.readouterr().out == ""
    assert graticule("watch", tmp_path / "nowhere", *options) == 2
