"""OWSLib lists collections, reads records, fetches a coverage and executes a process."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
import xarray as xr

coverages = pytest.importorskip("owslib.ogcapi.coverages", reason="not run: OWSLib is not installed")
records = pytest.importorskip("owslib.ogcapi.records", reason="not run: OWSLib is not installed")
processes = pytest.importorskip("owslib.ogcapi.processes", reason="not run: OWSLib is not installed")

if TYPE_CHECKING:
    from pathlib import Path

SST = "sea-surface-temperature"


def test_owslib_lists_the_collections_and_the_api(demo: str) -> None:
    client = coverages.Coverages(demo + "/")
    assert SST in client.coverages()
    assert client.api()["openapi"].startswith("3.0")
    assert client.conformance()["conformsTo"]


@pytest.mark.parametrize(("words", "found"), [("turbidity", "linke-turbidity"), ("海表温度", SST)])
def test_owslib_finds_records_in_both_languages(demo: str, words: str, found: str) -> None:
    client = records.Records(demo + "/")
    assert client.records() == ["records"]
    answer = client.collection_items("records", q=words)
    assert found in [feature["id"] for feature in answer["features"]]
    assert client.collection_item("records", found)["id"] == found


def test_owslib_posts_a_filter(demo: str) -> None:
    client = records.Records(demo + "/")
    like = {"op": "like", "args": [{"op": "casei", "args": [{"property": "title"}]}, "%TURBIDITY%"]}
    like["args"][1] = {"op": "casei", "args": [like["args"][1]]}
    posted = client.collection_items("records", cql=json.dumps(like))
    asked = client.collection_items("records", filter="CASEI(title) LIKE CASEI('%Turbidity%')")
    assert [f["id"] for f in posted["features"]] == [f["id"] for f in asked["features"]] == ["linke-turbidity"]


def test_owslib_fetches_a_coverage(demo: str, tmp_path: Path) -> None:
    client = coverages.Coverages(demo + "/", headers={"Accept": "application/netcdf"})
    box = {"Lat": (-4.0, 3.0), "Lon": (-30.0, -10.0)}
    data = client.coverage(SST, properties=["surface_temperature"], subset=box, datetime="2006-05")
    out = tmp_path / "sst.nc"
    out.write_bytes(data.getvalue())
    with xr.open_dataset(out) as dataset:
        field = dataset["surface_temperature"]
        assert -31 < float(field["lon"].min()) < float(field["lon"].max()) < -9
        assert 290 < float(field.mean()) < 310


def test_owslib_executes_echo_at_once(demo: str) -> None:
    client = processes.Processes(demo + "/")
    answer: Any = client.execute("echo", inputs={"stringInput": "hello"})
    assert "hello" in str(answer)


def test_owslib_executes_echo_as_a_job(demo: str) -> None:
    client = processes.Processes(demo + "/")
    accepted: Any = client.execute("echo", inputs={"stringInput": "later"}, async_=True)
    job = f"{demo}/jobs/{accepted['jobID']}"  # OWSLib has no calls for jobs
    deadline = time.monotonic() + 30
    while _document(job)["status"] in ("accepted", "running"):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert _document(job)["status"] == "successful"
    assert "later" in str(_document(job + "/results"))


def test_owslib_executes_zonal_statistics(demo: str) -> None:
    client = processes.Processes(demo + "/")
    assert "zonal-statistics" in [process["id"] for process in client.processes()]
    ring = [[-170, -5], [-120, -5], [-120, 5], [-170, 5], [-170, -5]]
    inputs = {
        "collection": SST,
        "datetime": "2006-04/2006-06",
        "statistics": ["mean"],
        "polygons": {
            "type": "Feature",
            "properties": {"name": "a"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        },
    }
    answer: Any = client.execute("zonal-statistics", inputs=inputs)["statistics"]
    assert answer["mediaType"] == "application/geo+json"
    means = [feature["properties"]["surface_temperature_mean"] for feature in answer["value"]["features"]]
    assert len(means) == 3
    assert all(290 < mean < 310 for mean in means)


def _document(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)
