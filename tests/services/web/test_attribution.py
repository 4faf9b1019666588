"""Licence, attribution, DOI and CSTR go with the data wherever it is handed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import netCDF4
import pytest
from rasterio.io import MemoryFile

from records.datasets.models import ExternalId
from services.web import attribution
from tests.support.series import credited

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.models import Dataset
    from records.datasets.repository import Repository

DOI, CSTR = "10.1234/abc.5", "16666.11.example.42"


@pytest.fixture
def dataset(repository: Repository, store: Path) -> Dataset:
    return repository.publish(credited(store))


def test_a_dataset_knows_the_identifiers_of_its_record(dataset: Dataset) -> None:
    assert dataset.external_ids[0] == ExternalId(scheme="doi", value=DOI)
    assert [i.label for i in attribution.identifiers(dataset)] == [f"DOI:{DOI}", f"CSTR:{CSTR}"]
    assert attribution.line(dataset) == f"© Ocean <Data> & Centre · CC-BY-4.0 · DOI:{DOI} · CSTR:{CSTR}"


@pytest.mark.parametrize("value", [DOI, f"doi:{DOI}", f"https://doi.org/{DOI}", f"http://dx.doi.org/{DOI}"])
def test_a_doi_is_one_however_it_is_written(dataset: Dataset, value: str) -> None:
    from dataclasses import replace

    made = replace(dataset, external_ids=(ExternalId(scheme="DOI", value=value),))
    assert [(i.value, i.url) for i in attribution.identifiers(made)] == [(DOI, f"https://doi.org/{DOI}")]


def test_tilejson_tells_whose_the_data_is(client: TestClient, dataset: Dataset) -> None:
    found = client.get("/xyz/cited/v/tilejson.json").json()
    assert found["attribution"] == f"© Ocean &lt;Data&gt; &amp; Centre · CC-BY-4.0 · DOI:{DOI} · CSTR:{CSTR}"
    assert (found["license"], found["doi"], found["cstr"]) == ("CC-BY-4.0", DOI, CSTR)


def test_a_geotiff_tells_whose_the_data_is(client: TestClient, dataset: Dataset) -> None:
    answer = client.get("/collections/cited/coverage?f=geotiff")
    with MemoryFile(answer.content) as memory, memory.open() as opened:
        tags = opened.tags()
    assert (tags["LICENSE"], tags["DOI"], tags["CSTR"]) == ("CC-BY-4.0", DOI, CSTR)
    assert tags["TIFFTAG_COPYRIGHT"] == "© Ocean <Data> & Centre"
    assert f"https://doi.org/{DOI}" in tags["REFERENCES"]


def test_a_netcdf_tells_whose_the_data_is(client: TestClient, dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "cited.nc"
    path.write_bytes(client.get("/collections/cited/coverage?f=netcdf").content)
    with netCDF4.Dataset(path) as opened:
        assert (opened.license, opened.doi, opened.cstr) == ("CC-BY-4.0", DOI, CSTR)
        assert opened.attribution == "© Ocean <Data> & Centre"
        assert opened.references.split() == [
            "http://localhost:8080/collections/cited",
            f"https://doi.org/{DOI}",
            f"https://cstr.cn/{CSTR}",
        ]


def test_a_collection_is_cited_by_its_identifiers(client: TestClient, dataset: Dataset) -> None:
    links = client.get("/collections/cited").json()["links"]
    assert [k["href"] for k in links if k["rel"] == "cite-as"] == [
        f"https://doi.org/{DOI}",
        f"https://cstr.cn/{CSTR}",
    ]
