"""`spatial-join`: sides of every form, engines that agree, forms of the answer, and what is refused."""

from __future__ import annotations

import base64
import csv
import io
import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from pyproj import CRS

from cog.features.formats import write_features
from config.errors import InvalidInput, InvalidParameter, TooLarge
from config.setting_groups.vector import VectorSettings
from services.processes.join import process as join_process
from services.processes.join import stages
from tests.support.processes import BASE, answer_here, context_of, execute_here
from tests.support.rasters import coded, global_grid, publication

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.web.context import Context
    from tests.support.database import Server

GLOBE = CRS.from_user_input("OGC:CRS84").to_wkt()
RANDOM = np.random.default_rng(3)
ROADS = shapely.linestrings(np.cumsum(np.concatenate(
    [RANDOM.uniform([-60, -40], [60, 40], (3000, 1, 2)), RANDOM.normal(0, 0.4, (3000, 3, 2))], axis=1), axis=1
))  # fmt: skip
CENTRES = RANDOM.normal(0, 15, (2000, 2))
PARCELS = shapely.box(*(CENTRES - 0.3).T, *(CENTRES + 0.3).T)
PAIRS = sorted(map(tuple, shapely.STRtree(PARCELS).query(ROADS, predicate="intersects").T.tolist()))
CSV_FORM = {"pairs": {"format": {"mediaType": "text/csv"}}, "summary": {}}
GRID = global_grid(36, 18)


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """A folder with roads and parcels in three formats, and two collections."""
    folder = tmp_path_factory.mktemp("join")
    files = folder / "files"
    files.mkdir()
    numbers = {"n": pa.array(range(len(ROADS))), "name": pa.array([f"road {n}" for n in range(len(ROADS))])}
    write_features(files / "roads.parquet", ROADS, numbers, crs=GLOBE)
    write_features(files / "parcels.parquet", PARCELS, {"m": pa.array(range(len(PARCELS)))}, crs=GLOBE)
    pyogrio.raw.write(
        files / "parcels.fgb", shapely.to_wkb(PARCELS), field_data=[np.arange(len(PARCELS))], fields=["m"],
        geometry_type="Polygon", crs="OGC:CRS84", driver="FlatGeobuf",
    )  # fmt: skip
    (files / "parcels.geojson").write_text(json.dumps(geojson(PARCELS[:500])))
    with context_of(server, folder) as context:
        for name in ("first", "second"):
            steps: dict[str | None, Any] = {"2020-01-01": coded(GRID), "2020-01-02": coded(GRID) + 1}
            context.catalogue.repository.publish(publication(context.store, name, steps, GRID))
        settings = context.settings.model_copy(update={"vector": VectorSettings(folder=str(files))})
        yield type(context)(settings=settings, catalogue=context.catalogue, store=context.store)


