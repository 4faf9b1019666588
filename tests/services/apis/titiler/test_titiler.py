"""titiler's routes answer for every kind of dataset, and say the same as the routes of the standards."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from PIL import Image

from services.drawing.tiles.matrix_sets import builtin_ids
from tests.support.zones import box

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx import Response
    from numpy.typing import NDArray

SST = "variable=v&datetime=2006-05&level=50"
FEATURE = {"type": "Feature", "properties": {"name": "a"}, "geometry": box(110, 20, 120, 30)}
KINDS = {"sst": f"?{SST}", "packed": "", "sheets": ""}
GETS = (
    "info",
    "info.geojson",
    "statistics",
    "point/115.5,25.5",
    "preview",
    "preview.npy",
    "preview/16x8.png",
    "bbox/110,20,120,30.tif",
    "bbox/110,20,120,30/20x20.webp",
    "tiles",
    "tiles/WorldCRS84Quad",
    "tiles/WebMercatorQuad/2/3/1",
    "tiles/WorldCRS84Quad/1/3/0.jpg",
    "WebMercatorQuad/tilejson.json",
)
POSTS = ("statistics", "feature", "feature.npy", "feature/20x20.png")


def array(answer: Response) -> NDArray[Any]:
    """(values..., mask) of an npy answer."""
    assert answer.status_code == 200, answer.text
    return np.load(io.BytesIO(answer.content))


def rgba(answer: Response) -> NDArray[np.uint8]:
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))


def cells(answer: Response) -> NDArray[Any]:
    """The first band of a GeoTIFF answer."""
    assert answer.status_code == 200, answer.text
    with rasterio.MemoryFile(answer.content) as file, file.open() as raster:
        values: NDArray[Any] = raster.read(1)
    return values


@pytest.mark.parametrize("kind", KINDS)
def test_every_route_answers_for_times_levels_seams_and_sheets(client: TestClient, kind: str) -> None:
    for path in GETS:
        answer = client.get(f"/titiler/{kind}/{path}{KINDS[kind]}")
        assert answer.status_code == 200, (path, answer.text)
        assert answer.headers["cache-control"].startswith("public")
        assert answer.headers["etag"]
    for path in POSTS:
        answer = client.post(f"/titiler/{kind}/{path}{KINDS[kind]}", json=FEATURE)
        assert answer.status_code == 200, (path, answer.text)
        assert "etag" not in answer.headers


@pytest.mark.parametrize(
    ("dataset", "query"),
    [("sst", f"{SST}&style=grey"), ("sst", SST), ("packed", ""), ("sheets", "resampling=bilinear")],
)
@pytest.mark.parametrize("tile", ["2/1/3", "0/0/0", "3/2/6"])
def test_tiles_are_those_of_ogc_api_tiles(client: TestClient, dataset: str, query: str, tile: str) -> None:
    matrix, row, column = tile.split("/")
    ogc = f"/collections/{dataset}/map/tiles/WebMercatorQuad/{tile}?{query}"
    own = f"/titiler/{dataset}/tiles/WebMercatorQuad/{matrix}/{column}/{row}"
    np.testing.assert_array_equal(rgba(client.get(f"{own}.png?{query}")), rgba(client.get(f"{ogc}&f=png")))
    np.testing.assert_array_equal(array(client.get(f"{own}.npy?{query}")), array(client.get(f"{ogc}&f=npy")))


@pytest.mark.parametrize(
    ("dataset", "box"), [("sst", "10,-20,40,15"), ("sst", "-180,-90,180,90"), ("sheets", "130,20,140,30")]
)
def test_a_part_has_the_cells_of_the_coverage(client: TestClient, dataset: str, box: str) -> None:
    query = KINDS[dataset].removeprefix("?")
    part = cells(client.get(f"/titiler/{dataset}/bbox/{box}.tif?{query}"))
    selection = query.replace("variable=", "properties=").replace("&level=50", "") + (
        "&subset=depth(50)" if query else ""
    )
    coverage = cells(client.get(f"/collections/{dataset}/coverage?bbox={box}&f=tif&{selection}"))
    np.testing.assert_array_equal(part, coverage)


@pytest.mark.parametrize(("dataset", "place"), [("sst", "10.5,20.5"), ("packed", "-100,50"), ("sheets", "140.5,30.5")])
def test_a_point_is_the_position(client: TestClient, dataset: str, place: str) -> None:
    query = KINDS[dataset].removeprefix("?")
    found = client.get(f"/titiler/{dataset}/point/{place}?{query}").json()
    selection = query.replace("variable=", "properties=")
    position = client.get(f"/collections/{dataset}/position?coords=POINT({place.replace(',', ' ')})&{selection}").json()
    assert found["values"] == position["ranges"]["v"]["values"]


def test_values_are_physical_and_begin_at_180_west(client: TestClient) -> None:
    values = array(client.get("/titiler/packed/preview.npy"))
    assert values.dtype == "float32"
    np.testing.assert_array_equal(values[0, 0], [2.0, 2.5, 3.0, 3.5, 0.0, 0.5, 1.0, 1.5])
    assert not values[1, 3].any() or (values[1, 3] == np.finfo("float32").min).all()
    assert client.get("/titiler/packed/info").json()["bounds"] == [-180, -90, 180, 90]


def test_the_sheets_of_a_time_are_one_raster(client: TestClient) -> None:
    assert client.get("/titiler/sheets/info").json()["width"] == 60
    assert client.get("/titiler/sheets/info?part=a").json()["width"] == 35
    found = client.get("/titiler/sheets/statistics").json()["b1"]
    assert (found["count"], found["max"]) == (60 * 40, 39 * 10_000 + 59)


def test_statistics_of_a_feature_weigh_its_cells(client: TestClient) -> None:
    polygon = {"type": "Polygon", "coordinates": [[[10, 20], [12, 20], [12, 21.5], [10, 21.5], [10, 20]]]}
    answer = client.post(
        f"/titiler/sst/statistics?{SST}", json={"type": "Feature", "properties": {"id": 1}, "geometry": polygon}
    )
    found = answer.json()["properties"]
    assert found["id"] == 1
    assert found["statistics"]["b1"]["count"] == pytest.approx(3.0)


@pytest.mark.filterwarnings("ignore::morecantile.errors.PointOutsideTMSBounds")  # of polar sets, by titiler itself
def test_links_carry_the_selection_and_answer(client: TestClient) -> None:
    document = client.get(f"/titiler/sst/WebMercatorQuad/tilejson.json?{SST}&style=grey&tile_format=png").json()
    (url,) = document["tiles"]
    assert url.startswith("http://localhost:8080/titiler/sst/tiles/WebMercatorQuad/{z}/{x}/{y}.png?variable=v&")
    path = url.removeprefix("http://localhost:8080").replace("{z}/{x}/{y}", "0/0/0")
    assert rgba(client.get(path)).shape == (512, 512, 4)
    tilesets = client.get(f"/titiler/sst/tiles?{SST}", headers={"Accept": "text/html"}).json()["tilesets"]
    links = [link["href"] for tileset in tilesets for link in tileset["links"] if link["rel"] == "self"]
    assert len(links) == len(builtin_ids())
    for link in links:
        assert client.get(link.removeprefix("http://localhost:8080")).status_code == 200


def test_a_known_answer_is_304(client: TestClient) -> None:
    for path in ("info", "preview.png", "tiles/WebMercatorQuad/0/0/0.png"):
        first = client.get(f"/titiler/sst/{path}")
        again = client.get(f"/titiler/sst/{path}", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        other = client.get(f"/titiler/sst/{path}?level=50")
        assert other.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("info?nonsense=1", 400, "nonsense"),
        ("info?variable=v&variable=v", 400, "variable"),
        ("info?variable=w", 404, "'w'"),
        ("info?datetime=1999", 404, "1999"),
        ("info?level=7", 404, "7"),
        ("preview?max_size=2049", 400, "2048"),
        ("preview/4000x10.png", 400, "2048"),
        ("preview.gif", 400, "gif"),
        ("preview.png?style=none", 404, "none"),
        ("preview?dst_crs=http://localhost:9/crs", 400, "dst_crs"),
        ("preview?dst_crs=EPSG:99", 400, "dst_crs"),
        ("bbox/0,0,inf,10.png", 400, "bbox"),
        ("bbox/10,0,-10,10.png", 400, "170,-10,190,10"),
        ("bbox/0,0,10,1000.png", 400, "-90 to 90"),
        ("bbox/0,0,10,10/9999x9.png", 400, "2048"),
        ("bbox/0,0,10,10.png?expression=b1**9**9", 400, "expression"),
        ("tiles/WebMercatorQuad/30/0/0", 404, "tileMatrix"),
        ("tiles/WebMercatorQuad/1/0/2", 404, "tileRow"),
        ("tiles/Other/1/0/0", 404, "WebMercatorQuad"),
        ("tiles/WebMercatorQuad/0/0/0?tilesize=5000", 400, "1024"),
        ("tiles/WebMercatorQuad/0/0/0?buffer=1000", 400, "64"),
        ("tiles/WebMercatorQuad/0/0/0?buffer=0.3", 400, "buffer"),
        ("tiles?f=xml", 400, "json"),
        ("WebMercatorQuad/tilejson.json?tile_format=gif", 400, "gif"),
        ("point/10,95", 400, "90"),
        ("point/10,10?coord_crs=/etc/passwd", 400, "coord_crs"),
        ("point/10,10?bidx=7", 400, "7"),
        ("statistics?histogram_bins=100000", 400, "1000"),
        ("statistics?categorical=true", 400, "categorical"),
        ("statistics?p=101", 400, "100"),
    ],
)
def test_a_bad_request_is_told_why(client: TestClient, path: str, status: int, word: str) -> None:
    answer = client.get(f"/titiler/sst/{path}")
    assert (answer.status_code, word in answer.json()["detail"]) == (status, True), answer.text


@pytest.mark.parametrize(
    ("geometry", "query", "status", "word"),
    [
        (None, "", 400, "Polygon"),
        ({"type": "Point", "coordinates": [0, 0]}, "", 400, "Polygon"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 95], [0, 0]]]}, "", 400, "90"),
        (
            box(0, 0, 100, 80),
            "cover_scale=100&max_size=2048&height=2048",
            413,
            "cover_scale",
        ),
        (box(0, 0, 10, 10), "cover_scale=1000", 400, "100"),
    ],
)
def test_a_bad_feature_is_told_why(
    client: TestClient, geometry: dict[str, Any] | None, query: str, status: int, word: str
) -> None:
    feature = {"type": "Feature", "properties": {}, "geometry": geometry}
    answer = client.post(f"/titiler/sst/statistics?{query}", json=feature)
    assert (answer.status_code, word in answer.json()["detail"]) == (status, True), answer.text


def test_features_are_bounded_together(client: TestClient) -> None:
    def post(features: list[dict[str, Any]], query: str = "") -> Response:
        return client.post(f"/titiler/sst/statistics?{query}", json={"type": "FeatureCollection", "features": features})

    few = post([FEATURE, FEATURE])
    assert [f["properties"]["statistics"]["b1"]["count"] for f in few.json()["features"]] == [100, 100]
    many = post([FEATURE] * 101)
    assert (many.status_code, "at most 100" in many.json()["detail"]) == (413, True)
    ring = [[x * 1e-4, 0.0] for x in range(100_000)] + [[5, 1], [0, 0]]
    long = post([{**FEATURE, "geometry": {"type": "Polygon", "coordinates": [ring]}}])
    assert (long.status_code, "vertices" in long.json()["detail"]) == (413, True)


def test_a_large_region_needs_a_size(client: TestClient) -> None:
    refused = client.get("/titiler/wide/bbox/-180,-10,180,10.tif")
    assert (refused.status_code, "max_size=2048" in refused.json()["detail"]) == (413, True)
    assert cells(client.get("/titiler/wide/bbox/-180,-10,180,10.tif?max_size=360")).shape == (20, 360)
    assert cells(client.get("/titiler/wide/bbox/-10,-10,10,10.tif")).shape == (200, 200)
