"""Tables that are published: a record with their lineage and files, read again over HTTP and swept when it is gone."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from config.errors import Conflict, InvalidInput
from config.grids import CRS84, Grid
from records.writing.record_store import RecordStore
from records.writing.transactions import Transactions
from services.ingest.store.garbage import collect
from tests.support.catalogues import client_of
from tests.support.processes import BASE, answer_here, context_of, execute_here
from tests.support.rasters import publication
from tests.support.zones import box, collection, feature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

    from services.web.context import Context
    from tests.support.database import Server

GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 0.0, 0.0, -1.0, 4.0), width=3, height=4)
LABELS = [f"{year}-{month:02d}" for year in (2000, 2001) for month in range(1, 13)]
REGIONS = collection(feature(box(0, 0, 3, 1), name="south"), feature(box(2, 1, 3, 4), name="east"))
FIELD = {"collection": "monthly"}
POINTS = "lon,lat,time,v\n0.5,0.5,2000-01-15T00:00:00Z,1.5\n2.5,3.5,2001-12-15T00:00:00Z,20\n9,9,2000-01-15T00:00:00Z,1"


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Two years of months that grow by one each."""
    with context_of(server, tmp_path_factory.mktemp("tables")) as context:
        steps: dict[str | None, Any] = {
            label: np.full((4, 3), number + 1, "float32") for number, label in enumerate(LABELS)
        }
        context.catalogue.repository.publish(
            publication(context.store, "monthly", steps, GRID, unit="mmol m-2 d-1", value_range=(0, 30))
        )
        yield context


@pytest.fixture(scope="module")
def client(context: Context) -> Iterator[TestClient]:
    with client_of(context.settings) as client:
        yield client


def published(context: Context, process: str, inputs: dict[str, Any], id_: str) -> dict[str, Any]:
    publish = {"id": id_, "title": {"en": "Table", "zh": "表"}, "keywords": ["carbon"], "license": "CC-BY-4.0"}
    answer: dict[str, Any] = answer_here(context, process, inputs | {"publish": publish}, outputs_={"publication": {}})
    return answer


@pytest.mark.parametrize(
    ("process", "inputs", "rows", "column", "value"),
    [
        ("trend", {"field": FIELD, "polygons": REGIONS}, 2, "region", "south"),
        ("regional-budget", {"flux": FIELD, "polygons": REGIONS}, 48, "days", 31.0),
        ("time-series", {"field": FIELD, "points": [[0.5, 0.5]]}, 24, "value", 1.0),
        ("match-up", {"field": FIELD, "points": POINTS, "columns": {"measured": "v"}}, 3, "measured", 1.5),
    ],
)
def test_a_table_is_a_record_with_files(
    context: Context, client: TestClient, process: str, inputs: dict[str, Any], rows: int, column: str, value: Any
) -> None:
    published(context, process, inputs, f"table-{process}")
    record = client.get(f"/collections/records/items/table-{process}?lang=zh").json()
    assert record["properties"]["title"] == "表"
    stored = client.get(f"/collections/records/items/table-{process}?f=stored").json()["properties"]
    assert f"Computed by the process {process}" in stored["lineage"]["en"]
    assert "(monthly)" in stored["source"]["en"]
    assert record["time"]["interval"][0].startswith("2000-01")
    assert record["geometry"]["type"] == "Polygon"
    links = {link["type"]: link for link in record["links"] if link["rel"] == "enclosure"}
    assert sorted(links) == ["application/vnd.apache.parquet", "text/csv"]
    text = client.get(links["text/csv"]["href"].removeprefix(BASE))
    assert len(text.content) == links["text/csv"]["length"]
    table = list(csv.DictReader(io.StringIO(text.text)))
    assert len(table) == rows
    assert type(value)(table[0][column]) == value
    body = client.get(links["application/vnd.apache.parquet"]["href"].removeprefix(BASE)).content
    frame = pq.read_table(io.BytesIO(body))
    assert (len(frame), frame[column][0].as_py()) == (rows, value)
    assert shapely.from_wkb(frame["geometry"][0].as_py()).intersects(shapely.box(0, 0, 3, 4))
    metadata = frame.schema.metadata
    assert json.loads(metadata[b"geo"])["columns"]["geometry"]["encoding"] == "WKB"
    assert json.loads(metadata[b"lineage"])["process"]["id"] == process