def geojson(shapes: Any, **properties: Any) -> dict[str, Any]:
    features = [
        {"type": "Feature", "id": number, "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}
        for number, shape in enumerate(shapes)
    ]
    return {"type": "FeatureCollection", "features": features}


def rows_of(context: Context, answer: dict[str, Any]) -> pa.Table:
    """The rows of the files that an answer links to."""
    paths = [
        context.store / ".staging" / link["href"].removeprefix(f"{BASE}/jobs/").replace("/files/", "/")
        for link in answer["files"]
    ]
    assert [pq.read_metadata(path).num_rows for path in paths] == [link["rows"] for link in answer["files"]]
    return pa.concat_tables([pq.read_table(path) for path in paths])


def join_here(context: Context, **inputs: Any) -> tuple[pa.Table, dict[str, Any]]:
    answer = answer_here(context, "spatial-join", inputs)
    return rows_of(context, answer["pairs"]["value"]), answer["summary"]


def pairs_in(table: pa.Table) -> list[tuple[int, int]]:
    return sorted(zip(table["left"].to_pylist(), table["right"].to_pylist(), strict=True))


FILES = {"left": {"file": "roads.parquet"}, "right": {"file": "parcels.parquet"}}


@pytest.mark.parametrize("leaf", [200, 10**9])
def test_leaves_answer_the_pairs_and_properties(context: Context, monkeypatch: pytest.MonkeyPatch, leaf: int) -> None:
    monkeypatch.setattr(join_process, "_LEAF_FEATURES", leaf)
    table, summary = join_here(context, **FILES, left_properties=["name"], right_properties=["m"])
    assert pairs_in(table) == PAIRS
    assert table["left_name"].to_pylist() == [f"road {n}" for n in table["left"].to_pylist()]
    assert table["right_m"].to_pylist() == table["right"].to_pylist()
    assert shapely.equals(shapely.from_wkb(table["geometry"].to_numpy()), ROADS[table["left"].to_numpy()]).all()
    alone = len(ROADS) - len({left for left, _ in PAIRS})
    assert (summary["left"], summary["right"], summary["pairs"], summary["unmatched"]) == (
        3000,
        2000,
        len(PAIRS),
        alone,
    )
    assert summary["leaves"] == (25 if leaf == 200 else 1)


def test_a_heavy_leaf_is_cut_again(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample tells nothing of where the features are: all but a few lie in one leaf."""
    monkeypatch.setattr(join_process, "_LEAF_FEATURES", 500)
    monkeypatch.setattr(join_process, "sample_side", lambda *_: RANDOM.uniform(100, 170, (50, 2)))
    recuts: list[int] = []
    kept = stages.recut
    monkeypatch.setattr(join_process, "recut", lambda *of: recuts.append(1) or kept(*of))
    table, summary = join_here(context, **FILES, how="left", attributes_only=True)
    assert recuts
    assert summary["leaves"] > 10
    found = [(left, right) for left, right in zip(table["left"].to_pylist(), table["right"].to_pylist(), strict=True)]
    assert sorted(pair for pair in found if pair[1] is not None) == PAIRS
    alone = [left for left, right in found if right is None]
    assert sorted(alone) == sorted(set(range(len(ROADS))) - {left for left, _ in PAIRS})
    assert summary["unmatched"] == len(alone)


@pytest.mark.parametrize("engine", ["local", "cluster", "postgis"])
def test_counts_are_those_of_the_pairs(context: Context, monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    monkeypatch.setattr(join_process, "_LEAF_FEATURES", 300)
    table, summary = join_here(context, **FILES, how="count", engine=engine, attributes_only=True)
    counts = np.bincount([left for left, _ in PAIRS], minlength=len(ROADS))
    assert dict(zip(table["left"].to_pylist(), table["count"].to_pylist(), strict=True)) == dict(enumerate(counts))
    assert (len(table), summary["pairs"], summary["engine"]) == (len(ROADS), len(PAIRS), engine)


def test_postgis_has_the_pairs_of_the_leaves(context: Context) -> None:
    for predicate in ("intersects", "crosses", "within"):
        pairs = [
            pairs_in(join_here(context, **FILES, predicate=predicate, engine=engine)[0])
            for engine in ("postgis", "local")
        ]
        assert pairs[0] == pairs[1]
        assert pairs[0]


@pytest.mark.skipif(find_spec("sedonadb") is None, reason="SedonaDB is not installed")
def test_sedonadb_has_the_pairs_of_the_leaves(context: Context) -> None:
    table, summary = join_here(context, **FILES, engine="sedonadb", left_properties=["name"], how="left")
    assert pairs_in(table.filter(pa.compute.is_valid(table["right"]))) == PAIRS
    assert summary["engine"] == "sedonadb"
    assert table["left_name"].to_pylist() == [f"road {n}" for n in table["left"].to_pylist()]


def test_sides_come_in_every_form(context: Context) -> None:
    folder = Path(context.settings.vector.folder)
    in_base64 = {
        "geoparquet": base64.b64encode((folder / "parcels.parquet").read_bytes()).decode(),
        "flatgeobuf": base64.b64encode((folder / "parcels.fgb").read_bytes()).decode(),
    }
    sides: list[dict[str, Any]] = [{"file": "parcels.fgb"}, *({name: text} for name, text in in_base64.items())]
    for side in sides:
        table, _ = join_here(context, left=FILES["left"], right=side, right_properties=["m"])
        assert sorted(zip(table["left"].to_pylist(), table["right_m"].to_pylist(), strict=True)) == PAIRS
    few = [pair for pair in PAIRS if pair[1] < 500]
    for side in ({"file": "parcels.geojson"}, geojson(PARCELS[:500], kind="x")):
        assert pairs_in(join_here(context, left=FILES["left"], right=side)[0]) == few


def test_the_files_of_a_job_are_a_side_of_the_next(context: Context) -> None:
    answer = answer_here(context, "spatial-join", FILES)
    [link] = answer["pairs"]["value"]["files"]
    again, summary = join_here(context, left={"href": link["href"]}, right=FILES["right"], left_properties=["left"])
    assert summary["left"] == len(PAIRS)
    assert {(a, b) for a, b in zip(again["left_left"].to_pylist(), again["right"].to_pylist(), strict=True)} == set(
        PAIRS
    )


def test_outlines_of_the_catalogue_are_joined_in_its_database(context: Context) -> None:
    table, summary = join_here(
        context,
        left={"collection": "first"},
        right={"collection": "records"},
        right_properties=["id"],
        left_properties=["time"],
    )
    assert summary["engine"] == "postgis"
    assert table["right_id"].to_pylist() == ["first", "second"] * 2
    assert table["left_time"].to_pylist() == ["2020-01-01"] * 2 + ["2020-01-02"] * 2
    box = geojson([shapely.box(-10, -10, 10, 10), shapely.Point(200, 0)])
    table, _ = join_here(context, left=box, right={"collection": "second"}, predicate="within")
    assert pairs_in(table) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_a_distance_is_in_metres_and_crss_may_differ(context: Context, tmp_path: Path) -> None:
    left = geojson(shapely.points([[120.0, 30.0], [179.999, 0.0]]))
    utm = CRS.from_epsg(32651)
    zone = tmp_path / "zone.parquet"
    write_features(zone, shapely.points([[210_590.35, 3_322_575.9]]), {}, crs=utm.to_wkt())  # 120 E, 30 N
    right = {"geoparquet": base64.b64encode(zone.read_bytes()).decode()}
    table, summary = join_here(context, left=left, right=right, predicate="dwithin", distance_m=10)
    assert pairs_in(table) == [(0, 0)]
    assert table["distance_m"].to_pylist()[0] < 1
    assert "transformed" in summary["notes"][0]
    across = geojson([shapely.Point(-179.999, 0)])
    table, _ = join_here(context, left=left, right=across, predicate="dwithin", distance_m=300)
    assert table["distance_m"].to_pylist() == [pytest.approx(0.002 * 111_319.49, rel=1e-6)]


def test_few_rows_come_as_csv_or_geojson(context: Context) -> None:
    few = {"left": geojson(ROADS[:50]), "right": FILES["right"], "left_properties": ["id"]}
    document = answer_here(context, "spatial-join", few, outputs_=CSV_FORM)
    rows = list(csv.DictReader(io.StringIO(document["pairs"]["value"])))
    expected = [pair for pair in PAIRS if pair[0] < 50]
    assert [(int(row["left"]), int(row["right"])) for row in rows] == expected
    body, media_type = execute_here(
        context, "spatial-join", few, outputs_={"pairs": {"format": {"mediaType": "application/geo+json"}}}
    )
    assert media_type == "application/geo+json"
    features = json.loads(body)["features"]
    assert [feature["properties"]["right"] for feature in features] == [right for _, right in expected]
    assert features[0]["geometry"]["type"] == "LineString"


def test_a_collection_is_sampled_at_features(context: Context) -> None:
    shapes = [shapely.Point(-175, 85), shapely.box(171, -90, 179, -80), shapely.Point(185, 85), shapely.Point()]
    table, summary = join_here(
        context,
        left=geojson(shapes),
        sample={"collection": "first"},
        datetime="2020-01-01/2020-01-02",
        left_properties=["id"],
    )
    cells = coded(GRID)
    values = [float(cells[0, 0]), float(cells[17, 35]), float(cells[0, 0]), None]
    assert table["value"].to_pylist() == values + [None if value is None else value + 1 for value in values]
    assert table["time"].to_pylist() == ["2020-01-01"] * 4 + ["2020-01-02"] * 4
    assert summary["rows"] == 8


@pytest.mark.parametrize(
    ("inputs", "error", "words"),
    [
        ({"left": {"file": "roads.parquet"}}, InvalidInput, "right.*sample"),
        (FILES | {"predicate": "dwithin"}, InvalidInput, "distance_m"),
        (FILES | {"left_properties": ["nothing"]}, InvalidInput, "no property 'nothing'; there are: n, name"),
        ({"left": {"file": "../secret.parquet"}, "right": FILES["right"]}, InvalidParameter, "name of a file"),
        ({"left": {"file": "none.parquet"}, "right": FILES["right"]}, InvalidParameter, "no such file"),
        ({"left": {"geoparquet": "AAAA"}, "right": FILES["right"]}, InvalidInput, "left: it cannot be read as Parquet"),
        ({"left": {"flatgeobuf": "AAAA"}, "right": FILES["right"]}, InvalidInput, "begin as a FlatGeobuf"),
        ({"left": {"collection": "records", "file": "x"}, "right": FILES["right"]}, InvalidInput, "one of collection"),
        ({"left": {"href": f"{BASE}/jobs/1/files/a"}, "right": FILES["right"]}, InvalidParameter, "file of a job"),
        ({"left": geojson([shapely.Point(0, 91)]), "right": FILES["right"]}, InvalidInput, "feature 0 lies within"),
        (FILES | {"engine": "sedona"}, InvalidParameter, "not set up here"),
        (FILES | {"engine": "postgis", "predicate": "dwithin", "distance_m": 1}, InvalidParameter, "use local"),
    ],
)  # fmt: skip
def test_what_cannot_be_joined_is_refused(
    context: Context, inputs: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        answer_here(context, "spatial-join", inputs)


def test_many_rows_are_refused_as_csv(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.processes.join.answers.MOST_ROWS", 10)
    with pytest.raises(TooLarge, match=r"rows are more than 10 as text/csv; ask for pairs as application/json"):
        answer_here(context, "spatial-join", FILES, outputs_=CSV_FORM)
