"""The files that open a dataset in a program name layers, times and styles that the services have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from lxml import etree

from tests.support.datasets import STEPS

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


def parsed(client: TestClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return etree.fromstring(answer.content, etree.XMLParser(load_dtd=False, no_network=True))


def test_a_layer_definition_has_style_times_and_attribution(layers_client: TestClient) -> None:
    root = parsed(layers_client, "/collections/sst/open/qgis.qlr?style=grey")
    (entry,) = root.iter("layer-tree-layer")
    (layer,) = root.iter("maplayer")
    assert layer.findtext("id") == entry.get("id")
    address = parse_qs(layer.findtext("datasource"))
    assert address["layers"] == ["sst.v"]
    assert address["styles"] == ["grey"]
    assert address["type"] == ["wmst"]
    assert address["timeDimensionExtent"] == [",".join(STEPS)]
    capabilities = layers_client.get(address["url"][0] + "?service=WMS&request=GetCapabilities")
    assert "<Name>sst.v</Name>" in capabilities.text
    assert layer.findtext("temporal/fixedRange/end") == STEPS[-1]
    assert layer.findtext("attribution") == "Test data"
    still = parsed(layers_client, "/collections/cover/open/qgis.qlr")
    assert still.find("maplayers/maplayer/temporal") is None
    assert "type=" not in still.findtext("maplayers/maplayer/datasource")


def test_connections_of_qgis_name_the_services(layers_client: TestClient) -> None:
    wms, wmts = parsed(layers_client, "/collections/sst/open/qgis-wms.xml")
    for url in (wms.get("url") + "?service=WMS&request=GetCapabilities", wmts.get("url")):
        assert layers_client.get(url).status_code == 200
    (tiles,) = parsed(layers_client, "/collections/sst/open/qgis-xyz.xml")
    assert layers_client.get(tiles.get("url").format(z=0, x=0, y=0)).status_code == 200


def test_a_terria_catalogue_has_times_levels_and_range(layers_client: TestClient) -> None:
    (group,) = layers_client.get("/collections/corner/open/terria.json").json()["catalog"]
    (layer,) = group["members"]
    assert (layer["type"], layer["layers"]) == ("wms", "corner.v")
    assert layer["dimensions"] == {"elevation": "0"}
    assert (layer["colorScaleMinimum"], layer["colorScaleMaximum"]) == (0, 200_000)


def test_a_web_map_of_arcgis_shows_the_wms(layers_client: TestClient) -> None:
    (layer,) = layers_client.get("/collections/sst/open/arcgis.json").json()["operationalLayers"]
    assert (layer["layerType"], layer["visibleLayers"]) == ("WMS", ["sst.v"])


def test_qml_and_sld_have_the_colours_of_the_style(layers_client: TestClient) -> None:
    ramp = parsed(layers_client, "/collections/sst/styles/grey/qml").findall(".//item")
    assert (ramp[0].get("value"), ramp[0].get("color")) == ("0.0", "#000000")
    assert (ramp[-1].get("value"), ramp[-1].get("color")) == ("900000.0", "#ffffff")
    palette = parsed(layers_client, "/collections/cover/styles/default/qml?lang=zh").findall(".//paletteEntry")
    assert [(e.get("value"), e.get("color"), e.get("label")) for e in palette] == [
        ("1", "#ff0000", "森林"),
        ("2", "#0000ff", "水体"),
    ]
    sld = parsed(layers_client, "/collections/cover/styles/default/sld")
    (colors,) = sld.iter("{http://www.opengis.net/sld}ColorMap")
    assert colors.get("type") == "values"
    assert [(e.get("quantity"), e.get("color")) for e in colors] == [("1.0", "#ff0000"), ("2.0", "#0000ff")]


def test_a_maplibre_style_shows_tiles_that_exist(layers_client: TestClient) -> None:
    style = layers_client.get("/collections/sst/styles/grey/maplibre").json()
    (source,) = style["sources"].values()
    assert layers_client.get(source["tiles"][0].format(z=0, x=0, y=0)).status_code == 200
    assert style["layers"][0]["source"] in style["sources"]
