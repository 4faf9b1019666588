"""Requirements of OGC API Features Part 2 (18-058r1) for the records, each restated as a test."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from config.settings import DatabaseSettings, Settings
from services.app import create_app
from tests.support.records import catalogue, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Server

ITEMS = "/collections/records/items"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
LATITUDE_FIRST = (EPSG + "4326", EPSG + "4490")
ALL = (CRS84, *LATITUDE_FIRST, EPSG + "3857")
X100, X110, Y30, Y40 = 11131949.079327358, 12245143.987260092, 3503549.843504374, 4865942.279503176
"""100 and 110 degrees east, 30 and 40 degrees north in EPSG:3857: R times radians, and R ln tan(45 + latitude / 2)."""


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application with records in China, of the whole earth, across 180 degrees and without a place."""
    records = (
        document("china", "China", box=(100, 30, 110, 40)),
        document("world", "World", box=(-180, -90, 180, 90)),
        document("pacific", "Pacific", box=(170, -10, -170, 10)),
        document("nowhere", "Nowhere"),
    )
    with catalogue(server, *records) as engine:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        settings = Settings(data_dir=tmp_path_factory.mktemp("records"), database=DatabaseSettings(url=SecretStr(url)))
        with TestClient(create_app(settings), base_url="http://localhost:8080") as made:
            yield made


