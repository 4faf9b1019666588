"""WMS 1.1.1 and 1.3.0: capabilities, maps, values, series, legends, exceptions (OGC 01-068r3, 06-042)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import numpy as np
import pytest
import rasterio
from lxml import etree
from PIL import Image
from pyproj import Transformer
from rio_tiler.colormap import cmap

from tests.support.datasets import STEPS

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx import Response
    from numpy.typing import NDArray

WMS = "{http://www.opengis.net/wms}"
XLINK = "{http://www.w3.org/1999/xlink}"
OLD = {"CRS": "", "SRS": "EPSG:4326", "VERSION": "1.1.1"}
MAP = {
    "SERVICE": "WMS",
    "VERSION": "1.3.0",
    "REQUEST": "GetMap",
    "LAYERS": "sst.v",
    "STYLES": "",
    "CRS": "CRS:84",
    "BBOX": "0,0,40,20",
    "WIDTH": "40",
    "HEIGHT": "20",
    "FORMAT": "image/png",
    "TRANSPARENT": "TRUE",
    "TIME": STEPS[0],
}
INFO = MAP | {
    "REQUEST": "GetFeatureInfo",
    "QUERY_LAYERS": "sst.v",
    "INFO_FORMAT": "application/json",
    "I": "3",
    "J": "5",
}
VIRIDIS = np.array([cmap.get("viridis")[n] for n in range(256)], "uint8")
EAST_FIRST, NORTH_FIRST = "0,0,40,20", "0,0,20,40"


def ask(client: TestClient, query: dict[str, str], path: str = "/wms", **options: Any) -> Response:
    return client.get(f"{path}?{urlencode(query)}", **options)


def picture(answer: Response) -> NDArray[np.uint8]:
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))


def values_of(shown: NDArray[np.uint8]) -> NDArray[np.intp]:
    """The byte of viridis under each pixel."""
    distance = np.abs(shown[..., np.newaxis, :3].astype(int) - VIRIDIS[:, :3].astype(int)).sum(axis=-1)
    assert distance.min(axis=-1).max() == 0
    return distance.argmin(axis=-1)


def expected_bytes(rows: slice, columns: slice) -> NDArray[np.uint8]:
    """What `sst` of the first month is as bytes between 0 and 1,800,000."""
    cells = np.add.outer(np.arange(180) * 10_000.0, np.arange(360.0))[rows, columns]
    return (cells / 1_800_000 * 255).astype("uint8")


def capabilities(client: TestClient, path: str = "/wms", **extra: str) -> Any:
    answer = ask(client, {"service": "WMS", "request": "GetCapabilities"} | extra, path)
    assert answer.status_code == 200, answer.text
    return etree.fromstring(answer.content, etree.XMLParser(load_dtd=False, no_network=True))


def fault(answer: Response, status: int = 400) -> str | None:
    assert answer.status_code == status, answer.text
    root = etree.fromstring(answer.content, etree.XMLParser(load_dtd=False, no_network=True))
    assert etree.QName(root).localname == "ServiceExceptionReport"
    code: str | None = root[0].get("code")
    return code


def test_layers_carry_what_clients_read(layers_client: TestClient) -> None:
    root = capabilities(layers_client)
    assert root.get("version") == "1.3.0"
    layers = {layer.findtext(WMS + "Name"): layer for layer in root.iter(WMS + "Layer") if layer.get("queryable")}
    assert set(layers) == {"sst.v", "cover.v", "corner.v", "metres.v"}
    assert [crs.text for crs in layers["sst.v"].findall(WMS + "CRS")][:2] == ["EPSG:3857", "EPSG:4326"]
    boxes = {box.get("CRS"): box for box in layers["corner.v"].findall(WMS + "BoundingBox")}
    assert [boxes["EPSG:4326"].get(name) for name in ("minx", "miny", "maxx", "maxy")] == [
        "0.0",
        "10.0",
        "10.0",
        "20.0",
    ]
    assert [boxes["CRS:84"].get(name) for name in ("minx", "miny", "maxx", "maxy")] == ["10.0", "0.0", "20.0", "10.0"]
    assert "EPSG:32633" in [crs.text for crs in layers["metres.v"].findall(WMS + "CRS")]
    time, depth = layers["corner.v"].findall(WMS + "Dimension")
    assert (time.get("name"), time.get("units"), time.get("default")) == ("time", "ISO8601", "2020-01-04T00:00:00Z")
    assert (time.get("nearestValue"), depth.get("name"), depth.text) == ("1", "elevation", "0,10")
    assert layers["sst.v"].findtext(f"{WMS}Attribution/{WMS}Title") == "Test data"


def test_version_1_1_1_has_its_own_elements(layers_client: TestClient) -> None:
    root = capabilities(layers_client, version="1.1.1")
    assert (root.tag, root.get("version")) == ("WMT_MS_Capabilities", "1.1.1")
    (layer,) = [layer for layer in root.iter("Layer") if layer.findtext("Name") == "sst.v"]
    assert layer.find("Dimension").text is None
    assert layer.find("Extent").text == ",".join(STEPS)
    assert layer.find("LatLonBoundingBox").get("minx") == "-180.0"
    box = next(box for box in layer.findall("BoundingBox") if box.get("SRS") == "EPSG:4326")
    assert box.get("minx") == "-180.0"


@pytest.mark.parametrize(
    ("wanted", "version"), [("", "1.3.0"), ("1.0.0", "1.1.1"), ("1.2.0", "1.1.1"), ("2.0", "1.3.0")]
)
def test_versions_are_negotiated(layers_client: TestClient, wanted: str, version: str) -> None:
    assert capabilities(layers_client, version=wanted).get("version") == version


def test_a_collection_lists_its_own_layers_and_the_series(layers_client: TestClient) -> None:
    root = capabilities(layers_client, "/collections/corner/wms")
    assert [e.text for e in root.iter(WMS + "Name")][1:] == ["corner.v", "default"]
    assert root.find(f"{WMS}Capability/{WMS}Request/{WMS}GetTimeseries") is not None
    assert capabilities(layers_client).find(f"{WMS}Capability/{WMS}Request/{WMS}GetTimeseries") is None


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"CRS": "EPSG:4326", "BBOX": NORTH_FIRST},
        OLD | {"BBOX": EAST_FIRST},
        {"CRS": "EPSG:4326", "BBOX": NORTH_FIRST, "FORMAT": "image/webp"},
        {"DPI": "200", "MAP_RESOLUTION": "200", "FORMAT_OPTIONS": "dpi:200"},
    ],
)
def test_a_map_in_degrees_shows_every_cell_where_it_is(layers_client: TestClient, change: dict[str, str]) -> None:
    shown = values_of(picture(ask(layers_client, MAP | change)))
    assert np.array_equal(shown, expected_bytes(slice(70, 90), slice(180, 220)))


def test_swapped_axes_show_another_place(layers_client: TestClient) -> None:
    swapped = picture(ask(layers_client, MAP | {"CRS": "EPSG:4326", "BBOX": EAST_FIRST, "WIDTH": "20", "HEIGHT": "40"}))
    assert np.array_equal(values_of(swapped), expected_bytes(slice(50, 90), slice(180, 200)))


def test_a_map_in_metres_shows_the_cells_below_its_pixels(layers_client: TestClient) -> None:
    box = "4000000,1000000,5000000,2000000"
    shown = values_of(
        picture(ask(layers_client, MAP | {"CRS": "EPSG:3857", "BBOX": box, "WIDTH": "50", "HEIGHT": "50"}))
    )
    centres = np.arange(50) * 20_000 + 10_000
    columns = (np.degrees((4e6 + centres) / 6378137.0) + 180).astype(int)
    rows = (90 - np.degrees(np.arctan(np.sinh((2e6 - centres) / 6378137.0)))).astype(int)
    cells = np.add.outer(rows * 10_000.0, columns)
    assert np.array_equal(shown, (cells / 1_800_000 * 255).astype("uint8"))


def test_a_projected_grid_is_drawn_in_its_own_crs_and_in_degrees(layers_client: TestClient) -> None:
    own = {"LAYERS": "metres.v", "CRS": "EPSG:32633", "BBOX": "400000,5570000,440000,5600000", "HEIGHT": "30"}
    shown = values_of(picture(ask(layers_client, MAP | own)))
    cells = np.add.outer(np.arange(30) * 10_000.0, np.arange(40.0))
    assert np.array_equal(shown, (cells / 300_000 * 255).astype("uint8"))
    degrees = picture(ask(layers_client, MAP | {"LAYERS": "metres.v", "BBOX": "13.5,50.2,14.3,50.6"}))
    longitudes, latitudes = np.meshgrid(13.5 + (np.arange(40) + 0.5) * 0.02, 50.6 - (np.arange(20) + 0.5) * 0.02)
    east, north = Transformer.from_crs("EPSG:4326", "EPSG:32633", always_xy=True).transform(longitudes, latitudes)
    columns, rows = (east - 400_000) // 1000, (5_600_000 - north) // 1000
    inside = (columns >= 0) & (columns < 40) & (rows >= 0) & (rows < 30)
    assert np.array_equal(degrees[..., 3] > 0, inside)
    expected = ((rows * 10_000 + columns)[inside] / 300_000 * 255).astype("uint8")
    differs = values_of(degrees[inside]) != expected  # GDAL's approximation is right to an eighth of a pixel
    assert differs.mean() < 0.1


def test_layers_lie_over_one_another_in_their_order(layers_client: TestClient) -> None:
    two = MAP | {"LAYERS": "sst.v,cover.v", "STYLES": "grey,", "BBOX": "-20,-10,20,10"}
    shown = picture(ask(layers_client, two))
    assert shown[0, 0].tolist() == [255, 0, 0, 255]
    assert shown[0, -1].tolist() == [0, 0, 255, 255]
    assert shown[-1, 0, 0] == shown[-1, 0, 1] == shown[-1, 0, 2]


def test_the_background_shows_where_there_are_no_data(layers_client: TestClient) -> None:
    south = MAP | {"LAYERS": "cover.v", "BBOX": "0,-20,40,0"}
    assert picture(ask(layers_client, south))[..., 3].max() == 0
    opaque = {"TRANSPARENT": "FALSE"}
    assert picture(ask(layers_client, south | opaque))[0, 0].tolist() == [255, 255, 255, 255]
    assert picture(ask(layers_client, south | opaque | {"BGCOLOR": "0x102030"}))[0, 0].tolist() == [16, 32, 48, 255]
    jpeg = picture(ask(layers_client, south | {"FORMAT": "image/jpeg", "BGCOLOR": "0x102030"}))[0, 0]
    assert np.abs(jpeg[:3].astype(int) - [16, 32, 48]).max() <= 2
    beside = picture(ask(layers_client, MAP | {"LAYERS": "corner.v", "TIME": "", "BBOX": "-40,-20,0,0"}))
    assert beside[..., 3].max() == 0


def test_png8_has_a_palette_and_a_geotiff_its_place(layers_client: TestClient) -> None:
    two = MAP | {"LAYERS": "sst.v,cover.v", "STYLES": "grey,", "BBOX": "-20,-10,20,10"}
    palette = ask(layers_client, two | {"FORMAT": "image/png; mode=8bit"})
    assert Image.open(io.BytesIO(palette.content)).mode == "P"
    assert np.array_equal(picture(palette), picture(ask(layers_client, two)))
    with rasterio.open(io.BytesIO(ask(layers_client, MAP | {"FORMAT": "image/geotiff"}).content)) as raster:
        assert tuple(raster.bounds) == (0, 0, 40, 20)
        assert np.array_equal(np.moveaxis(raster.read(), 0, -1), picture(ask(layers_client, MAP)))


@pytest.mark.parametrize(
    ("time", "same"),
    [
        ("", STEPS[2]),
        ("current", STEPS[2]),
        ("2006-05", STEPS[1]),
        ("2006-06-01T00:00:00.000Z", STEPS[1]),
        ("2006-04-01/2006-05-20", STEPS[1]),
        ("2006-04-01/2006-05-20/P1D", STEPS[1]),
        ("2010-01-01", STEPS[2]),
    ],
)
def test_a_time_shows_the_latest_at_or_before_it(layers_client: TestClient, time: str, same: str) -> None:
    style = {"COLORSCALERANGE": "0,5800000"}
    shown = picture(ask(layers_client, MAP | style | {"TIME": time}))
    assert np.array_equal(shown, picture(ask(layers_client, MAP | style | {"TIME": same})))
    others = [step for step in STEPS if step != same]
    assert all(not np.array_equal(shown, picture(ask(layers_client, MAP | style | {"TIME": o}))) for o in others)


def test_the_range_of_the_colours_can_be_chosen(layers_client: TestClient) -> None:
    shown = values_of(picture(ask(layers_client, MAP | {"COLORSCALERANGE": "700000,890219"})))
    cells = np.add.outer(np.arange(70, 90) * 10_000.0, np.arange(180.0, 220.0))
    assert np.array_equal(shown, ((cells - 700_000) / 190_219 * 255).clip(0, 255).astype("uint8"))
    automatic = values_of(picture(ask(layers_client, MAP | {"COLORSCALERANGE": "auto"})))
    assert (automatic.min(), automatic.max()) == (0, 255)
    assert (
        len(np.unique(values_of(picture(ask(layers_client, MAP | {"COLORSCALERANGE": "auto", "NUMCOLORBANDS": "4"})))))
        == 4
    )


def test_a_logarithm_spreads_the_colours(layers_client: TestClient) -> None:
    query = MAP | {"COLORSCALERANGE": "1000,1800000", "LOGSCALE": "true"}
    shown = values_of(picture(ask(layers_client, query)))
    cells = np.add.outer(np.arange(70, 90) * 10_000.0, np.arange(180.0, 220.0))
    share = (np.log10(cells) - 3) / (np.log10(1_800_000) - 3)
    assert np.abs(shown - share * 255).max() <= 1
    assert ask(layers_client, MAP | {"LOGSCALE": "true"}).status_code == 400


def test_what_lies_beyond_the_range_has_its_own_colours(layers_client: TestClient) -> None:
    query = MAP | {"COLORSCALERANGE": "750000,800000", "ABOVEMAXCOLOR": "0xFF0000", "BELOWMINCOLOR": "transparent"}
    shown = picture(ask(layers_client, query))
    assert (shown[-1] == [255, 0, 0, 255]).all()
    assert (shown[0, :, 3] == 0).all()
    assert shown[7, 0, 3] == 255


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"LAYERS": ""}, "LayerNotDefined"),
        ({"LAYERS": "sst.bogus"}, "LayerNotDefined"),
        ({"LAYERS": "sst.v,bogus"}, "LayerNotDefined"),
        ({"STYLES": "bogus"}, "StyleNotDefined"),
        ({"STYLES": "default,grey"}, "StyleNotDefined"),
        ({"CRS": ""}, "InvalidCRS"),
        ({"CRS": "EPSG:999999"}, "InvalidCRS"),
        ({"FORMAT": "image/bogus"}, "InvalidFormat"),
        ({"BBOX": "10,0,10,5"}, None),
        ({"BBOX": "0,0,nan,5"}, None),
        ({"WIDTH": "0"}, None),
        ({"WIDTH": "4097"}, None),
        ({"VERSION": ""}, None),
        ({"REQUEST": "GetNothing"}, "OperationNotSupported"),
        ({"TIME": "yesterday"}, "InvalidDimensionValue"),
        ({"LAYERS": "corner.v", "TIME": "", "ELEVATION": "7"}, "InvalidDimensionValue"),
        ({"COLORSCALERANGE": "5,1"}, None),
        ({"LAYERS": ",".join(["sst.v"] * 13)}, None),
    ],
)
def test_an_exception_has_the_code_of_the_standard(
    layers_client: TestClient, change: dict[str, str], code: str | None
) -> None:
    assert fault(ask(layers_client, MAP | change)) == code
    old = fault(ask(layers_client, MAP | OLD | change | ({"SRS": change["CRS"]} if "CRS" in change else {})))
    assert old == ("InvalidSRS" if code == "InvalidCRS" else code)


def test_an_exception_can_be_a_picture(layers_client: TestClient) -> None:
    wrong = MAP | {"STYLES": "bogus", "TRANSPARENT": "FALSE"}
    blank = picture(ask(layers_client, wrong | {"EXCEPTIONS": "BLANK"}))
    assert blank.shape == (20, 40, 4)
    assert (blank == 255).all()
    message = picture(ask(layers_client, wrong | {"EXCEPTIONS": "INIMAGE", "WIDTH": "300", "HEIGHT": "100"}))
    assert (message[..., 0] < 255).any()
    assert fault(ask(layers_client, MAP | {"LAYERS": "closed.v"}), 403) is None


def test_a_map_is_304_to_a_client_that_has_it(layers_client: TestClient) -> None:
    first = ask(layers_client, MAP)
    assert ask(layers_client, MAP | {"DPI": "72"}, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert ask(layers_client, MAP | {"STYLES": "grey"}).headers["etag"] != first.headers["etag"]
    assert ask(layers_client, MAP | {"BBOX": "0,0,40,21"}).headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    "change", [{}, {"CRS": "EPSG:4326", "BBOX": NORTH_FIRST}, OLD | {"I": "", "J": "", "X": "3", "Y": "5"}]
)
def test_the_value_under_a_pixel_is_that_of_its_cell(layers_client: TestClient, change: dict[str, str]) -> None:
    (feature,) = ask(layers_client, INFO | change).json()["features"]
    assert feature["geometry"]["coordinates"] == [3.5, 14.5]
    assert feature["properties"]["value"] == 75 * 10_000 + 183
    assert feature["properties"]["time"] == STEPS[0]


def test_values_come_in_every_format(layers_client: TestClient) -> None:
    for media_type in ("text/html", "text/plain", "application/vnd.ogc.gml", "application/vnd.ogc.gml/3.1.1"):
        answer = ask(layers_client, INFO | {"INFO_FORMAT": media_type})
        assert answer.headers["content-type"].startswith(media_type)
        assert "750183" in answer.text
    members = etree.fromstring(answer.content).findall("{http://www.opengis.net/gml}featureMember")
    assert members[0][0].findtext("{urn:graticule:feature-info}value") == "750183.0"
    classes = INFO | {"LAYERS": "cover.v", "QUERY_LAYERS": "cover.v", "LANG": "zh"}
    assert ask(layers_client, classes).json()["features"][0]["properties"]["class"] == "水体"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"I": "40"}, "InvalidPoint"),
        ({"J": "x"}, "InvalidPoint"),
        ({"QUERY_LAYERS": "cover.v"}, "LayerNotDefined"),
        ({"QUERY_LAYERS": ""}, "LayerNotDefined"),
        ({"INFO_FORMAT": "bogus"}, "InvalidFormat"),
    ],
)
def test_wrong_questions_about_a_pixel(layers_client: TestClient, change: dict[str, str], code: str) -> None:
    assert fault(ask(layers_client, INFO | change)) == code


def test_a_series_is_a_table_with_its_unit(layers_client: TestClient) -> None:
    query = INFO | {"REQUEST": "GetTimeseries", "INFO_FORMAT": "text/csv", "TIME": ""}
    head, *rows = ask(layers_client, query).text.splitlines()
    assert head == "time,Dataset sst (K)"
    assert rows == [f"{step},{750183 + 2_000_000 * n}" for n, step in enumerate(STEPS)]
    some = ask(layers_client, query | {"TIME": "2006-05-01/2006-07-01"}).text.splitlines()
    assert len(some) == 3


def test_legends_and_descriptions(layers_client: TestClient) -> None:
    legend = {"service": "WMS", "version": "1.3.0", "request": "GetLegendGraphic", "layer": "sst.v", "style": "grey"}
    assert picture(ask(layers_client, legend | {"format": "image/png"})).shape[0] > 100
    assert b"700" in ask(layers_client, legend | {"format": "image/svg+xml", "colorscalerange": "0,700"}).content
    assert fault(ask(layers_client, legend | {"style": "bogus"})) == "StyleNotDefined"
    described = ask(layers_client, legend | {"request": "DescribeLayer", "layers": "sst.v"})
    assert "sst.v" in described.text
    assert "/wcs?" in described.text


def test_the_address_alone_gives_the_capabilities(layers_client: TestClient) -> None:
    assert "sst.v" in layers_client.get("/wms").text
