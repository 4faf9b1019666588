"""OGC API Maps over HTTP: pixels against rasterio, headers against arithmetic, and the requirements of the standard."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from PIL import Image
from pyproj import Geod
from rasterio.transform import from_bounds
from rasterio.warp import reproject

from config.grids import CRS84, Grid
from tests.support.catalogues import reading
from tests.support.coverages import publication, steps
from tests.support.levels import with_levels, with_parts
from tests.support.rasters import global_grid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient
    from httpx import Response
    from numpy.typing import NDArray

    from records.datasets.publication import Publication
    from records.datasets.repository import Repository
    from tests.support.database import Server

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")

GRID = global_grid(360, 180)
GREY = "colormap_name=gray&rescale=0,255"
LABELS = ("2006-04-16T12:00:00Z", "2006-05-16T12:00:00Z")
ALBERS = Grid(crs="EPSG:5070", transform=(5000.0, 0, -2_000_000.0, 0, -5000.0, 3_000_000.0), width=400, height=300)


def bytes_of(grid: Grid = GRID) -> NDArray[np.uint8]:
    """Noise in 1..255, with a block of 0, which means no data."""
    values = np.random.default_rng(7).integers(1, 256, (grid.height, grid.width)).astype("uint8")
    values[60:80, 180:220] = 0
    return values


def grey(store: Path) -> Publication:
    """A dataset whose values are shown as grey levels."""
    return publication(store, "grey", {None: bytes_of()}, GRID, nodata=0.0, value_range=(0, 255))


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `grey`, which no test changes."""
    with reading(server, tmp_path_factory.mktemp("store"), grey) as client:
        yield client


def get(client: TestClient, query: str, dataset: str = "grey", **headers: str) -> Response:
    return client.get(f"/collections/{dataset}/map?{query}", headers=headers)


