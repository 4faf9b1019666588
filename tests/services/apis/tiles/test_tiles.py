"""Tiles over HTTP."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from rio_tiler.colormap import cmap

from config.grids import CRS84, Grid
from records.datasets.models import Access, LayerAxis
from tests.support.catalogues import reading
from tests.support.datasets import STEPS, classified, dated
from tests.support.rasters import coded, global_grid, publication
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient
    from httpx import Response
    from numpy.typing import NDArray

    from records.datasets.repository import Repository
    from tests.support.database import Server

OGC = "/collections/sst/map/tiles/WebMercatorQuad"
CORNER = Grid(crs=CRS84, transform=(0.5, 0.0, 10.0, 0.0, -0.5, 10.0), width=20, height=20)


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `sst`, which no test changes."""
    with reading(server, tmp_path_factory.mktemp("store"), dated) as client:
        yield client


def rgba(answer: Response) -> NDArray[np.uint8]:
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))


def values(answer: Response) -> NDArray[np.float32]:
    """(values, mask) bands of an npy tile."""
    assert answer.status_code == 200, answer.text
    return np.load(io.BytesIO(answer.content))


def test_a_tile_is_png_by_default(reader: TestClient) -> None:
    answer = reader.get(f"{OGC}/2/1/3")
    assert answer.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size == (256, 256)