def test_a_table_is_served_by_ranges_and_only_where_the_record_links_to_it(
    context: Context, client: TestClient
) -> None:
    answer = published(context, "trend", {"field": FIELD, "polygons": REGIONS}, "ranged")
    path = answer["files"][0]["href"].removeprefix(BASE)
    whole = client.get(path)
    assert (whole.status_code, len(whole.content)) == (200, answer["files"][0]["bytes"])
    part = client.get(path, headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, whole.content[2:6])
    assert client.get(path, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    other = path.replace("/tables/ranged", "/tables/monthly")
    assert client.get(other).status_code == 404
    assert client.get("/tables/ranged/none-0123456789ab.csv").status_code == 404


def test_a_record_is_edited_without_losing_its_tables(context: Context, client: TestClient) -> None:
    published(context, "trend", {"field": FIELD, "polygons": REGIONS}, "edited")
    Transactions(context.catalogue.repository.engine).patch(
        "edited",
        client.get("/collections/records/items/edited").json() | {"properties": {"title": "New"}},
        who="test",
        base_url=BASE,
    )
    record = client.get("/collections/records/items/edited").json()
    assert record["properties"]["title"] == "New"
    hrefs = [link["href"] for link in record["links"] if link["rel"] == "enclosure"]
    assert [client.get(href.removeprefix(BASE)).status_code for href in hrefs] == [200, 200]


def test_an_id_that_is_taken_is_refused(context: Context) -> None:
    inputs = {"field": FIELD, "polygons": REGIONS}
    published(context, "trend", inputs, "taken")
    for id_ in ("taken", "monthly"):
        with pytest.raises(Conflict, match=id_):
            published(context, "trend", inputs, id_)
    with pytest.raises(InvalidInput, match="publish"):
        answer_here(context, "trend", inputs | {"publish": {"id": "new", "title": {"en": ""}}})


def test_tables_of_a_record_that_is_gone_are_swept(context: Context) -> None:
    published(context, "trend", {"field": FIELD, "polygons": REGIONS}, "swept")
    folder = context.store / "swept" / "tables"
    (folder / "trial-0123456789ab.csv").write_text("a job died before its commit")
    repository = context.catalogue.repository
    gone = {each.path for each in collect(repository, context.store, grace=timedelta(0)) if hasattr(each, "path")}
    assert gone == {"swept/tables/trial-0123456789ab.csv"}
    assert len(list(folder.iterdir())) == 2
    RecordStore(repository.engine).remove("swept")
    assert len(list(collect(repository, context.store, grace=timedelta(0)))) == 2
    assert not folder.exists()


def test_regions_are_features_too(context: Context) -> None:
    inputs = {"field": FIELD, "polygons": REGIONS}
    body, media_type = execute_here(
        context, "trend", inputs, outputs_={"regions": {"format": {"mediaType": "application/geo+json"}}}
    )
    first, second = json.loads(body)["features"]
    assert (media_type, first["properties"]["region"]) == ("application/geo+json", "south")
    assert shapely.geometry.shape(second["geometry"]).bounds == (2, 1, 3, 4)
    assert first["properties"]["slope"] == pytest.approx(12, rel=0.01)


def test_pairs_come_as_tsv(context: Context) -> None:
    inputs = {"field": FIELD, "points": POINTS, "columns": {"measured": "v"}}
    wish = {"pairs": {"format": {"mediaType": "text/tab-separated-values"}}}
    body, media_type = execute_here(context, "match-up", inputs, outputs_=wish)
    rows = list(csv.DictReader(io.StringIO(body.decode()), delimiter="\t"))
    assert media_type == "text/tab-separated-values"
    assert [row["value"] for row in rows] == ["1.0", "24.0", ""]
    assert rows[2]["refused"] == "outside"