def ids(client: TestClient, **parameters: str) -> set[str]:
    answer = client.get(ITEMS, params={name.replace("_", "-"): value for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    return {feature["id"] for feature in answer.json()["features"]}


def corners(feature: dict[str, Any]) -> tuple[list[float], list[float]]:
    """The least and the greatest of each coordinate of a polygon."""
    first, second = zip(*feature["geometry"]["coordinates"][0], strict=True)
    return [min(first), min(second)], [max(first), max(second)]


def test_the_collection_lists_its_crss_and_that_of_its_storage(client: TestClient) -> None:
    document_ = client.get("/collections/records").json()
    assert document_["crs"][0] == document_["storageCrs"] == CRS84
    assert set(document_["crs"]) == set(ALL)
    assert (
        "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs" in client.get("/conformance").json()["conformsTo"]
    )


@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}/china"])
@pytest.mark.parametrize("uri", [None, *ALL])
def test_the_answer_names_its_crs(client: TestClient, path: str, uri: str | None) -> None:
    answer = client.get(path, params={"crs": uri} if uri else {})
    assert (answer.status_code, answer.headers["content-crs"]) == (200, f"<{uri or CRS84}>")
    itself = next(link["href"] for link in answer.json()["links"] if link["rel"] == "self")
    assert client.get(itself).headers["content-crs"] == f"<{uri or CRS84}>"


def test_coordinates_are_in_the_axis_order_of_the_crs(client: TestClient) -> None:
    for path in (f"{ITEMS}/china", f"{ITEMS}?ids=china"):
        for uri in ALL:
            body = client.get(path, params={"crs": uri, "ids": "china"} if "ids" in path else {"crs": uri}).json()
            low, high = corners(body["features"][0] if "features" in body else body)
            if uri == CRS84:
                assert (low, high) == ([100, 30], [110, 40])
            elif uri in LATITUDE_FIRST:
                assert (low, high) == ([30, 100], [40, 110])
            else:
                assert low == pytest.approx([X100, Y30], abs=1e-3)
                assert high == pytest.approx([X110, Y40], abs=1e-3)


def test_a_geometry_is_cut_where_the_crs_ends(client: TestClient) -> None:
    low, high = corners(client.get(f"{ITEMS}/world", params={"crs": EPSG + "3857"}).json())
    assert high == pytest.approx([20037508.342789244, 20048966.104014598], abs=1)  # 85.06 degrees north
    assert low == pytest.approx([-20037508.342789244, -20048966.104014598], abs=1)
    assert client.get(f"{ITEMS}/nowhere", params={"crs": EPSG + "3857"}).json()["geometry"] is None


@pytest.mark.parametrize(
    ("uri", "box"),
    [
        (CRS84, "101,31,102,32"),
        *((uri, "31,101,32,102") for uri in LATITUDE_FIRST),
        (EPSG + "3857", f"{X100 + 1},{Y30 + 1},{X100 + 2},{Y30 + 2}"),
        (EPSG + "4326", "31,101,0,32,102,10"),
    ],
)
def test_a_box_is_in_its_own_crs(client: TestClient, uri: str, box: str) -> None:
    assert ids(client, bbox=box, bbox_crs=uri) == {"china", "world"}
    assert ids(client, bbox=box, bbox_crs=uri, crs=EPSG + "4490") == {"china", "world"}


@pytest.mark.parametrize(
    ("uri", "box"),
    [
        (CRS84, "175,-5,-175,5"),
        (EPSG + "4326", "-5,175,5,-175"),
        (EPSG + "3857", "19500000,-500000,-19500000,500000"),
        (EPSG + "3857", "19500000,-500000,20500000,500000"),
    ],
)
def test_a_box_may_cross_the_antimeridian_in_each_crs(client: TestClient, uri: str, box: str) -> None:
    assert ids(client, bbox=box, bbox_crs=uri) == {"pacific", "world"}


def test_a_box_of_a_whole_turn_is_the_whole_turn(client: TestClient) -> None:
    box = "-20037508.342789244,-20037508.342789244,20037508.342789244,20037508.342789244"
    assert ids(client, bbox=box, bbox_crs=EPSG + "3857") == {"china", "world", "pacific"}


@pytest.mark.parametrize("name", ["crs", "bbox-crs", "filter-crs"])
@pytest.mark.parametrize("value", ["http://www.opengis.net/def/crs/0/unknown", EPSG + "2154", "4326", ""])
def test_another_crs_is_refused(client: TestClient, name: str, value: str) -> None:
    answer = client.get(ITEMS, params={name: value, "bbox": "1,2,3,4", "filter": "id = 'china'"})
    assert (answer.status_code, name in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize("box", ["1e300,0,1e301,1", "0,1e9,1,2e9", "1,2,3"])
def test_a_box_beside_the_crs_is_refused(client: TestClient, box: str) -> None:
    assert client.get(ITEMS, params={"bbox": box, "bbox-crs": EPSG + "4326"}).status_code == 400


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        (CRS84, "POLYGON((101 31, 102 31, 102 32, 101 31))"),
        (EPSG + "4326", "POLYGON((31 101, 31 102, 32 102, 31 101))"),
        (EPSG + "4490", "BBOX(31, 101, 32, 102)"),
        (EPSG + "3857", f"BBOX({X100 + 1}, {Y30 + 1}, {X100 + 2}, {Y30 + 2})"),
    ],
)
def test_the_geometries_of_a_filter_are_in_its_crs(client: TestClient, uri: str, text: str) -> None:
    expression = f"S_INTERSECTS(geometry, {text}) AND title <> 'World'"
    assert ids(client, filter=expression, filter_crs=uri) == {"china"}


def test_a_posted_filter_is_in_its_crs_and_its_links_repeat_it(client: TestClient) -> None:
    node = {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [31, 101]}]}
    body = client.post(ITEMS, params={"filter-crs": EPSG + "4326"}, content=json.dumps(node)).json()
    assert {feature["id"] for feature in body["features"]} == {"china", "world"}
    itself = next(link["href"] for link in body["links"] if link["rel"] == "self")
    assert client.get(itself).json()["numberMatched"] == 2


def test_the_pages_and_other_formats_stay_in_degrees(client: TestClient) -> None:
    page = client.get(f"{ITEMS}/china", params={"crs": EPSG + "3857", "f": "html"})
    assert (page.status_code, "11131949" in page.text) == (200, False)
    refused = client.get(f"{ITEMS}/china", params={"crs": EPSG + "3857", "f": "iso19139"})
    assert refused.status_code == 400