def test_row_comes_before_column(reader: TestClient) -> None:
    shown = values(reader.get(f"{OGC}/2/1/3?f=npy&datetime=2006-04"))[0]
    assert (shown % 10_000).min() == 270  # column 3 of 4: from 90 E on
    assert (shown // 10_000).min() == 23  # row 1 of 4: from 66.5 N on


def test_an_xyz_tile_is_the_ogc_tile_with_column_before_row(reader: TestClient) -> None:
    ogc, xyz = reader.get(f"{OGC}/2/1/3?datetime=2006-04"), reader.get("/xyz/sst/v/2/3/1.png?datetime=2006-04")
    assert ogc.content == xyz.content
    assert ogc.content != reader.get("/xyz/sst/v/2/1/3.png?datetime=2006-04").content


@pytest.mark.parametrize(
    ("f", "media_type"),
    [
        ("png", "image/png"),
        ("webp", "image/webp"),
        ("jpg", "image/jpeg"),
        ("npy", "application/x-binary"),
        ("tif", "image/tiff; application=geotiff"),
    ],
)
def test_f_chooses_the_format(reader: TestClient, f: str, media_type: str) -> None:
    answer = reader.get(f"{OGC}/0/0/0?f={f}", headers={"Accept": "image/png"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("image/webp", "image/webp"),
        ("image/jpeg, image/png;q=0.5", "image/jpeg"),
        ("image/avif,image/webp,image/*,*/*;q=0.8", "image/png"),
        ("*/*", "image/png"),
        ("text/html", "image/png"),
    ],
)
def test_accept_chooses_the_format_where_f_does_not(reader: TestClient, accept: str, media_type: str) -> None:
    assert reader.get(f"{OGC}/0/0/0", headers={"Accept": accept}).headers["content-type"] == media_type


def test_the_first_of_repeated_formats_counts(reader: TestClient) -> None:
    assert reader.get(f"{OGC}/0/0/0?f=webp&f=json").headers["content-type"] == "image/webp"


@pytest.mark.parametrize(
    ("query", "step"),
    [
        ("", 2),
        ("?datetime=2006-05", 1),
        (f"?datetime={STEPS[0]}", 0),
        ("?datetime=2006-05-17&nearest=true", 1),
        ("?datetime=2006-04/2006-05", 1),
        ("?datetime=../2006-05-01", 0),
        ("?datetime=2006", 2),
    ],
)
def test_datetime_selects_the_latest_granule_in_it(reader: TestClient, query: str, step: int) -> None:
    for _ in ("by the route", "by its plan"):
        answer = reader.get(f"/xyz/sst/v/0/0/0.npy{query}")
        assert set(np.unique(values(answer)[0] // 2_000_000)) == {step}
        assert answer.headers["content-datetime"] == STEPS[step]


@pytest.mark.parametrize(
    ("time", "step"), [("latest", 2), ("20060516T120000Z", 1), ("200604", 0), ("2006-05-16", 1), ("20060616", 2)]
)
def test_a_time_in_the_path_selects_the_granule(reader: TestClient, time: str, step: int) -> None:
    shown = values(reader.get(f"/xyz/sst/v/default/{time}/0/0/0.npy"))[0]
    assert set(np.unique(shown // 2_000_000)) == {step}


def test_a_level_in_the_path_selects_the_granule(client: TestClient, repository: Repository, store: Path) -> None:
    grid = global_grid(8, 4)
    made = publication(store, "deep", {"2001": coded(grid), "2002": coded(grid) + 7}, grid)
    first, second = made.granules
    same = replace(second, time=first.time, key=first.key, start_key=first.start_key, end_key=first.end_key)
    axis = LayerAxis(name="depth", unit="m", positive="down", labels=("0", "10"))
    granules = (replace(first, layer="0"), replace(same, layer="10"))
    repository.publish(replace(made, variables=(replace(made.variables[0], levels=axis),), granules=granules))
    levels = ("0", "10", "10.0")
    assert [values(client.get(f"/xyz/deep/v/default/2001/{level}/0/0/0.npy"))[0].min() for level in levels] == [0, 7, 7]


def test_a_time_without_data_is_404_and_names_the_range(reader: TestClient) -> None:
    answer = reader.get(f"{OGC}/0/0/0?datetime=1999")
    assert answer.status_code == 404
    assert STEPS[0] in answer.json()["detail"]


def test_the_default_style_colours_the_values(reader: TestClient) -> None:
    colors = cmap.get("viridis")
    shown = values(reader.get("/xyz/sst/v/1/1/0.npy?datetime=2006-04"))[0]
    drawn = rgba(reader.get("/xyz/sst/v/1/1/0.png?datetime=2006-04"))
    table = np.array([colors[i] for i in range(256)], "uint8")
    np.testing.assert_array_equal(drawn, table[(shown.astype("float64") / 1_800_000 * 255).astype("uint8")])


def test_a_style_is_chosen_by_query_path_or_xyz_path(reader: TestClient) -> None:
    urls = (
        f"{OGC}/1/0/1?style=grey",
        "/collections/sst/styles/grey/map/tiles/WebMercatorQuad/1/0/1",
        "/xyz/sst/v/grey/latest/1/1/0.png",
        "/xyz/sst/v/1/1/0.png?colormap_name=gray&rescale=0,900000",
    )
    tiles = [reader.get(url).content for url in urls]
    assert len(set(tiles)) == 1
    assert tiles[0] != reader.get(f"{OGC}/1/0/1").content


def test_titilers_own_parameters_work(reader: TestClient) -> None:
    url = "/xyz/sst/v/1/1/0.png?datetime=2006-04"
    drawn = rgba(reader.get(f"{url}&rescale=0,10&colormap_name=gray"))
    assert set(np.unique(drawn[..., 0])) == {255}
    half = rgba(reader.get(f"{url}&expression=b1*0%2B5&rescale=0,10"))
    assert set(np.unique(half[..., 0])) == {127}
    assert rgba(reader.get(f"{url}&resampling=bilinear&tilesize=64&bidx=1")).shape == (64, 64, 4)
    classes = rgba(reader.get(f"{url}&colormap=[[[0,900000],[255,0,0,255]],[[900000,9000000],[0,0,255,255]]]"))
    assert tuple(classes[0, 0]) == (255, 0, 0, 255)


def test_class_colours_and_transparency_of_a_categorical_variable(
    client: TestClient, repository: Repository, store: Path
) -> None:
    repository.publish(classified(store))
    drawn = rgba(client.get("/xyz/cover/v/0/0/0.png"))
    assert tuple(drawn[10, 10]) == (255, 0, 0, 255)
    assert tuple(drawn[10, 200]) == (0, 0, 255, 255)
    assert not drawn[130:, :, 3].any()


@pytest.mark.parametrize("f", ["png", "webp"])
def test_a_tile_outside_the_data_is_a_transparent_image(
    client: TestClient, repository: Repository, store: Path, f: str
) -> None:
    repository.publish(publication(store, "corner", {None: coded(CORNER)}, CORNER))
    drawn = rgba(client.get(f"/xyz/corner/v/5/0/0.{f}?tilesize=128"))
    assert drawn.shape == (128, 128, 4)
    assert not drawn[..., 3].any()


def test_a_jpeg_is_white_where_there_is_no_data(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(publication(store, "corner", {None: coded(CORNER)}, CORNER))
    assert (rgba(client.get("/xyz/corner/v/5/0/0.jpg")) == 255).all()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("0/0/1", 404),
        ("2/4/0", 404),
        ("2/2147483647/2147483647", 404),
        ("2/-1/0", 404),
        ("99/0/0", 404),
        ("9" * 39 + "/0/0", 404),
        ("a/0/0", 400),
        ("2/x/0", 400),
        ("2/0/1.5", 400),
        ("2/0/٣", 400),
    ],
)
def test_a_tile_outside_its_matrix_is_404_and_no_number_is_400(reader: TestClient, path: str, status: int) -> None:
    answer = reader.get(f"{OGC}/{path}")
    assert answer.status_code == status
    assert set(answer.json()) == {"type", "title", "status", "detail"}


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/collections/nothing/map/tiles/WebMercatorQuad/0/0/0", 404),
        ("/collections/sst/map/tiles/NoSuchQuad/0/0/0", 404),
        ("/collections/a%00b/map/tiles/WebMercatorQuad/0/0/0", 400),
        (f"{OGC}/0/0/0?level=%00", 400),
        (f"{OGC}/0/0/0?part=nothing", 404),
        (f"{OGC}/0/0/0?variable=nothing", 404),
        (f"{OGC}/0/0/0?style=nothing", 404),
        (f"{OGC}/0/0/0?f=gif", 400),
        (f"{OGC}/0/0/0?datetime=yesterday", 400),
        (f"{OGC}/0/0/0?nearest=perhaps", 400),
        (f"{OGC}/0/0/0?tilesize=100000", 400),
        (f"{OGC}/0/0/0?tilesize=0", 400),
        (f"{OGC}/0/0/0?rescale=5,5", 400),
        (f"{OGC}/0/0/0?rescale=nan,1", 400),
        (f"{OGC}/0/0/0?rescale=a", 400),
        (f"{OGC}/0/0/0?colormap_name=nothing", 400),
        (f"{OGC}/0/0/0?colormap=[]", 400),
        (f"{OGC}/0/0/0?colormap=5", 400),
        (f'{OGC}/0/0/0?colormap={{"a":[0,0,0]}}', 400),
        (f'{OGC}/0/0/0?colormap={{"1":[0,0,999,255]}}', 400),
        (f"{OGC}/0/0/0?bidx=7", 400),
        (f"{OGC}/0/0/0?bidx=0&expression=b1&rescale=0,1", 400),
        (f"{OGC}/0/0/0?expression=b9&rescale=0,1", 400),
        (f"{OGC}/0/0/0?expression=b1", 400),
        (f"{OGC}/0/0/0?expression=9**9**9**9&rescale=0,1", 400),
        (f"{OGC}/0/0/0?expression=b1%2B9**9**9**9&rescale=0,1", 400),
        (f"{OGC}/0/0/0?expression={'(' * 60}b1{')' * 60}**sin()&rescale=0,1", 400),
        (f"{OGC}/0/0/0?expression=__import__('os')&rescale=0,1", 400),
        (f"{OGC}/0/0/0?expression={'b1%2B' * 200}b1&rescale=0,1", 400),
        (f"{OGC}/0/0/0?resampling=magic", 400),
        (f"{OGC}/0/0/0?resampling=gauss", 400),
        (f"{OGC}/0/0/0?color_formula=gamma", 400),
        (f"{OGC}/0/0/0?color_formula=saturation%201.2", 400),
        (f"{OGC}/0/0/0?nodata=abc", 400),
        (f"{OGC}/0/0/0?nodata=1e300", 400),
        ("/xyz/sst/v/0/0/0.gif", 400),
        ("/xyz/sst/v/default/someday/0/0/0.png", 400),
        ("/xyz/sst/v/default/2009/0/0/0.png", 404),
    ],
)
def test_a_bad_request_is_refused_with_its_status(reader: TestClient, url: str, status: int) -> None:
    answer = reader.get(url)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


@pytest.mark.parametrize(
    "access",
    [Access(policy="apply"), Access(embargo_until=(datetime.now(UTC) + timedelta(days=2)).date())],
    ids=["apply", "embargo"],
)
@pytest.mark.parametrize(
    "url",
    [
        f"{OGC}/0/0/0",
        "/collections/sst/styles/default/map/tiles/WebMercatorQuad/0/0/0",
        "/xyz/sst/v/0/0/0.png",
        "/xyz/sst/v/default/latest/0/0/0.png",
        "/xyz/sst/v/tilejson.json",
        "/collections/sst/map/tiles/WebMercatorQuad/tilejson.json",
        "/collections/sst/map/point/0,0",
        "/collections/sst/map/statistics",
    ],
)
def test_restricted_data_is_403_with_the_reason(
    client: TestClient, repository: Repository, store: Path, url: str, access: Access
) -> None:
    repository.publish(dated(store, access=access))
    answer = client.get(url, headers={"If-None-Match": "*"})
    assert answer.status_code == 403
    assert "application" in answer.json()["detail"] or "embargo" in answer.json()["detail"]


def test_an_unchanged_tile_is_304(reader: TestClient) -> None:
    first = reader.get(f"{OGC}/0/0/0")
    again = reader.get(f"{OGC}/0/0/0", headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_the_tag_changes_with_parameters_and_with_the_collection(
    client: TestClient, repository: Repository, store: Path
) -> None:
    repository.publish(dated(store))
    tags = {client.get(f"{OGC}/0/0/0{q}").headers["etag"] for q in ("", "?style=grey", "?rescale=0,1", "?f=webp")}
    repository.publish(dated(store))
    eventually(lambda: client.get(f"{OGC}/0/0/0").headers["etag"], lambda tag: tag not in tags)
    assert len(tags) == 4


def test_the_latest_is_cached_shortly_and_a_dated_tile_longer(reader: TestClient) -> None:
    latest, dated_ = (reader.get(f"{OGC}/0/0/0{q}").headers["cache-control"] for q in ("", "?datetime=2006-05"))
    assert (latest, dated_) == ("public, max-age=60", "public, max-age=3600")


def test_world_crs84_tiles_are_degrees(reader: TestClient) -> None:
    answer = reader.get("/collections/sst/map/tiles/WorldCRS84Quad/1/1/3?f=npy&datetime=2006-04")
    assert answer.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    assert answer.headers["content-bbox"] == "90.0,-90.0,180.0,0.0"
    shown = values(answer)[0]
    assert (shown.min() // 10_000, shown.min() % 10_000) == (90, 270)


@pytest.mark.parametrize(
    "dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32", "int64", "float32", "float64"]
)
def test_every_dtype_becomes_a_picture_and_keeps_its_values(
    client: TestClient, repository: Repository, store: Path, dtype: str
) -> None:
    grid = global_grid(8, 4)
    ramp = np.tile(np.arange(8), (4, 1)).astype(dtype)
    repository.publish(publication(store, "ramp", {None: ramp}, grid, value_range=(0, 7)))
    shown = values(client.get("/collections/ramp/map/tiles/WorldCRS84Quad/0/0/0?f=npy"))
    assert shown.dtype == dtype
    assert shown[0, 0, ::64].tolist() == [0, 1, 2, 3]
    drawn = rgba(client.get("/xyz/ramp/v/0/0/0.png"))
    assert len(np.unique(drawn.reshape(-1, 4), axis=0)) == 8
    assert (drawn[..., 3] == 255).all()


def test_a_projected_dataset_has_tiles_inside_and_transparent_ones_outside(
    client: TestClient, repository: Repository, store: Path
) -> None:
    grid = Grid(crs="EPSG:32633", transform=(1000.0, 0.0, 300_000.0, 0.0, -1000.0, 5_600_000.0), width=300, height=200)
    box = (12.1, 48.7, 16.4, 50.6)
    made = publication(store, "utm", {None: coded(grid)}, grid, nodata=-1.0, bbox=box)
    repository.publish(made)
    assert (rgba(client.get("/xyz/utm/v/9/275/174.png"))[..., 3] == 255).all()
    assert not rgba(client.get("/xyz/utm/v/9/0/0.png"))[..., 3].any()
    assert client.get("/collections/utm/map/point/13.5,49.7").json()["values"][0] > 0
    assert client.get("/collections/utm/map/point/0,0").status_code == 404
    assert client.get("/collections/utm/map/statistics").json()["b1"]["max"] == 199 * 10_000 + 299
    limits = client.get("/collections/utm/map/tiles/WebMercatorQuad").json()["tileMatrixSetLimits"]
    assert limits[-1]["tileMatrix"] == "7"
    assert limits[4] == {"tileMatrix": "4", "minTileRow": 5, "maxTileRow": 5, "minTileCol": 8, "maxTileCol": 8}


def test_values_are_coloured_only_where_the_request_says_so(reader: TestClient) -> None:
    assert values(reader.get("/xyz/sst/v/0/0/0.npy?colormap_name=gray")).shape == (4, 256, 256)
    assert values(reader.get("/xyz/sst/v/0/0/0.npy?style=grey")).shape == (2, 256, 256)


def test_a_true_colour_dataset_is_drawn_as_it_is(client: TestClient, repository: Repository, store: Path) -> None:
    bands = np.stack([np.full((4, 8), v, "uint8") for v in (10, 20, 30)])
    made = publication(store, "rgb", {None: bands}, global_grid(8, 4))
    variable = replace(made.variables[0], kind="rgb", band_count=3)
    variable = replace(variable, styles=(replace(variable.styles[0], colormap=None, range=None),))
    repository.publish(replace(made, variables=(variable,)))
    for f in ("png", "webp"):
        assert np.unique(rgba(client.get(f"/xyz/rgb/v/0/0/0.{f}")).reshape(-1, 4), axis=0).tolist() == [
            [10, 20, 30, 255]
        ]
    assert client.get("/xyz/rgb/v/0/0/0.png?colormap_name=gray").status_code == 400
    assert client.get("/collections/rgb/styles/default/legend").json()["type"] == "color"
    assert client.get("/collections/rgb/styles/default/legend?f=svg").status_code == 200


ROUTES = [
    f"{OGC}/0/0/0",
    "/collections/sst/styles/grey/map/tiles/WebMercatorQuad/0/0/0",
    "/xyz/sst/v/0/0/0.png",
    "/xyz/sst/v/default/latest/0/0/0.png",
    "/xyz/sst/v/tilejson.json",
    "/collections/sst/map/tiles",
    OGC,
    f"{OGC}/tilejson.json",
    "/tileMatrixSets",
    "/collections/sst/map/point/0,0",
    "/collections/sst/map/statistics",
    "/collections/sst/styles",
    "/collections/sst/styles/grey/legend",
]


@pytest.mark.parametrize("url", ROUTES)
def test_an_unknown_parameter_is_400_and_names_the_known_ones(reader: TestClient, url: str) -> None:
    assert reader.get(url).status_code == 200
    answer = reader.get(f"{url}?foo=bar")
    assert answer.status_code == 400
    assert "'foo'" in answer.json()["detail"]
    assert any(name in answer.json()["detail"] for name in ("variable", "rescale", "lang"))


@pytest.mark.parametrize("url", [f"{OGC}/0/0/0", "/xyz/sst/v/0/0/0.png", OGC, f"{OGC}/tilejson.json"])
@pytest.mark.parametrize("query", ["datetime=", "datetime=2006-04&datetime=2006-05"])
def test_an_empty_or_repeated_time_is_400(reader: TestClient, url: str, query: str) -> None:
    answer = reader.get(f"{url}?{query}")
    assert (answer.status_code, "datetime" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize("f", ["image/png", "image/webp", "image/tiff; application=geotiff", "IMAGE/JPEG"])
def test_a_media_type_chooses_the_format(reader: TestClient, f: str) -> None:
    answer = reader.get(f"{OGC}/0/0/0", params={"f": f})
    assert (answer.status_code, answer.headers["content-type"].lower()) == (200, f.lower())


def test_list_parameters_may_be_repeated(reader: TestClient) -> None:
    assert reader.get(f"{OGC}/0/0/0?bidx=1&bidx=1&bidx=1&rescale=0,1&rescale=0,1&rescale=0,1").status_code == 200
