"""WMTS 1.0.0: capabilities, tiles by keywords and by path, values, exceptions (OGC 07-057r7)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import numpy as np
import pytest
from lxml import etree
from PIL import Image

from tests.support.datasets import STEPS

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx import Response

OWS = "{http://www.opengis.net/ows/1.1}"
WMTS = "{http://www.opengis.net/wmts/1.0}"
XLINK = "{http://www.w3.org/1999/xlink}"
TILE = {
    "SERVICE": "WMTS",
    "REQUEST": "GetTile",
    "VERSION": "1.0.0",
    "LAYER": "sst.v",
    "STYLE": "default",
    "FORMAT": "image/png",
    "TILEMATRIXSET": "WebMercatorQuad",
    "TILEMATRIX": "2",
    "TILEROW": "1",
    "TILECOL": "3",
}
INFO = TILE | {"REQUEST": "GetFeatureInfo", "INFOFORMAT": "application/json", "I": "0", "J": "255"}


def ask(client: TestClient, query: dict[str, str], path: str = "/wmts", **options: Any) -> Response:
    return client.get(f"{path}?{urlencode(query)}", **options)


def capabilities(client: TestClient, path: str = "/wmts", **extra: str) -> Any:
    answer = ask(client, {"service": "WMTS", "request": "GetCapabilities"} | extra, path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/xml")
    return etree.fromstring(answer.content)


def layers(root: Any) -> dict[str, Any]:
    return {layer.findtext(OWS + "Identifier"): layer for layer in root.iter(WMTS + "Layer")}


def fault(answer: Response, status: int = 400) -> tuple[str, str | None]:
    assert answer.status_code == status, answer.text
    root = etree.fromstring(answer.content)
    assert root.tag == OWS + "ExceptionReport"
    (exception,) = root
    return exception.get("exceptionCode"), exception.get("locator")


def test_every_readable_layer_is_listed_once_with_what_clients_need(layers_client: TestClient) -> None:
    root = capabilities(layers_client)
    listed = layers(root)
    assert set(listed) == {"sst.v", "cover.v", "corner.v", "metres.v"}
    assert [e.text for e in listed["sst.v"].findall(f"{WMTS}Style/{OWS}Identifier")] == ["default", "grey"]
    (time,) = listed["sst.v"].findall(WMTS + "Dimension")
    assert [e.text for e in time.findall(WMTS + "Value")] == list(STEPS)
    assert time.findtext(WMTS + "Default") == STEPS[-1]
    time, depth = listed["corner.v"].findall(WMTS + "Dimension")
    assert depth.findtext(OWS + "Identifier") == "Elevation"
    assert [e.text for e in depth.findall(WMTS + "Value")] == ["0", "10"]
    sets = {s.findtext(OWS + "Identifier") for s in root.findall(f"{WMTS}Contents/{WMTS}TileMatrixSet")}
    assert sets == {"WebMercatorQuad", "GoogleMapsCompatible", "WorldCRS84Quad"}
    assert next(root.iter(OWS + "Get")).get(XLINK + "href") == "http://localhost:8080/wmts?"


def test_a_legend_has_the_size_that_is_stated(layers_client: TestClient) -> None:
    for layer in layers(capabilities(layers_client)).values():
        legend = layer.find(f"{WMTS}Style/{WMTS}LegendURL")
        answer = layers_client.get(legend.get(XLINK + "href"))
        assert answer.headers["content-type"] == legend.get("format")
        size = Image.open(io.BytesIO(answer.content)).size
        assert size == (int(legend.get("width")), int(legend.get("height")))


def test_the_service_of_a_collection_has_its_layers_alone(layers_client: TestClient) -> None:
    assert set(layers(capabilities(layers_client, "/collections/corner/wmts"))) == {"corner.v"}
    mine = ask(layers_client, TILE | {"LAYER": "v"}, "/collections/sst/wmts")
    assert mine.content == ask(layers_client, TILE).content
    assert fault(ask(layers_client, TILE, "/collections/corner/wmts")) == ("InvalidParameterValue", "Layer")


def test_a_tile_is_the_xyz_tile_by_keywords_and_by_path(layers_client: TestClient) -> None:
    tile = layers_client.get("/xyz/sst/v/grey/200604/2/3/1.png").content
    path = f"/wmts/1.0.0/sst.v/grey/{STEPS[0]}/GoogleMapsCompatible/2/1/3.png"
    assert layers_client.get(path).content == tile
    query = TILE | {"STYLE": "grey", "TIME": STEPS[0]}
    keywords = ask(layers_client, query)
    assert keywords.content == tile
    assert ask(layers_client, {name.title(): value for name, value in query.items()}).content == tile
    tag = keywords.headers["etag"]
    assert ask(layers_client, query, headers={"If-None-Match": tag}).status_code == 304
    assert ask(layers_client, query | {"TILECOL": "2"}).headers["etag"] != tag


def test_tiles_of_wmts_take_the_lane(layers_client: TestClient) -> None:
    plans = layers_client.app.state.tile_plans  # type: ignore[attr-defined]
    for template in (
        "/wmts/1.0.0/sst.v/default/current/WorldCRS84Quad/1/0/{}.png",
        "/wmts?" + urlencode(TILE | {"TILECOL": ""}).replace("TILECOL=", "TileCol={}"),
    ):
        for number in range(3):
            before = plans.drawn
            assert layers_client.get(template.format(number)).status_code == 200
        assert plans.drawn == before + 1


@pytest.mark.parametrize("value", ["", "default", "current", "{Time}", "2006-06-20T00:00:00Z", "2006-05-01/2007-01-01"])
def test_a_time_left_open_or_not_listed_is_the_latest_at_or_before(layers_client: TestClient, value: str) -> None:
    assert ask(layers_client, TILE | {"TIME": value}).content == ask(layers_client, TILE | {"TIME": STEPS[-1]}).content
    assert ask(layers_client, TILE | {"TIME": STEPS[0]}).content != ask(layers_client, TILE | {"TIME": value}).content


@pytest.mark.parametrize(
    ("change", "code", "locator"),
    [
        ({"SERVICE": ""}, "MissingParameterValue", "service"),
        ({"SERVICE": "WMS"}, "InvalidParameterValue", "service"),
        ({"REQUEST": ""}, "MissingParameterValue", "request"),
        ({"REQUEST": "GetMap"}, "InvalidParameterValue", "request"),
        ({"LAYER": ""}, "MissingParameterValue", "Layer"),
        ({"LAYER": "bogus"}, "InvalidParameterValue", "Layer"),
        ({"LAYER": "sst.bogus"}, "InvalidParameterValue", "Layer"),
        ({"STYLE": ""}, "MissingParameterValue", "Style"),
        ({"STYLE": "bogus"}, "InvalidParameterValue", "Style"),
        ({"FORMAT": "image/bogus"}, "InvalidParameterValue", "Format"),
        ({"TILEMATRIXSET": "bogus"}, "InvalidParameterValue", "TileMatrixSet"),
        ({"TILEMATRIX": "99"}, "InvalidParameterValue", "TileMatrix"),
        ({"TILEROW": "x"}, "InvalidParameterValue", "TileRow"),
        ({"TILEROW": "4"}, "TileOutOfRange", "TileRow"),
        ({"TILECOL": "-1"}, "TileOutOfRange", "TileCol"),
        ({"LAYER": "corner.v", "TILECOL": "0"}, "TileOutOfRange", "TileCol"),
        ({"TIME": "BogusForTest"}, "InvalidParameterValue", "Time"),
        ({"TIME": "1990-01-01"}, "InvalidParameterValue", "Time"),
        ({"LAYER": "corner.v", "TILECOL": "2", "ELEVATION": "7"}, "InvalidParameterValue", "Elevation"),
    ],
)
def test_an_exception_names_the_parameter(
    layers_client: TestClient, change: dict[str, str], code: str, locator: str
) -> None:
    assert fault(ask(layers_client, TILE | change)) == (code, locator)


def test_restricted_data_is_403_in_an_exception_report(layers_client: TestClient) -> None:
    assert fault(ask(layers_client, TILE | {"LAYER": "closed.v"}), 403) == ("NoApplicableCode", None)
    assert layers_client.get("/collections/closed/wmts?service=WMTS&request=GetCapabilities").status_code == 403


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"acceptversions": "1.1.0,1.2.0"}, ("VersionNegotiationFailed", None)),
        ({"sections": "Bogus"}, ("InvalidParameterValue", "sections")),
        ({"sections": ""}, ("MissingParameterValue", "sections")),
        ({"theme": "bogus"}, ("InvalidParameterValue", "theme")),
    ],
)
def test_capabilities_are_negotiated(
    layers_client: TestClient, query: dict[str, str], expected: tuple[str, str | None]
) -> None:
    assert fault(ask(layers_client, {"service": "WMTS", "request": "GetCapabilities"} | query)) == expected


def test_sections_are_left_out_and_the_resource_is_xml_alone(layers_client: TestClient) -> None:
    assert layers(capabilities(layers_client, sections="ServiceProvider")) == {}
    assert len(layers(capabilities(layers_client, sections="all"))) == 4
    resource = "/wmts/1.0.0/WMTSCapabilities.xml"
    assert layers_client.get(resource, headers={"Accept": "example/unknown"}).status_code == 406
    first = layers_client.get(resource, headers={"Accept-Encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    assert layers_client.get(resource, headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_the_value_under_a_pixel_is_that_of_its_cell(layers_client: TestClient) -> None:
    answer = ask(layers_client, INFO | {"TIME": STEPS[0]}).json()
    (feature,) = answer["features"]
    longitude, latitude = feature["geometry"]["coordinates"]
    assert 90 < longitude < 91
    assert 0 < latitude < 1
    assert feature["properties"]["value"] == 89 * 10_000 + 270
    assert feature["properties"]["unit"] == "K"
    assert feature["properties"]["time"] == STEPS[0]
    path = layers_client.get(f"/wmts/1.0.0/sst.v/default/{STEPS[0]}/WebMercatorQuad/2/1/3/255/0.json")
    assert path.json() == answer
    assert "890270 K" in ask(layers_client, INFO | {"TIME": STEPS[0], "INFOFORMAT": "text/plain"}).text
    assert "890270 K" in ask(layers_client, INFO | {"TIME": STEPS[0], "INFOFORMAT": "text/html"}).text
    assert fault(ask(layers_client, INFO | {"I": "256"})) == ("TileOutOfRange", "I")


def test_elevation_chooses_the_level(layers_client: TestClient) -> None:
    place = INFO | {"LAYER": "corner.v", "TILEMATRIX": "5", "TILEROW": "15", "TILECOL": "17", "I": "100", "J": "100"}
    values = [
        ask(layers_client, place | {"ELEVATION": level}).json()["features"][0]["properties"]["value"]
        for level in ("0", "10")
    ]
    assert values[1] - values[0] == 100


def test_a_tile_shows_the_north_west_where_it_is(layers_client: TestClient) -> None:
    tile = {"TILEMATRIXSET": "WorldCRS84Quad", "TILEMATRIX": "0", "TILEROW": "0", "TILECOL": "0", "LAYER": "cover.v"}
    shown = np.asarray(Image.open(io.BytesIO(ask(layers_client, TILE | tile).content)).convert("RGBA"))
    assert shown[10, 10].tolist() == [255, 0, 0, 255]
    assert shown[200, 10, 3] == 0


def test_the_address_alone_gives_the_capabilities(layers_client: TestClient) -> None:
    assert "sst.v" in layers_client.get("/wmts").text


def test_a_collection_links_the_sets_that_show_it_with_boxes_in_their_crs(layers_client: TestClient) -> None:
    root = capabilities(layers_client, "/collections/sst/wmts")
    sets = {s.findtext(OWS + "Identifier"): s for s in root.findall(f"{WMTS}Contents/{WMTS}TileMatrixSet")}
    assert {"EPSG3413Quad", "EPSG3031Quad", "CGCS2000Quad", "UPSArcticWGS84Quad"} <= set(sets)
    assert not {"GNOSISGlobalGrid", "ChinaAlbersQuad"} & set(sets)  # which WMTS cannot express
    tianditu = sets["CGCS2000Quad"].find(WMTS + "TileMatrix")
    assert (tianditu.findtext(OWS + "Identifier"), tianditu.findtext(WMTS + "TopLeftCorner")) == ("1", "90.0 -180.0")
    layer = layers(root)["sst.v"]
    boxes = {b.get("crs"): b for b in layer.findall(OWS + "BoundingBox")}
    corners = [boxes["urn:ogc:def:crs:EPSG::3413"].findtext(f"{OWS}{name}Corner") for name in ("Lower", "Upper")]
    assert corners == ["-4194304.0 -4194304.0", "4194304.0 4194304.0"]
    assert boxes["urn:ogc:def:crs:EPSG::4490"].findtext(OWS + "LowerCorner") == "-90.0 -180.0"


@pytest.mark.parametrize(
    ("name", "own", "matrix"),
    [("WholeWorld_WebMercator", "WebMercatorQuad", "2"), ("w", "WebMercatorQuad", "2"), ("c", "CGCS2000Quad", "3")],
)
def test_sets_are_known_by_the_names_of_clients(layers_client: TestClient, name: str, own: str, matrix: str) -> None:
    first, second = (ask(layers_client, TILE | {"TILEMATRIXSET": text, "TILEMATRIX": matrix}) for text in (name, own))
    assert first.status_code == 200
    assert first.content == second.content


def test_a_polar_tile_outside_the_capabilities_of_the_catalogue_is_served(layers_client: TestClient) -> None:
    answer = ask(layers_client, TILE | {"TILEMATRIXSET": "EPSG3413Quad"})
    assert (answer.status_code, answer.headers["content-crs"]) == (200, "<http://www.opengis.net/def/crs/EPSG/0/3413>")
    assert fault(ask(layers_client, TILE | {"TILEMATRIXSET": "CGCS2000Quad", "TILEMATRIX": "0"})) == (
        "InvalidParameterValue",
        "TileMatrix",
    )
