"""Datasets of many files, as a data manager makes them: folders, patterns, parts, series, bad files, rehearsals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio

from records.datasets.repository import Repository
from tests.services.cli.conftest import Run
from tests.support.sources import cells, write_geotiff, write_netcdf

LAT, LON = np.arange(5.5, -0.5, -1), np.arange(10.5, 18.5)
SERIES = "id: sst\nvariables: [{id: sst, unit: K}]\ntime: {pattern: '_(?P<year>....)(?P<month>..)'}\n"


def statuses(out: str) -> list[str]:
    return [line.split("\t")[0] for line in out.splitlines()]


def months(folder: Path, *labels: str) -> None:
    for number, label in enumerate(labels):
        write_geotiff(folder / f"sst_{label}.tif", cells() + np.float32(number))


def declared(folder: Path, text: str) -> Path:
    path = folder / "declaration.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def sheet(folder: Path, name: str, west: float, value: int) -> Path:
    """A sheet of 6 x 8 cells of one degree, whose west edge lies there; all of one class."""
    transform = rasterio.Affine(1, 0, west, 0, -1, 50)
    return write_geotiff(folder / name, np.full((6, 8), value, "uint8"), transform=transform, nodata=255)


def test_a_folder_is_searched_for_sources_by_content(run: Run, data: Path, repository: Repository) -> None:
    months(data, "200605")
    (data / "deeper").mkdir()
    months(data / "deeper", "200606")
    (data / "deeper" / "sst_200606.tif").rename(data / "deeper" / "sst_200606.dat")
    (data / "readme.txt").write_text("about")
    (data / ".hidden.tif").write_bytes(b"x")
    code, out, err = run("ingest", data, "--dataset", declared(data.parent, SERIES))
    assert (code, statuses(out)) == (0, ["published", "published"])
    assert "ignored, for they are no sources" in err
    assert "readme.txt" in err
    assert [g.time for g in repository.granules("sst")] == ["2006-05", "2006-06"]


def test_a_pattern_means_the_files_that_it_matches(run: Run, data: Path) -> None:
    months(data, "200605", "200606", "200705")
    code, out, _ = run("ingest", data / "sst_2006*.tif", "--dataset", declared(data, SERIES))
    assert code == 0
    assert [line.split("\t")[2] for line in out.splitlines()] == ["sst/sst/2006-05", "sst/sst/2006-06"]


@pytest.mark.parametrize("word", ["nothing", "nothing*.tif"])
def test_a_folder_or_pattern_without_sources_is_told_before_the_database_starts(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    (data / "nothing").mkdir()
    monkeypatch.setenv("GRATICULE_DATABASE_URL", f"postgresql://user@/graticule?host={data}")
    assert run("ingest", data / word, "--id", "a")[0] == 2


def test_sheets_become_parts_whose_grids_differ(run: Run, data: Path, repository: Repository) -> None:
    sheet(data, "cover_a.tif", 10, 1)
    sheet(data, "cover_b.tif", 16, 2)  # overlaps the first by two columns
    sheet(data, "cover_c.tif", 24.5, 3)  # half a cell beside the others' lattice
    said = "id: cover\nvariables: [{id: cover, kind: categorical}]\nparts: {pattern: '_(?P<part>.)[.]'}\n"
    code, out, _ = run("ingest", data, "--dataset", declared(data.parent, said))
    assert code == 0
    assert [line.split("\t")[2] for line in out.splitlines()] == ["cover/cover/a", "cover/cover/b", "cover/cover/c"]
    found = {g.part: g for g in repository.granules("cover")}
    assert {part: g.grid.bounds[0] for part, g in found.items()} == {"a": 10, "b": 16, "c": 24.5}
    dataset = repository.dataset("cover")
    assert dataset.bbox == (10, 44, 33, 50)
    assert dataset.variables[0].grid.bounds == (10, 44, 33, 50)
    assert [c.value for c in dataset.variables[0].classes] == [1, 2, 3]


def test_a_further_sheet_extends_the_map(run: Run, data: Path, repository: Repository) -> None:
    said = declared(data.parent, "id: cover\nvariables: [{id: cover, kind: categorical}]\nparts: stem\n")
    run("ingest", sheet(data, "a.tif", 10, 1), "--dataset", said)
    code, out, _ = run("ingest", sheet(data, "b.tif", 2, 2), "--id", "cover")
    assert (code, statuses(out)) == (0, ["published"])
    assert repository.dataset("cover").variables[0].grid.bounds == (2, 44, 18, 50)
    _, out, _ = run("ingest", data, "--dataset", said)
    assert statuses(out) == ["unchanged", "unchanged"]


def test_sheets_of_another_crs_are_refused(run: Run, data: Path) -> None:
    sheet(data, "a.tif", 10, 1)
    write_geotiff(data / "b.tif", np.full((6, 8), 2, "uint8"), crs="EPSG:32650", nodata=255)
    code, out, _ = run("ingest", data, "--dataset", declared(data.parent, "id: cover\nvariables: [{}]\nparts: stem\n"))
    assert code == 1
    assert "has the CRS EPSG:32650, not OGC:CRS84" in out


def test_without_parts_sheets_are_refused_with_that_remedy(run: Run, data: Path) -> None:
    sheet(data, "a.tif", 10, 1)
    sheet(data, "b.tif", 18, 1)
    code, out, _ = run("ingest", data, "--dataset", declared(data.parent, "id: cover\nvariables: [{id: cover}]\n"))
    assert code == 1
    assert "declare `parts`" in out


def test_variables_may_be_spread_over_files(run: Run, data: Path, repository: Repository) -> None:
    for name in ("sst", "ice"):
        write_geotiff(data / f"{name}.tif", cells())
    code, out, _ = run("ingest", data, "--id", "ocean")
    assert (code, statuses(out)) == (0, ["published", "published"])
    assert [v.id for v in repository.dataset("ocean").variables] == ["ice", "sst"]


def test_a_series_may_have_gaps_and_is_filled_later(run: Run, data: Path, repository: Repository) -> None:
    months(data, "200605", "200608")
    said = declared(data.parent, SERIES)
    assert run("ingest", data, "--dataset", said)[0] == 0
    months(data, "200605", "200608", "200606")
    _, out, _ = run("ingest", data, "--dataset", said)
    assert statuses(out) == ["unchanged", "published", "unchanged"]
    assert [g.time for g in repository.granules("sst")] == ["2006-05", "2006-06", "2006-08"]


def test_skip_bad_publishes_the_rest_and_records_the_gap(run: Run, data: Path, repository: Repository) -> None:
    months(data, "200605", "200606", "200607")
    whole = (data / "sst_200606.tif").read_bytes()
    (data / "sst_200606.tif").write_bytes(whole[:200])
    said = declared(data.parent, SERIES)
    assert run("ingest", data, "--dataset", said)[0] == 1
    assert repository.dataset_ids() == []
    code, out, _ = run("ingest", data, "--dataset", said, "--skip-bad")
    assert (code, statuses(out)) == (1, ["published", "refused", "published"])
    assert "sst_200606.tif" in repository.record("sst")["properties"]["lineage"]["en"]
    assert str(data) not in json.dumps(repository.record("sst"))
    assert [Path(g.path).name for g in repository.origin("sst").gaps] == ["sst_200606.tif"]
    (data / "sst_200606.tif").write_bytes(whole)
    code, out, _ = run("ingest", data, "--dataset", said)
    assert (code, statuses(out)) == (0, ["unchanged", "published", "unchanged"])
    assert repository.origin("sst").gaps == ()
    assert "Left out" not in repository.record("sst")["properties"].get("lineage", {}).get("en", "")


def test_skip_bad_with_nothing_good_publishes_nothing(run: Run, data: Path, repository: Repository) -> None:
    (data / "a.tif").write_bytes(b"II*\x00")
    assert run("ingest", data, "--id", "a", "--skip-bad")[0] == 1
    assert repository.dataset_ids() == []


def test_skip_bad_leaves_out_a_file_that_does_not_fit_the_others(run: Run, data: Path, repository: Repository) -> None:
    months(data, "200605")
    write_geotiff(data / "sst_200606.tif", cells(7, 8))
    code, out, _ = run("ingest", data, "--dataset", declared(data.parent, SERIES), "--skip-bad")
    assert (code, statuses(out)) == (1, ["published", "refused"])
    assert [g.time for g in repository.granules("sst")] == ["2006-05"]


def test_each_makes_a_dataset_of_each_file(run: Run, data: Path, repository: Repository) -> None:
    for name in ("Ice Cover.tif", "wind.tif", "wind.dat", "海温.tif"):
        write_geotiff(data / name, cells())
    (data / "wind.yaml").write_text("variables: [{unit: m s-1}]\nrecord: {title: {en: Wind}}\n")
    (data / "wind.dat").rename(data / "ice-cover.dat")
    code, out, err = run("ingest", data, "--each")
    found = {Path(line.split("\t")[1]).name: line.split("\t") for line in out.splitlines()}
    assert code == 1
    assert {name: (row[0], row[2]) for name, row in found.items()} == {
        "海温.tif": ("refused", ""), "Ice Cover.tif": ("refused", ""),
        "ice-cover.dat": ("refused", ""), "wind.tif": ("published", "wind/wind"),
    }  # fmt: skip
    assert "its id ice-cover is also that of" in found["Ice Cover.tif"][3]
    assert "wind.yaml" not in err
    assert repository.dataset("wind").title == {"en": "Wind"}


@pytest.mark.parametrize("option", [["--id", "a"], ["--dataset", "declaration.yaml"]])
def test_each_takes_no_id(run: Run, data: Path, option: list[str]) -> None:
    declared(data, "id: a")
    months(data, "200605")
    words = [data / o if o.endswith("yaml") else o for o in option]
    assert run("ingest", data, "--each", *words)[0] == 2


def test_json_is_an_object_a_line(run: Run, data: Path) -> None:
    months(data, "200605", "200606")
    _, out, _ = run("ingest", data, "--dataset", declared(data.parent, SERIES), "--json")
    first, second = (json.loads(line) for line in out.splitlines())
    assert first["path"] == str(data / "sst_200605.tif")
    assert (second["status"], second["dataset"], second["times"]) == ("published", "sst", ["2006-06"])
    assert first["bytes"] > 0


def test_a_hostile_file_name_stays_on_its_line(run: Run, data: Path) -> None:
    path = write_geotiff(data / "a\tb\nc.tif", cells())
    code, out, _ = run("ingest", path, "--id", "a")
    assert code == 0
    assert out.count("\n") == 1
    assert out.split("\t")[1].endswith("a\\x09b\\x0ac.tif")


def test_a_rehearsal_tells_the_plan_and_writes_nothing(run: Run, data: Path, repository: Repository) -> None:
    months(data, "200605", "200606")
    said = declared(data.parent, SERIES)
    run("ingest", data / "sst_200605.tif", "--dataset", said)
    before = sorted((data.parent / "var").rglob("*"))
    months(data, "200607", "200608")
    code, out, err = run("ingest", data, "--dataset", said, "--dry-run")
    assert code == 0
    rows = [line.split("\t") for line in out.splitlines()]
    assert [row[0] for row in rows] == ["unchanged", "would publish", "would publish", "would publish"]
    assert all(row[3].startswith("about ") for row in rows[1:])
    assert "dry run: sst: 3 granules" in err
    assert sorted((data.parent / "var").rglob("*")) == before
    assert len(list(repository.granules("sst"))) == 1


def test_a_rehearsal_makes_no_catalogue(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRATICULE_DATABASE_URL")
    code, out, _ = run("ingest", write_geotiff(data / "ice.tif", cells()), "--dry-run")
    assert (code, statuses(out)) == (0, ["would publish"])
    assert not (data.parent / "var").exists()


def test_new_words_in_the_declaration_do_not_convert_again(run: Run, data: Path, repository: Repository) -> None:
    months(data, "200605")
    run("ingest", data, "--dataset", declared(data.parent, SERIES))
    (before,) = repository.granules("sst")
    titled = SERIES + "record: {title: {en: Warm water}}\n"
    code, out, _ = run("ingest", data, "--dataset", declared(data.parent, titled))
    assert (code, statuses(out)) == (0, ["unchanged"])
    assert "its description was replaced" in out
    assert list(repository.granules("sst")) == [before]
    assert repository.dataset("sst").title == {"en": "Warm water"}


def test_two_variables_and_times_of_one_netcdf_file_are_one_line(run: Run, data: Path) -> None:
    path = write_netcdf(data / "a.nc", np.stack([cells(), cells()]), LAT, LON, [0.0, 31.0])
    _, out, _ = run("ingest", path)
    assert out.split("\t")[2] == "a/v/2000-01-01T00:00:00Z..2000-02-01T00:00:00Z (2 times)"
