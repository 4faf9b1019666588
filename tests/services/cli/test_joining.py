"""Metadata joins data: given, harvested, kept, or made of the file's attributes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import rasterio
from sqlalchemy import insert
from sqlalchemy.orm import Session

from records.database.orm import RecordRow
from records.datasets.repository import Repository
from records.documents.documents import searchable
from tests.services.cli.conftest import Run
from tests.support.sources import DATA, cells, write_geotiff

OGC = {
    "id": "urn:x:1",
    "type": "Feature",
    "conformsTo": ["http://www.opengis.net/spec/ogcapi-records-1/1.0/req/record-core"],
    "geometry": None,
    "time": None,
    "properties": {
        "type": "dataset",
        "title": "海温",
        "language": {"code": "zh"},
        "keywords": ["海洋"],
        "externalIds": [{"scheme": "doi", "value": "10.1234/sst"}],
    },
    "links": [],
}


@pytest.fixture
def source(data: Path) -> Path:
    return write_geotiff(data / "sst.tif", cells())


def harvested(repository: Repository, id_: str, doi: str | None = None) -> None:
    """A record without data in the catalogue, as a harvest leaves it."""
    properties: dict[str, Any] = {"type": "dataset", "title": {"en": f"Record {id_}"}}
    if doi:
        properties["externalIds"] = [{"scheme": "doi", "value": doi}]
    with Session(repository.engine) as session, session.begin():
        session.execute(insert(RecordRow).values(**searchable({"id": id_, "properties": properties})))


def titles(repository: Repository) -> dict[str, str]:
    with Session(repository.engine) as session:
        return {row.id: row.title for row in session.query(RecordRow)}


def test_without_a_record_one_is_made_of_the_files_attributes_and_says_so(
    run: Run, source: Path, repository: Repository
) -> None:
    assert run("ingest", source)[0] == 0
    properties = repository.record("sst")["properties"]
    assert properties["title"] == {"en": "sst"}
    assert "was made from the attributes of the data files" in properties["lineage"]["en"]


def test_an_ogc_record_is_joined_and_kept_by_the_next_ingest(
    run: Run, source: Path, data: Path, repository: Repository
) -> None:
    (data / "record.json").write_text(json.dumps(OGC, ensure_ascii=False), encoding="utf-8")
    assert run("ingest", source, "--record", data / "record.json")[0] == 0
    first = repository.record("sst")
    assert first["id"] == "sst"
    assert first["properties"]["title"] == {"zh": "海温"}
    values = [e["value"] for e in first["properties"]["externalIds"]]
    assert values[0] == "10.1234/sst"
    assert len(values) == 2
    assert first["geometry"]["type"] == "Polygon"
    write_geotiff(source, cells() + 1)
    assert run("ingest", source)[1].startswith("replaced")
    assert repository.record("sst") == first


def test_a_record_joins_data_that_were_there_before(run: Run, source: Path, data: Path, repository: Repository) -> None:
    run("ingest", source)
    (data / "record.yaml").write_text("title: {en: Sea, zh: 海}\nexternal_ids: ['doi:10.1/x']\n", encoding="utf-8")
    assert "its description was replaced" in run("ingest", source, "--record", data / "record.yaml")[1]
    assert repository.dataset("sst").title == {"en": "Sea", "zh": "海"}
    (data / "other.yaml").write_text("record: {title: {en: Ocean}}")
    assert run("datasets", "edit", "sst", "--record", data / "other.yaml")[0] == 0
    assert repository.record("sst")["properties"]["title"] == {"en": "Ocean"}


@pytest.mark.parametrize(("id_", "doi"), [("sst", None), ("cstr-1", "10.1234/SST")], ids=["by id", "by externalIds"])
def test_a_harvested_record_is_joined(
    run: Run, source: Path, data: Path, repository: Repository, id_: str, doi: str | None
) -> None:
    harvested(repository, id_, doi)
    harvested(repository, "other", "10.9/other")
    said = data / "sst.yaml"
    said.write_text("id: sst\n")
    if doi:
        with rasterio.open(source, "r+") as file:
            file.update_tags(doi="https://doi.org/10.1234/sst")
    assert run("ingest", source, "--dataset", said)[0] == 0
    assert titles(repository) == {"sst": f"Record {id_}", "other": "Record other"}


def test_a_local_identifier_joins_nothing(run: Run, source: Path, repository: Repository) -> None:
    harvested(repository, "other", "sst-1")
    with rasterio.open(source, "r+") as file:
        file.update_tags(id="sst-1")
    assert run("ingest", source)[0] == 0
    assert titles(repository) == {"sst": "sst", "other": "Record other"}


def test_two_harvested_records_are_an_error_and_nothing_is_published(
    run: Run, source: Path, repository: Repository
) -> None:
    harvested(repository, "a", "10.1234/sst")
    harvested(repository, "b", "10.1234/sst")
    with rasterio.open(source, "r+") as file:
        file.update_tags(doi="10.1234/sst")
    code, _, err = run("ingest", source)
    assert code == 1
    assert "the records a, b all share an identifier" in err
    assert repository.dataset_ids() == []


def test_of_several_given_records_the_one_of_the_dataset_is_taken(
    run: Run, source: Path, data: Path, repository: Repository
) -> None:
    options = []
    for id_ in ("sst", "ice"):
        document = OGC | {
            "id": id_,
            "properties": {"type": "dataset", "title": f"Record {id_}", "language": {"code": "en"}},
        }
        (data / f"{id_}.json").write_text(json.dumps(document))
        options += ["--record", data / f"{id_}.json"]
    assert run("ingest", source, *options)[0] == 0
    assert repository.dataset("sst").title == {"en": "Record sst"}
    assert run("ingest", source, "--id", "wind", *options)[0] == 2


@pytest.mark.parametrize("content", ["{", "[]", '{"type": "Feature"}', "\x00"])
def test_a_file_that_is_no_record_is_wrong_before_anything_starts(
    run: Run, source: Path, data: Path, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRATICULE_DATABASE_URL", f"postgresql://user@/graticule?host={data}")
    (data / "record.json").write_text(content)
    assert run("ingest", source, "--record", data / "record.json")[0] in (1, 2)


@pytest.mark.skipif(not DATA.is_dir(), reason="the real records are not beside the repository")
def test_a_real_ogc_record_is_joined(run: Run, source: Path, repository: Repository) -> None:
    path = DATA / "metadata" / "ogc_records_wcmp2" / "us-noaa-nws.goes16-satellite-sst.json"
    assert run("ingest", source, "--record", path)[0] == 0
    given = json.loads(path.read_text())
    record = repository.record("sst")
    assert record["properties"]["title"]["en"] == given["properties"]["title"]
    assert record["geometry"]["coordinates"][0][0] == [10, 44]  # the place of the data
