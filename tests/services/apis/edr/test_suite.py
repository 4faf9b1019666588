"""What the official suite ets-ogcapi-edr10 asserts, and the models of EDR."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from edr_pydantic.capabilities import LandingPageModel
from edr_pydantic.collections import Collection, Collections

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from config.settings import Settings

CORE = "http://www.opengis.net/spec/ogcapi-edr-1/1.0/conf/core"
CRSS = {"CRS84", "CRS:84", "EPSG:4326", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}


def _json(client: TestClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_the_landing_page_links_to_everything(arrays_client: TestClient) -> None:
    for query in ("", "?f=application/json", "?f=json"):
        document = _json(arrays_client, f"/edr{query}")
        assert {"service-desc", "conformance", "data"} <= {link["rel"] for link in document["links"]}
    LandingPageModel.model_validate(document)


def test_the_classes_of_both_versions_are_declared(arrays_client: TestClient) -> None:
    classes = _json(arrays_client, "/edr/conformance/?f=json")["conformsTo"]
    assert CORE in classes
    assert CORE.replace("1.0", "1.1") in classes


def test_every_collection_has_what_the_suite_looks_for(arrays_client: TestClient) -> None:
    document = _json(arrays_client, "/edr/collections")
    Collections.model_validate_json(json.dumps(document))
    assert {"daily", "ocean", "long"} <= {c["id"] for c in document["collections"]}
    for collection in document["collections"]:
        assert any(link["rel"] in ("data", "collection") and link["type"] for link in collection["links"])
        assert collection["extent"]["spatial"]["bbox"]
        assert set(collection["crs"]) <= CRSS
        for parameter in collection["parameter_names"].values():
            assert parameter["type"] == "Parameter"
            assert parameter["observedProperty"]["label"]
        for query in collection["data_queries"].values():
            formats = query["link"]["variables"]["output_formats"]
            assert formats[0] in ("CoverageJSON", "GeoJSON")
        if "temporal" in collection["extent"]:
            (interval,) = collection["extent"]["temporal"]["interval"]
            assert None not in interval


def test_a_collection_lists_its_instants(arrays_client: TestClient) -> None:
    document = _json(arrays_client, "/edr/collections/daily")
    Collection.model_validate_json(json.dumps(document))
    values = document["extent"]["temporal"]["values"]
    assert values == [f"2001-07-0{n}T00:00:00Z" for n in range(1, 6)]
    ocean = _json(arrays_client, "/edr/collections/ocean")["extent"]["vertical"]
    assert (ocean["interval"], ocean["values"]) == ([["0", "20.5"]], ["0", "10", "20.5"])


@pytest.mark.parametrize(
    "query",
    [
        "position?parameter-name=flux&coords=POINT(110.0+20.0)&crs=CRS84&f={f}&datetime={t}",
        "area?parameter-name=flux&coords=POLYGON((109+19,111+19,111+21,109+21,109+19))&crs=CRS84&f={f}&datetime={t}",
        "trajectory?parameter-name=flux&coords=LINESTRING(109+19,111+21)&crs=CRS84&f={f}&datetime={t}",
        "corridor?coords=LINESTRING(109+19,111+21)&corridor-width=2.0&width-units=m&crs=CRS84&f={f}&datetime={t}",
        "locations",
    ],
)
@pytest.mark.parametrize("f", ["CoverageJSON", "GeoJSON"])
def test_queries_answer_as_the_suite_sends_them(arrays_client: TestClient, query: str, f: str) -> None:
    interval = _json(arrays_client, "/edr/collections/daily")["extent"]["temporal"]["interval"][0]
    answer = arrays_client.get(f"/edr/collections/daily/{query.format(f=f, t='/'.join(interval))}")
    assert answer.status_code == 200, answer.text
    assert re.search("Coverage|Feature", answer.text)


def test_the_description_of_parameters_is_that_of_the_standard(arrays_client: TestClient) -> None:
    paths = _json(arrays_client, "/api?f=json")["paths"]
    for name in ("position", "area", "trajectory", "corridor", "radius"):
        parameters = {p["name"]: p for p in paths[f"/edr/collections/{{collectionId}}/{name}"]["get"]["parameters"]}
        assert parameters["coords"]["required"]
        assert parameters["coords"]["schema"]["type"] == "string"
        assert parameters["coords"]["explode"] is False
        assert not parameters["datetime"].get("required", False)
        assert "z" not in parameters or parameters["z"]["required"]
    cube = {p["name"]: p for p in paths["/edr/collections/{collectionId}/cube"]["get"]["parameters"]}
    assert cube["bbox"]["required"]
    assert cube["bbox"]["schema"]["type"] == "array"


def test_items_are_the_times(arrays_client: TestClient) -> None:
    page = _json(arrays_client, "/edr/collections/daily/items?limit=2&offset=1")
    assert (page["numberMatched"], page["numberReturned"]) == (5, 2)
    (first, _) = page["features"]
    assert first["properties"]["datetime"] == "2001-07-02T00:00:00Z"
    assert _json(arrays_client, f"/edr/collections/daily/items/{first['id']}") == first
    endpoint = first["properties"]["edrqueryendpoint"].removeprefix("http://localhost:8080")
    assert arrays_client.get(f"{endpoint}&f=netcdf").status_code == 200
    assert arrays_client.get("/edr/collections/daily/items/nothing").status_code == 404
    assert len(_json(arrays_client, "/edr/collections/polar/items")["features"]) == 1


def test_underscores_in_parameter_names_are_taken(arrays_client: TestClient) -> None:
    answer = arrays_client.get("/edr/collections/daily/position?coords=POINT(128 15)&parameter_names=cover")
    assert list(answer.json()["ranges"]) == ["cover"]


def test_an_operator_brings_polygons_of_their_own(arrays_settings: Settings, tmp_path: Path) -> None:
    from tests.support.catalogues import client_of

    file = tmp_path / "basins.geojson"
    file.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "id": 7, "properties": {"name": "Basin"}, '
        '"geometry": {"type": "Polygon", "coordinates": [[[110, 20], [111, 20], [111, 21], [110, 20]]]}}]}'
    )
    with client_of(arrays_settings.model_copy(update={"locations": str(file)})) as client:
        (feature,) = client.get("/edr/collections/daily/locations").json()["features"]
        assert (feature["id"], feature["properties"]["name"]) == ("7", "Basin")
        series = client.get("/edr/collections/daily/locations/7?parameter-name=flux").json()
        assert series["domain"]["domainType"] == "PolygonSeries"
        file.write_text("{}")
        assert client.get("/edr/collections/daily/locations/7").status_code == 503
