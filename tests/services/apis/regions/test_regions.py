"""The named regions over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


def test_regions_are_listed_by_kind_in_a_language_page_by_page(empty_client: TestClient) -> None:
    document = empty_client.get("/regions?kind=province&lang=zh&limit=10&offset=30").json()
    assert (document["numberMatched"], document["numberReturned"]) == (34, 4)
    titles = {region["id"]: region["title"] for region in document["regions"]}
    assert titles["cn-zj"] == "浙江省"
    west, south, east, north = document["regions"][-1]["bbox"]
    assert 118 < west < east < 124
    assert 27 < south < north < 32


def test_a_region_is_a_feature_and_an_unknown_one_names_the_list(empty_client: TestClient) -> None:
    answer = empty_client.get("/regions/cn-zj")
    assert answer.headers["content-type"] == "application/geo+json"
    feature = answer.json()
    assert (feature["properties"]["name"], feature["properties"]["kind"]) == ("Zhejiang", "province")
    assert feature["geometry"]["type"] == "MultiPolygon"
    unknown = empty_client.get("/regions/atlantis")
    assert unknown.status_code == 404
    assert "/regions" in unknown.json()["detail"]
