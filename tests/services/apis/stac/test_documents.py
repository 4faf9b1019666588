"""What catalogue, collections and items say."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import pytest
import xarray as xr

from config.grids import CRS84, Grid
from records.datasets.footprint import box_of, outline
from services.portal.pages.snippets import StacBand, stac_code
from tests.services.apis.stac.documents import faults, ids, link
from tests.support.series import credited

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.repository import Repository

BASE = "http://localhost:8080"
VISIBLE = ["cited", "deep", "long", "model", "pair", "secret", "sheets"]


def items(client: TestClient, collection: str) -> list[dict[str, Any]]:
    found = client.get(f"/stac/collections/{collection}/items").json()["features"]
    return sorted(found, key=lambda item: str(item["id"]))


def test_the_root_is_a_catalogue_that_leads_to_everything(stac: TestClient) -> None:
    root = stac.get("/stac").json()
    assert faults(root) == []
    assert root["stac_version"] == "1.1.0"
    assert [each["href"] for each in root["links"] if each["rel"] == "child"] == [
        f"{BASE}/stac/collections/{name}" for name in VISIBLE
    ]
    assert {(s["method"], s["href"]) for s in root["links"] if s["rel"] == "search"} == {
        ("GET", f"{BASE}/stac/search"),
        ("POST", f"{BASE}/stac/search"),
    }
    assert stac.get("/stac/conformance").json()["conformsTo"] == root["conformsTo"]


@pytest.mark.parametrize(("language", "name"), [("en", "Ocean Data Centre"), ("zh", "海洋数据中心")])
def test_providers_are_named_in_the_language_that_is_asked_for(
    client: TestClient, repository: Repository, store: Path, language: str, name: str
) -> None:
    made = credited(store)
    contacts = [{"organization": {"en": "Ocean Data Centre", "zh": "海洋数据中心"}, "roles": ["distributor"]}]
    record = made.record | {"properties": made.record["properties"] | {"contacts": contacts}}
    repository.publish(replace(made, record=record))
    found = client.get("/stac/collections/cited", params={"lang": language}).json()
    assert found["providers"] == [{"name": name, "roles": ["host"]}]


def test_stac_classes_are_declared_for_stac_alone(stac: TestClient) -> None:
    classes = set(stac.get("/stac").json()["conformsTo"])
    kept = ("core", "collections", "ogcapi-features", "item-search", *(f"item-search#{n}" for n in ("filter", "sort")))
    assert {f"https://api.stacspec.org/v1.0.0/{name}" for name in (*kept, "item-search#fields")} <= classes
    assert not [uri for uri in stac.get("/conformance").json()["conformsTo"] if "stacspec" in uri]


@pytest.mark.parametrize("path", ["/stac", "/stac/collections/pair", "/stac/collections/pair/items"])
def test_links_lead_to_what_they_say(stac: TestClient, path: str) -> None:
    for each in stac.get(path).json()["links"]:
        answer = stac.get(each["href"], headers={"Accept": each["type"]})
        assert answer.status_code == 200, each
        assert answer.headers["content-type"].split("; charset")[0] == each["type"], each


def test_links_and_assets_of_items_lead_somewhere(stac: TestClient) -> None:
    for name in ("pair", "deep", "sheets", "long"):
        item = items(stac, name)[-1]
        hrefs = [each["href"] for each in item["links"]] + [each["href"] for each in item["assets"].values()]
        assert {href: stac.get(href).status_code for href in hrefs} == dict.fromkeys(hrefs, 200)


def test_every_collection_and_item_is_valid_stac(stac: TestClient) -> None:
    found = stac.get("/stac/collections").json()["collections"]
    assert [collection["id"] for collection in found] == VISIBLE
    for collection in found:
        assert faults(collection) == []
        assert stac.get(link(collection, "self")["href"]).json() == collection
        for item in items(stac, collection["id"]):
            assert faults(item) == []


def test_a_collection_tells_extent_providers_licence_and_what_its_files_have_in_common(stac: TestClient) -> None:
    cited = stac.get("/stac/collections/cited").json()
    assert cited["license"] == "CC-BY-4.0"
    assert cited["providers"] == [{"name": "Ocean Data Centre", "roles": ["host"]}]
    assert cited["keywords"] == ["ocean"]
    assert stac.get("/stac/collections/cited?lang=zh").json()["keywords"] == ["海洋"]
    assert {each["href"] for each in cited["links"] if each["rel"] == "cite-as"} == {
        "https://doi.org/10.1234/abc.5",
        "https://cstr.cn/16666.11.example.42",
    }
    pair = stac.get("/stac/collections/pair").json()
    assert pair["item_assets"].keys() == {"v", "w"}
    assert pair["item_assets"]["v"]["raster:bands"][0]["scale"] == 0.5
    assert pair["extent"]["spatial"]["bbox"] == [[117, 35, 118, 36.5]]
    assert pair["extent"]["temporal"]["interval"] == [["2006-05-16T12:00:00Z", "2006-05-16T12:00:00Z"]]
    assert pair["cube:variables"]["v"]["dimensions"] == ["time", "y", "x"]


def test_collections_are_paged_and_searched(stac: TestClient) -> None:
    first = stac.get("/stac/collections?limit=4").json()
    rest = stac.get(link(first, "next")["href"]).json()
    assert [c["id"] for page in (first, rest) for c in page["collections"]] == VISIBLE
    assert not [each for each in rest["links"] if each["rel"] == "next"]
    for query, found in [
        ("bbox=117.2,35.5,117.3,35.6&datetime=2006-05-16T12:00:00Z", {"pair", "cited", "deep", "secret"}),
        ("q=nothing", set()),
        ("q=sheets,ocean", {"sheets", "cited"}),
        ("q=海洋", {"cited"}),
    ]:
        assert {c["id"] for c in stac.get(f"/stac/collections?{query}").json()["collections"]} == found, query


def test_an_item_has_a_file_a_variable_with_checksum_grid_and_packing(stac: TestClient) -> None:
    (item,) = items(stac, "pair")
    assert item["id"] == "pair_20060516T120000Z"
    asset = item["assets"]["v"]
    content = stac.get(asset["href"]).content
    assert asset["file:checksum"] == "1220" + hashlib.sha256(content).hexdigest()
    assert asset["file:size"] == len(content)
    assert asset["type"] == "image/tiff; application=geotiff; profile=cloud-optimized"
    (band,) = asset["raster:bands"]
    assert (asset["data_type"], band["data_type"], band["scale"], band["offset"]) == ("int16", "int16", 0.5, 2.0)
    assert band.get("nodata") == asset.get("nodata")
    assert (asset["proj:code"], asset["proj:epsg"], asset["proj:shape"]) == ("EPSG:32650", 32650, [40, 60])
    assert item["assets"]["w"]["proj:transform"] == [2000.0, 0.0, 500_000.0, 0.0, -2000.0, 4_000_000.0]
    assert item["assets"]["v"]["title"] == "Value"


def test_a_grid_that_all_files_have_stands_once(stac: TestClient) -> None:
    item = items(stac, "long")[0]
    assert (item["properties"]["proj:code"], item["properties"]["proj:epsg"]) == ("EPSG:4326", 4326)
    assert item["properties"]["proj:shape"] == [4, 8]
    assert "proj:code" not in item["assets"]["v"]


def test_a_projected_item_is_outlined_by_its_curved_edges(stac: TestClient) -> None:
    """The edges of zone 50 north at 60 by 40 km, by their corners: 500 km east is the meridian of 117 degrees."""
    (item,) = items(stac, "pair")
    west, south, east, north = item["bbox"]
    assert west == pytest.approx(117.0, abs=1e-6)
    assert east == pytest.approx(117.67, abs=0.01)
    assert (south, north) == pytest.approx((35.78, 36.146), abs=0.01)
    assert len(item["geometry"]["coordinates"][0]) >= 5


def test_an_item_across_the_antimeridian_is_cut_there(stac: TestClient) -> None:
    east, west = items(stac, "sheets")
    crossing, plain = (east, west) if east["geometry"]["type"] == "MultiPolygon" else (west, east)
    assert crossing["bbox"] == [170, 0, -170, 10]
    assert {ring[0][0][0] for ring in crossing["geometry"]["coordinates"]} <= {170, 180, -180, -170}
    assert plain["bbox"] == [100, 0, 120, 10]


def test_ids_are_safe_in_urls_and_told_apart(stac: TestClient) -> None:
    found = [item["id"] for item in items(stac, "sheets")]
    assert "sheets_n30" in found
    assert len(set(found)) == 2
    assert all((char.isalnum() and char.isascii()) or char in "._+-" for name in found for char in name)
    for name in found:
        assert stac.get(f"/stac/collections/sheets/items/{name}").json()["id"] == name
    assert [item["id"] for item in items(stac, "deep")] == ["deep_level-0", "deep_level-10", "deep_level-50"]


def test_a_day_that_no_gregorian_month_has_is_its_last_day_and_keeps_its_label(stac: TestClient) -> None:
    (item,) = items(stac, "model")
    told = item["properties"]
    assert (told["graticule:time"], told["graticule:calendar"]) == ("2001-02-30T00:00:00Z", "360_day")
    assert told["datetime"] == "2001-02-28T00:00:00Z"
    assert told["start_datetime"] == "2001-02-01T00:00:00Z"
    assert told["end_datetime"] == "2001-02-28T23:59:59.999999Z"


def test_what_is_not_given_out_is_listed_without_files(stac: TestClient) -> None:
    collection = stac.get("/stac/collections/secret").json()
    assert collection["graticule:access"]["served"] is False
    assert "assets" not in collection
    (item,) = items(stac, "secret")
    assert item["assets"] == {}
    assert item["properties"]["graticule:access"]["policy"] == "apply"
    assert "/assets/" not in str(item)


def test_a_hidden_dataset_is_nowhere(stac: TestClient) -> None:
    for path in ("/stac/collections/gone", "/stac/collections/gone/items", "/stac/collections/gone/items/gone"):
        assert stac.get(path).status_code == 404
    assert stac.get("/stac/search?collections=gone").json()["features"] == []
    assert ids(stac.get("/stac/search?ids=gone").json()) == []


def test_the_other_documents_link_here(stac: TestClient) -> None:
    here = f"{BASE}/stac/collections/pair"
    for path in ("/collections/pair", "/collections/records/items/pair"):
        assert here in [each["href"] for each in stac.get(path).json()["links"] if each["rel"] == "related"]
    assert f"{BASE}/stac" in [each["href"] for each in stac.get("/").json()["links"] if each["rel"] == "related"]


@pytest.mark.parametrize(
    ("grid", "box"),
    [
        (Grid(crs="EPSG:3413", transform=(1e5, 0, -1e6, 0, -1e5, 1e6), width=20, height=20), (-180, 77.0, 180, 90)),
        (
            Grid(crs="EPSG:3832", transform=(1e5, 0, 2.5e6, 0, -1e5, 5e5), width=10, height=10),
            (172.5, -4.5, -178.6, 4.5),
        ),
        (Grid(crs=CRS84, transform=(1, 0, 0, 0, -1, 90), width=360, height=180), (-180, -90, 180, 90)),
    ],
    ids=["pole", "antimeridian", "globe"],
)
def test_outlines_of_grids_lie_on_the_map(grid: Grid, box: tuple[float, ...]) -> None:
    found = outline(grid)
    assert found.is_valid
    assert found.bounds[0] >= -180
    assert found.bounds[2] <= 180
    assert box_of(found) == pytest.approx(box, abs=0.2)


def _page(stac: TestClient, path: str) -> str:
    answer = stac.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8"), answer.text[:300]
    return unescape(answer.text)


@pytest.mark.parametrize(
    "path",
    [
        "/stac", "/stac/collections", "/stac/collections/pair", "/stac/collections/long/items?limit=2", "/stac/search",
        "/stac/collections/deep/items/deep_level-10", "/stac/conformance", "/stac/queryables",
        "/stac/collections/pair/queryables", "/stac/search?fields=id", "/stac/search?ids=nothing",
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_document_has_a_page_which_links_to_all_that_it_links_to(
    stac: TestClient, path: str, language: str
) -> None:
    sign = "&" if "?" in path else "?"
    text = _page(stac, f"{path}{sign}lang={language}")
    targets = set(re.findall(r'href="([^"]+)"', text))
    document = stac.get(path).json()
    for each in document.get("links", []):
        shown = {each["href"].removeprefix(BASE), _in_page(each["href"].removeprefix(BASE), language)}
        assert each.get("templated") or shown & targets, each
    if "links" in document:
        page = next(each for each in document["links"] if each["rel"] == "alternate")
        assert (page["type"], "f=html" in page["href"]) == ("text/html", True)


def _in_page(path: str, language: str) -> str:
    place, _, query = path.partition("?")
    return f"{place}?{urlencode({**dict(parse_qsl(query)), 'f': 'html', 'lang': language})}"


def test_the_page_of_an_item_shows_its_files_and_the_code_that_loads_them(stac: TestClient) -> None:
    first = items(stac, "pair")[0]
    text = _page(stac, f"/stac/collections/pair/items/{first['id']}")
    for key, asset in first["assets"].items():
        if key != "thumbnail":
            assert asset["href"].removeprefix(BASE) in text
            assert asset["file:checksum"][4:] in text
    assert f'catalogue = pystac_client.Client.open("{BASE}/stac")' in text
    assert f'ids=["{first["id"]}"]' in text


def test_code_for_packed_cells_unpacks_them() -> None:
    bands = [
        StacBand(name="turbidity", scale=0.05, offset=0.5, nodata=255.0),
        StacBand(name="height", scale=1.0, offset=0.0, nodata=math.nan),
    ]
    cube = {"turbidity": xr.DataArray([48.0, 255.0]), "height": xr.DataArray([1.5, math.nan])}
    lines = stac_code("http://x/stac", "c", bands).splitlines()
    values: dict[str, Any] = {"cube": cube}
    exec("\n".join(line for line in lines if " = cube[" in line), values)
    assert values["turbidity"].values.tolist() == [pytest.approx(2.9), pytest.approx(math.nan, nan_ok=True)]
    assert values["height"].values[0] == 1.5
