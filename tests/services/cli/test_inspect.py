"""`graticule inspect` and `graticule schema`: what would be understood, and a declaration ready to edit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio

from config.declarations.datasets import json_schema, read_declaration
from records.datasets.repository import Repository
from tests.services.cli.conftest import Run
from tests.support.sources import DATA, cells, write_geotiff, write_hdf5, write_netcdf

LAT, LON = np.arange(5.5, -0.5, -1), np.arange(10.5, 18.5)


@pytest.fixture
def netcdf(data: Path) -> Path:
    attributes = {"long_name": "sea temperature", "scale_factor": 0.5, "_FillValue": np.int16(-1)}
    return write_netcdf(
        data / "sst.nc", np.stack([cells(dtype="int16")] * 2), LAT, LON, [0.0, 31.0], attributes=attributes
    )


def test_a_file_is_shown_as_a_table_without_any_database(
    run: Run, netcdf: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRATICULE_DATABASE_URL", f"postgresql://user@/graticule?host={data}")
    code, out, _ = run("inspect", netcdf)
    assert code == 0
    head, titles, row, *_ = out.splitlines()
    assert head.startswith(f"{netcdf}: NETCDF4, ")
    assert titles.split()[:5] == ["variable", "id", "kind", "type", "unit"]
    assert row.split("  ")[1:] != []
    assert "int16" in row
    assert "6 x 8" in row
    assert "2: 2000-01-01T00:00:00Z..2000-02-01T00:00:00Z" in row
    assert "* 0.5 + 0" in row
    assert "left out: lat is a coordinate" in out


def test_json_tells_the_same(run: Run, netcdf: Path) -> None:
    code, out, _ = run("inspect", netcdf, "--json")
    (variable,) = json.loads(out)["variables"]
    assert code == 0
    assert (variable["source"], variable["type"], variable["scale"], variable["nodata"]) == ("v", "int16", 0.5, -1)
    assert variable["grid"]["bounds"] == [10, 0, 18, 6]
    assert variable["times"]["count"] == 2


def test_a_bad_file_is_told_and_the_others_are_shown(run: Run, netcdf: Path, data: Path) -> None:
    bad = data / "bad.tif"
    bad.write_bytes(b"II*\x00")
    code, out, _ = run("inspect", bad, netcdf)
    assert code == 1
    assert f"{bad}: refused: " in out
    assert "int16" in out


def test_the_draft_is_a_declaration_that_changes_nothing(
    run: Run, netcdf: Path, data: Path, repository: Repository
) -> None:
    code, out, _ = run("inspect", netcdf, "--yaml")
    assert code == 0
    draft = data / "draft.yaml"
    draft.write_text(out, encoding="utf-8")
    assert read_declaration(draft).id == "sst"
    run("ingest", netcdf)
    plain = repository.dataset("sst")
    granules = [(g.place, g.grid, g.time) for g in repository.granules("sst")]
    repository.remove("sst")
    assert run("ingest", netcdf, "--dataset", draft)[0] == 0
    drafted = repository.dataset("sst")
    assert drafted.variables == plain.variables
    assert [(g.place, g.grid, g.time) for g in repository.granules("sst")] == granules


def test_the_draft_of_a_palette_names_its_classes(run: Run, data: Path) -> None:
    path = write_geotiff(data / "cover.tif", np.where(cells() > 30, 2, 1).astype("uint8"))
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {1: (1, 2, 3, 255), 2: (4, 5, 6, 255)})
    (data / "draft.yaml").write_text(run("inspect", path, "--yaml")[1])
    (variable,) = read_declaration(data / "draft.yaml").variables
    assert variable.kind == "categorical"
    assert [(c.value, c.color) for c in variable.classes][1:3] == [(1, "#010203"), (2, "#040506")]


def test_the_draft_of_a_series_suggests_the_pattern_of_its_names(run: Run, data: Path) -> None:
    for label in ("200605", "200606"):
        write_geotiff(data / f"sst_{label}.tif", cells())
    out = run("inspect", data, "--yaml")[1]
    line = next(line for line in out.splitlines() if line.startswith("# time:"))
    (data / "draft.yaml").write_text(out.replace("# time:", "time:"))
    said = read_declaration(data / "draft.yaml")
    assert said.time is not None, line
    assert said.time.spans("sst_200606.tif", 1)[0].label == "2006-06"
    assert len(said.variables) == 1


def test_the_draft_of_a_file_that_needs_a_declaration_says_why(run: Run, data: Path) -> None:
    path = write_hdf5(data / "a.h5", cells())
    code, out, _ = run("inspect", path, "--yaml")
    assert code == 1
    assert f"# {path}: " in out
    (data / "draft.yaml").write_text(out)
    assert read_declaration(data / "draft.yaml").variables == []


def test_a_title_cannot_break_the_draft(run: Run, data: Path) -> None:
    title = "a: {b}\n# 'c' \"d\" - 海 \x85 ..."
    path = write_netcdf(data / "a.nc", cells(), LAT, LON, attributes={"long_name": title, "units": "- K: #1"})
    (data / "draft.yaml").write_text(run("inspect", path, "--yaml")[1], encoding="utf-8")
    (variable,) = read_declaration(data / "draft.yaml").variables
    assert variable.title["en"] == "A" + title[1:]
    assert variable.unit == "- K: #1"


def test_the_schema_is_printed(run: Run) -> None:
    for words in (["schema", "dataset"], ["inspect", "--schema"]):
        code, out, _ = run(*words)
        assert (code, json.loads(out)) == (0, json_schema())
    assert run("schema", "record")[0] == 2


REAL = [
    "raster/sst/coads_sst.nc",
    "raster/land/2021_30m_cdls.tif",
    "raster/seaice/seaice_conc_monthly_nh_202112_f17_v04r00.nc",
]


@pytest.mark.skipif(not DATA.is_dir(), reason="the real data are not beside the repository")
@pytest.mark.parametrize("name", REAL)
def test_the_draft_of_a_real_file_is_a_declaration(run: Run, data: Path, name: str) -> None:
    (data / "draft.yaml").write_text(run("inspect", DATA / name, "--yaml")[1], encoding="utf-8")
    assert read_declaration(data / "draft.yaml").variables
