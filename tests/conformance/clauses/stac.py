"""STAC 1.1.0 and STAC API 1.0.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.conformance.framework import DROP, clause, header, href, member, rels, status, without_link

if TYPE_CHECKING:
    from tests.conformance.framework import Site

STAC: Final = "STAC 1.1.0, STAC API 1.0.0"
GEOJSON: Final = "application/geo+json"
ITEMS: Final = "/stac/collections/sst/items"


@clause(
    STAC,
    "core: landing page",
    member("type", "Collection"),
    member("conformsTo", []),
    without_link("search"),
    without_link("data"),
)
def landing(site: Site) -> None:
    """The root is a catalogue with conformance classes, and links to collections and search."""
    root = site.json("/stac")
    assert root["type"] == "Catalog"
    assert root["stac_version"].startswith("1.")
    for name in ("core", "collections", "ogcapi-features", "item-search"):
        assert f"https://api.stacspec.org/v1.0.0/{name}" in root["conformsTo"]
    assert {"data", "search", "self", "root"} <= rels(root)


@clause(
    STAC,
    "collection-spec",
    member("extent", DROP),
    member("license", DROP),
    member("type", "Catalog"),
    member("stac_version", DROP),
)
def collection(site: Site) -> None:
    """A collection has its licence, its extent and its links."""
    document = site.json("/stac/collections/sst")
    assert (document["type"], document["id"]) == ("Collection", "sst")
    assert document["stac_version"]
    assert document["license"]
    assert document["extent"]["spatial"]["bbox"]
    assert document["extent"]["temporal"]["interval"]
    assert {"self", "root", "parent", "items"} <= rels(document)


@clause(STAC, "collections: list", member("collections", []), status(500))
def collections(site: Site) -> None:
    """The collections are listed, as each is alone."""
    listed = {entry["id"]: entry for entry in site.json("/stac/collections")["collections"]}
    assert listed["sst"]["extent"] == site.json("/stac/collections/sst")["extent"]


@clause(
    STAC,
    "item-spec",
    member("assets", {}),
    member("features.*.bbox", DROP),
    member("features.*.properties.datetime", DROP),
    member("features.*.assets.*.href", ""),
)
def items(site: Site) -> None:
    """An item has a box, a time and assets with addresses."""
    features = site.json(ITEMS, media_type=GEOJSON)["features"]
    assert len(features) == 3
    for feature in features:
        assert feature["type"] == "Feature"
        assert len(feature["bbox"]) == 4
        assert "datetime" in feature["properties"]
        assert feature["collection"] == "sst"
        assert feature["assets"]
        assert all(asset["href"].startswith("http") for asset in feature["assets"].values())
    site.json(f"{ITEMS}/{features[0]['id']}", media_type=GEOJSON)["assets"]["v"]


@clause(STAC, "item-search: GET", member("features", []), header("content-type", "text/html"))
def search(site: Site) -> None:
    """A search selects by collection, box and time."""

    def found(query: str) -> int:
        return len(site.json(f"/stac/search?{query}", media_type=GEOJSON)["features"])

    assert found("collections=sst&limit=100") == 3
    assert found("collections=sst&datetime=2006-05-01T00:00:00Z/2006-05-31T00:00:00Z") == 1
    assert found("collections=corner&bbox=-150,-60,-140,-50") == 0


@clause(STAC, "item-search: POST", member("features", []), status(405))
def posted(site: Site) -> None:
    """A search by POST is that by GET."""
    answer = site.client.post("/stac/search", json={"collections": ["sst"], "limit": 100})
    assert answer.status_code == 200
    assert len(answer.json()["features"]) == 3


@clause(STAC, "item-search: paging", without_link("next"), member("features", []))
def paging(site: Site) -> None:
    """Pages follow one another by `next`, each item once."""
    url, seen = "/stac/search?collections=sst&limit=2", []
    for _ in range(5):
        page = site.json(url, media_type=GEOJSON)
        seen += [feature["id"] for feature in page["features"]]
        if "next" not in rels(page):
            break
        url = href(page, "next")
    assert len(seen) == len(set(seen)) == 3


@clause(STAC, "item-search: errors", status(200, of=400))
def wrong(site: Site) -> None:
    """A limit or a box that is none is 400."""
    for query in ("limit=x", "bbox=1,2,3", "datetime=noon"):
        site.get(f"/stac/search?{query}", status=400)