def pixels(answer: Response) -> NDArray[np.uint8]:
    """(band, row, column) of a picture: red, green, blue, alpha."""
    assert answer.status_code == 200, answer.text
    return np.moveaxis(np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA")), -1, 0)


def alike(found: NDArray[Any], expected: NDArray[Any]) -> bool:
    """Whether grey levels are equal but for the rounding of a rescaling."""
    return bool(np.abs(found.astype(int) - expected.astype(int)).max() <= 1)


def bounds(answer: Response) -> list[float]:
    return [float(text) for text in answer.headers["content-bbox"].split(",")]


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:3035", "EPSG:32633"])
def test_a_map_in_any_crs_has_the_pixels_of_a_warp(reader: TestClient, store: Path, crs: str) -> None:
    grey(store)  # the same file as that of the application
    answer = get(reader, f"{GREY}&bbox=-10,15,30,50&crs={crs}&width=200&height=150")
    found = pixels(answer)
    box = bounds(answer)
    west, south, east, north = (box[1], box[0], box[3], box[2]) if crs == "EPSG:3035" else box
    expected = np.zeros((150, 200), "uint8")
    with rasterio.open(store / "grey/v/static.tif") as source:
        transform = from_bounds(west, south, east, north, 200, 150)
        reproject(rasterio.band(source, 1), expected, dst_transform=transform, dst_crs=crs, tolerance=0)
    off = ((found[3] > 0) != (expected > 0)) | (np.abs(np.where(found[3] > 0, found[0], 0) - expected.astype(int)) > 1)
    assert off.mean() <= (0 if crs == "EPSG:3857" else 0.01)  # places between the knots of a mesh are nearly exact
    assert 0 < (expected > 0).mean() < 1


def test_a_map_over_the_antimeridian_is_in_one_piece(reader: TestClient) -> None:
    answer = get(reader, f"{GREY}&bbox=170,-10,-170,10&width=20&height=20")
    assert answer.headers["content-bbox"] == "170.0,-10.0,190.0,10.0"
    columns = np.arange(350, 370) % 360
    assert alike(pixels(answer)[0], bytes_of()[80:100][:, columns])
    mercator = get(reader, f"{GREY}&bbox=170,-10,-170,10&crs=EPSG:3857&width=20&height=20")
    assert bounds(mercator)[2] - bounds(mercator)[0] == pytest.approx(20 / 360 * 40_075_016.69, rel=1e-6)
    assert alike(pixels(mercator)[0][10], bytes_of()[90][columns])


def test_latitudes_beyond_the_poles_are_refused_by_name_and_limit(reader: TestClient) -> None:
    for query, name in (("bbox=-10,0,10,500", "bbox='500'"), ("subset=Lat(-91:10)", "subset='-91'")):
        answer = get(reader, f"{GREY}&{query}")
        assert answer.status_code == 400
        assert f"{name}: latitudes are from -90 to 90" in answer.json()["detail"]
    assert get(reader, f"{GREY}&bbox=-180,-90.0000000001,180,90.0000000001").status_code == 200


def test_width_and_height_are_exact_and_follow_from_each_other(reader: TestClient) -> None:
    for query, shape in (
        ("width=300&height=20", (20, 300)),
        ("width=300", (150, 300)),
        ("height=30", (30, 60)),
        ("", (512, 1024)),
        ("bbox=0,0,10,40&height=80", (80, 20)),
    ):
        assert pixels(get(reader, f"{GREY}&{query}")).shape[1:] == shape


def test_the_background_is_transparent_white_or_of_a_colour(reader: TestClient) -> None:
    box = "bbox=0,10,40,30&width=40&height=20"
    for query, pixel in (
        ("", None),
        ("transparent=false", [255, 255, 255, 255]),
        ("bgcolor=0x102030", [16, 32, 48, 255]),
        ("bgcolor=Navy", [0, 0, 128, 255]),
        ("bgcolor=FF0000&transparent=true", [255, 0, 0, 0]),
    ):
        found = pixels(get(reader, f"{GREY}&{box}&{query}"))[:, 5, 5]
        assert found[3] == 0 if pixel is None else found.tolist() == pixel
    jpeg = pixels(get(reader, f"{GREY}&{box}&bgcolor=0000ff&f=jpeg"))
    assert np.abs(jpeg[:3, 5, 5].astype(int) - [0, 0, 255]).max() < 12


def test_the_format_follows_f_then_accept(reader: TestClient) -> None:
    box = "bbox=0,0,10,10&width=16"
    for query, accept, media_type in (
        ("", "*/*", "image/png"),
        ("", "text/html", "image/png"),
        ("", "image/webp", "image/webp"),
        ("f=jpeg", "image/webp", "image/jpeg"),
        ("f=webp&f=json", "*/*", "image/webp"),
    ):
        assert get(reader, f"{box}&{query}", accept=accept).headers["content-type"] == media_type
    assert get(reader, "f=gif").status_code == 400


def test_core_map_response(client: TestClient, repository: Repository, store: Path) -> None:
    """/req/core/map-response: the storage CRS, Content-Crs, Content-Bbox in its axis order, Content-Datetime."""
    repository.publish(
        publication(store, "usa", {LABELS[0]: bytes_of(ALBERS)}, ALBERS, bbox=(-120.0, 25.0, -70.0, 50.0))
    )
    answer = get(client, "", "usa")
    require_core_response(answer, "http://www.opengis.net/def/crs/EPSG/0/5070", [-2e6, 1.5e6, 0.0, 3e6], LABELS[0])


def require_core_response(answer: Any, crs: str, box: list[float], moment: str) -> None:
    """The requirement as assertions."""
    assert answer.status_code == 200
    assert answer.headers["content-crs"] == f"<{crs}>"
    assert [float(v) for v in answer.headers["content-bbox"].split(",")] == pytest.approx(box)
    assert answer.headers["content-datetime"] == moment


def test_core_map_response_can_fail(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(
        publication(store, "usa", {LABELS[0]: bytes_of(ALBERS)}, ALBERS, bbox=(-120.0, 25.0, -70.0, 50.0))
    )
    for name, value in (
        ("content-crs", "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"),
        ("content-bbox", "1500000,-2000000,3000000,0"),
        ("content-datetime", LABELS[1]),
    ):
        answer = get(client, "", "usa")
        answer.headers[name] = value
        with pytest.raises(AssertionError):
            require_core_response(
                answer, "http://www.opengis.net/def/crs/EPSG/0/5070", [-2e6, 1.5e6, 0.0, 3e6], LABELS[0]
            )


def test_collection_map_desc_links(reader: TestClient) -> None:
    """/req/collection-map/desc-links, and the links lead to maps."""
    links = reader.get("/collections/grey").json()["links"]
    drawings = [links, *(style["links"] for style in reader.get("/collections/grey/styles").json()["styles"])]
    for of_one in drawings:
        for scheme in ("http", "https"):
            rel = f"{scheme}://www.opengis.net/def/rel/ogc/1.0/map"
            (found,) = [link for link in of_one if link["rel"] == rel]
            assert reader.get(found["href"]).headers["content-type"] == found["type"] == "image/png"
            jpeg = reader.get(found["href"], headers={"accept": "image/jpeg"})
            assert jpeg.headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize("name", ["map", "coverage", "schema"])
def test_relations_are_given_in_both_spellings(reader: TestClient, name: str) -> None:
    links = reader.get("/collections/grey").json()["links"]
    by_scheme = [
        [link["href"] for link in links if link["rel"] == f"{scheme}://www.opengis.net/def/rel/ogc/1.0/{name}"]
        for scheme in ("http", "https")
    ]
    assert by_scheme[0] == by_scheme[1] != []


def test_scaling_scale_denominator(reader: TestClient) -> None:
    """/req/scaling/scale-denominator-definition: a pixel is 0.28 mm times the denominator on the earth."""
    answer = get(reader, "center=10,60&scale-denominator=10000000&width=100&height=80")
    west, south, east, north = bounds(answer)
    assert pixels(answer).shape[1:] == (80, 100)
    _, _, metres = Geod(ellps="WGS84").inv(west, 60, east, 60)
    assert metres == pytest.approx(100 * 0.00028 * 1e7, rel=1e-3)
    _, _, metres = Geod(ellps="WGS84").inv(10, south, 10, north)
    assert metres == pytest.approx(80 * 0.00028 * 1e7, rel=1e-3)
    assert get(reader, "bbox=0,0,1,1&scale-denominator=1000000&width=10").status_code == 400


def test_spatial_subsetting_subset(reader: TestClient) -> None:
    """/req/spatial-subsetting/subset-definition: the same map as the box, also across the antimeridian."""
    size = "width=20&height=20"
    box = get(reader, f"bbox=170,-10,-170,10&{size}")
    subset = get(reader, f"subset=Lat(-10:10)&subset=Lon(170:-170)&{size}")
    assert (subset.content, subset.headers["content-bbox"]) == (box.content, box.headers["content-bbox"])
    for query in ("subset=E(1:2)", "subset=Lat(1:2)&bbox=0,0,1,1", "center=1,1&bbox=0,0,1,1", "subset=Foo(1:2)"):
        assert get(reader, query).status_code == 400


def test_datetime_and_levels_choose_what_is_shown(client: TestClient, repository: Repository, store: Path) -> None:
    values = {label: found % 50 + 1 for label, found in steps(GRID, LABELS).items()}
    repository.publish(with_levels(publication(store, "sea", values, GRID), store, {"0": 0.0, "10": 100.0}))
    box = f"{GREY}&bbox=0,0,10,10&width=10&height=10"
    first, deep = pixels(get(client, f"{box}&datetime=2006-04", "sea")), get(client, f"{box}&level=10", "sea")
    assert alike(first[0], values[LABELS[0]][80:90, 180:190].astype("uint8"))
    assert alike(pixels(deep)[0], (values[LABELS[1]][80:90, 180:190] + 100).astype("uint8"))
    same = get(client, f'{box}&subset=depth(10),time("2006-05")', "sea")
    assert same.content == deep.content
    assert same.headers["content-datetime"] == LABELS[1]
    for query, status in (("level=7", 404), ("subset=depth(*)", 400), ("datetime=1999", 404)):
        assert get(client, query, "sea").status_code == status, query


@pytest.fixture(scope="module")
def series(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `sea`, of two months, and `grey`, without times."""
    store = tmp_path_factory.mktemp("store")
    months = steps(GRID, LABELS)
    with reading(server, store, lambda at: publication(at, "sea", months, GRID), grey) as client:
        yield client


@pytest.mark.parametrize(
    ("query", "time"),
    [
        ("datetime=2006-04-01/2006-04-30", LABELS[0]),
        ("datetime=2006-04-01T00:00:00Z/2006-06-01T00:00:00Z", LABELS[1]),
        ("datetime=2006-04-20/..", LABELS[1]),
        ("datetime=../2006-05-01", LABELS[0]),
        ("datetime=../..", LABELS[1]),
        ("datetime=2006", LABELS[1]),
        ("datetime=2006-04-16T12Z", LABELS[0]),
        ('subset=time("2006-04-01":"2006-04-30")', LABELS[0]),
        ('subset=time("2006-04":"2006-06")', LABELS[1]),
        ('subset=time(*:"2006-04")', LABELS[0]),
        ('subset=time("2006-04-16T12Z")', LABELS[0]),
        ('subset=time("2006-04-16T12:00Z")', LABELS[0]),
        ("subset=time(*)", LABELS[1]),
    ],
)
def test_datetime_selects_the_latest_time_in_it(series: TestClient, query: str, time: str) -> None:
    """/req/datetime/datetime-definition and subset-definition; the header says which time is shown."""
    box = "bbox=0,0,10,10&width=10&height=10"
    answer = get(series, f"{box}&{query}", "sea")
    assert answer.headers["content-datetime"] == time
    assert answer.content == get(series, f"{box}&datetime={time}", "sea").content
    again = get(series, f"{box}&{query}", "sea", **{"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.headers["content-datetime"]) == (304, time)


def test_datetime_matches_data_without_times(series: TestClient) -> None:
    """/req/datetime/datetime-response."""
    plain = get(series, "width=20")
    for query in ("datetime=2006-04", 'subset=time("2006":"2007")', "datetime=../.."):
        answer = get(series, f"width=20&{query}")
        assert (answer.content, "content-datetime" in answer.headers) == (plain.content, False)


def test_an_interval_that_goes_on_is_cached_as_shortly_as_the_latest(series: TestClient) -> None:
    ages = [get(series, f"width=9&{query}", "sea").headers["cache-control"] for query in ("", "datetime=2006/..")]
    assert ages == ["public, max-age=60"] * 2
    for query in ("datetime=2006-04", f"datetime={LABELS[1]}"):
        assert get(series, f"width=9&{query}", "sea").headers["cache-control"] == "public, max-age=3600"


def test_sheets_are_drawn_as_one(client: TestClient, repository: Repository, store: Path) -> None:
    base = publication(store, "grey", {None: bytes_of()}, GRID, nodata=0.0, value_range=(0, 255))
    cut = {
        "a": (slice(0, 100), slice(0, 360)),
        "b": (slice(90, 180), slice(0, 200)),
        "c": (slice(90, 180), slice(200, 360)),
    }
    repository.publish(with_parts(base, store, cut))
    assert alike(pixels(get(client, f"{GREY}&width=360&height=180"))[0][:60], bytes_of()[:60])
    one = get(client, f"{GREY}&width=360&height=90&part=b")
    assert one.headers["content-bbox"] == "-180.0,-90.0,20.0,0.0"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("width=0", 400),
        ("width=-5", 400),
        ("width=1e9", 400),
        ("width=100000&height=1", 413),
        ("width=8000&height=8000", 413),
        ("bbox=0,0,0,0", 400),
        ("bbox=10,10,5,5", 400),
        ("bbox=nan,0,1,1", 400),
        ("bbox=0,0,1e400,1", 400),
        ("crs=EPSG:1", 400),
        ("bbox=0,0,1e12,1e12&bbox-crs=EPSG:3857", 400),
        ("transparent=maybe", 400),
        ("bgcolor=%00", 400),
        ("bgcolor=blurple", 400),
        ("center=1", 400),
        ("scale-denominator=nan", 400),
        ("scale-denominator=1000", 413),
        ("resampling=lanczos", 400),
        ("bogus=1", 400),
        ("bidx=2", 400),
        ("variable=nope", 404),
        ("rescale=5,1", 400),
    ],
)
def test_what_makes_no_map_is_refused(reader: TestClient, query: str, status: int) -> None:
    answer = get(reader, query)
    assert answer.status_code == status, answer.text


def test_a_region_beside_the_data_is_404_and_one_that_is_none_is_400(
    client: TestClient, repository: Repository, store: Path
) -> None:
    region = Grid(crs=CRS84, transform=(1.0, 0.0, 100.0, 0.0, -1.0, 50.0), width=30, height=20)
    repository.publish(publication(store, "region", {None: bytes_of()[:20, :30]}, region))
    for query in (
        "bbox=0,0,10,10",
        "bbox=100,50.5,110,60",
        "subset=Lat(0:10)",
        "subset=Lat(60:*)",
        "subset=Lon(0:10),Lat(30:40)",
        "center=0,0&scale-denominator=1e6&width=9&height=9",
        "bbox=0,0,10,10&bbox-crs=EPSG:3857",
    ):
        answer = get(client, query, "region")
        assert answer.status_code == 404, (query, answer.text)
        assert "from 100 to 130" in answer.json()["detail"]
    for query, words in (
        ("bbox=0,91,10,99", "from -90 to 90"),
        ("subset=Lat(95:99)", "from -90 to 90"),
        ("bbox=10,10,20,5", "the lower end of latitude, 10, is above the upper end, 5"),
        ("bbox=1,2,3", "give 4 numbers"),
        ("subset=Lat(10:5)", "the lower end of latitude, 10, is above the upper end, 5"),
        ("subset=Lat(a:b)", "number"),
        ("subset=time(2006)", "quotation marks"),
        ('subset=time("2006":"2005")', "ends before it starts"),
        ("bbox=110,40,110,45", "a width and a height"),
    ):
        answer = get(client, query, "region")
        assert (answer.status_code, words in answer.json()["detail"]) == (400, True), (query, answer.text)


def test_a_map_beyond_the_edge_of_the_data_is_partly_empty(
    client: TestClient, repository: Repository, store: Path
) -> None:
    region = Grid(crs=CRS84, transform=(1.0, 0.0, 100.0, 0.0, -1.0, 50.0), width=30, height=20)
    repository.publish(publication(store, "region", {None: bytes_of()[:20, :30]}, region))
    found = pixels(get(client, "bbox=95,40,105,50&width=10&height=10", "region"))[3]
    assert found[:, :5].max() == 0 < found[:, 5:].min()


def test_a_known_map_is_304(reader: TestClient) -> None:
    answer = get(reader, "bbox=0,0,10,10&width=10")
    known = get(reader, "bbox=0,0,10,10&width=10", **{"if-none-match": answer.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
