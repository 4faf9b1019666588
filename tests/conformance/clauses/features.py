"""OGC API Features, Part 1 (17-069r4) and Part 2 (18-058r1), of the collection of records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.conformance.framework import DROP, clause, header, href, member, rels, status, text, without_link

if TYPE_CHECKING:
    from tests.conformance.framework import Site

ONE: Final = "OGC API Features Part 1 (17-069r4)"
TWO: Final = "OGC API Features Part 2 CRS (18-058r1)"
CRS: Final = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs"
ITEMS: Final = "/collections/records/items"
GEOJSON: Final = "application/geo+json"
CATALOG: Final = "application/ogc-catalog+json"
CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
MERCATOR: Final = "http://www.opengis.net/def/crs/EPSG/0/3857"


@clause(ONE, "/req/core/fc-op", status(404), header("content-type", "application/json"), member("type", "Feature"))
def items(site: Site) -> None:
    """The items of a feature collection are GeoJSON."""
    document = site.json(ITEMS, media_type=GEOJSON, accept=GEOJSON)
    assert document["type"] == "FeatureCollection"
    assert all(feature["type"] == "Feature" for feature in document["features"])


@clause(ONE, "/req/core/fc-md-items-links", without_link("items"))
def items_link(site: Site) -> None:
    """A collection links to its items as GeoJSON."""
    assert href(site.json("/collections/records", accept="application/json"), "items", GEOJSON).endswith(ITEMS)


@clause(ONE, "/req/core/fc-limit-response-1", member("features", [{"type": "Feature"}] * 3))
def limit(site: Site) -> None:
    """No more features than `limit` come."""
    assert len(site.json(f"{ITEMS}?limit=2", media_type=GEOJSON, accept=GEOJSON)["features"]) == 2


@clause(ONE, "/req/core/fc-links", without_link("self"), without_link("alternate"), without_link("next"))
def links(site: Site) -> None:
    """Items link to themselves, to other encodings and to the next page."""
    document = site.json(f"{ITEMS}?limit=1", media_type=GEOJSON, accept=GEOJSON)
    assert {"self", "alternate", "next"} <= rels(document)


@clause(ONE, "/req/core/fc-next-2", member("features", []), member("links.*.href", "http://localhost:8080" + ITEMS))
def paging(site: Site) -> None:
    """Following `next` gives every feature once."""
    url, seen = f"{ITEMS}?limit=2", []
    for _ in range(10):
        document = site.json(url, media_type=GEOJSON, accept=GEOJSON)
        seen += [feature["id"] for feature in document["features"]]
        if "next" not in rels(document):
            break
        url = href(document, "next")
    assert sorted(seen) == sorted(set(seen))
    assert {"sst", "cover", "corner", "metres"} == set(seen)


@clause(ONE, "/req/core/fc-timeStamp", member("timeStamp", DROP), member("timeStamp", "yesterday"))
def stamp(site: Site) -> None:
    """The answer says when it was made."""
    text_ = site.json(ITEMS, media_type=GEOJSON, accept=GEOJSON)["timeStamp"]
    assert text_[4] == "-"
    assert text_.endswith("Z")


@clause(ONE, "/req/core/fc-numberMatched", member("numberMatched", 99), member("numberMatched", DROP))
def matched(site: Site) -> None:
    """`numberMatched` is the number of features that the request selects."""
    assert site.json(f"{ITEMS}?limit=1", media_type=GEOJSON, accept=GEOJSON)["numberMatched"] == 4


@clause(ONE, "/req/core/fc-numberReturned", member("numberReturned", 3))
def returned(site: Site) -> None:
    """`numberReturned` is the number of features in the answer."""
    document = site.json(f"{ITEMS}?limit=2", media_type=GEOJSON, accept=GEOJSON)
    assert document["numberReturned"] == len(document["features"]) == 2


@clause(ONE, "/req/core/fc-bbox-response", member("features", [{"id": "corner"}, {"id": "sst"}]))
def bbox(site: Site) -> None:
    """`bbox` selects the features that meet it, also across 180 degrees."""
    far = site.json(f"{ITEMS}?bbox=-150,-60,-140,-50", media_type=GEOJSON, accept=GEOJSON)
    assert "corner" not in {feature["id"] for feature in far["features"]}
    across = site.json(f"{ITEMS}?bbox=177,65,-177,70", media_type=GEOJSON, accept=GEOJSON)
    assert {"sst", "cover"} <= {feature["id"] for feature in across["features"]}


@clause(ONE, "/req/core/fc-time-response", member("features", [{"id": "sst"}]))
def time(site: Site) -> None:
    """`datetime` selects the features whose time meets it."""
    before = site.json(
        f"{ITEMS}?datetime=1950-01-01T00:00:00Z/1960-01-01T00:00:00Z", media_type=GEOJSON, accept=GEOJSON
    )
    assert "sst" not in {feature["id"] for feature in before["features"]}
    within = site.json(f"{ITEMS}?datetime=2006-05-01T00:00:00Z/..", media_type=GEOJSON, accept=GEOJSON)
    assert "sst" in {feature["id"] for feature in within["features"]}


@clause(ONE, "/req/core/query-param-unknown", status(200, of=400))
def unknown(site: Site) -> None:
    """An unknown parameter is 400."""
    site.get(f"{ITEMS}?mystery=1", status=400)


@clause(ONE, "/req/core/query-param-invalid", status(500, of=400))
def invalid(site: Site) -> None:
    """A parameter of an impossible value is 400."""
    for query in ("limit=unlimited", "bbox=1,2,3", "datetime=nonsense"):
        site.get(f"{ITEMS}?{query}", status=400)


@clause(ONE, "/req/core/f-success", member("id", "other"), status(410), text("Feature", "Creature"))
def single(site: Site) -> None:
    """A feature alone is the one of the list."""
    found = site.json(f"{ITEMS}/sst", media_type=GEOJSON, accept=GEOJSON)
    assert (found["id"], found["type"]) == ("sst", "Feature")


@clause(ONE, "/req/core/f-links", without_link("self"), without_link("alternate"), without_link("collection"))
def single_links(site: Site) -> None:
    """A feature links to itself, to other encodings and to its collection."""
    assert {"self", "alternate", "collection"} <= rels(site.json(f"{ITEMS}/sst", media_type=GEOJSON, accept=GEOJSON))


@clause(ONE, "/req/core/f-unknown", status(200, of=404))
def absent(site: Site) -> None:
    """A feature that is not there is 404."""
    site.get(f"{ITEMS}/absent", status=404)


@clause(TWO, "/req/crs/fc-md-crs-list", member("crs", DROP), member("storageCrs", "x"), declared=CRS)
def crs_list(site: Site) -> None:
    """The collection lists its CRSs, CRS84 and the stored one among them."""
    document = site.json("/collections/records", media_type=CATALOG)
    assert CRS84 in document["crs"]
    assert document["storageCrs"] in document["crs"]


@clause(TWO, "/req/crs/ogc-crs-header", header("content-crs", None), header("content-crs", "<x>"), declared=CRS)
def crs_header(site: Site) -> None:
    """The answer names the CRS of its coordinates."""
    assert site.get(ITEMS, accept=GEOJSON).headers["content-crs"] == f"<{CRS84}>"
    assert site.get(f"{ITEMS}?crs={MERCATOR}", accept=GEOJSON).headers["content-crs"] == f"<{MERCATOR}>"


@clause(
    TWO, "/req/crs/crs-action", member("features.*.geometry", {"type": "Point", "coordinates": [1, 2]}), declared=CRS
)
def crs_action(site: Site) -> None:
    """`crs` transforms the coordinates."""
    plain = site.json(f"{ITEMS}/corner", media_type=GEOJSON, accept=GEOJSON)["geometry"]["coordinates"]
    moved = site.json(f"{ITEMS}?crs={MERCATOR}&ids=corner", media_type=GEOJSON, accept=GEOJSON)
    x, _ = moved["features"][0]["geometry"]["coordinates"][0][0]
    assert abs(x - plain[0][0][0] * 111319.49079327358) < 1


@clause(TWO, "/req/crs/fc-crs-valid-value", status(200, of=400), declared=CRS)
def crs_unknown(site: Site) -> None:
    """A CRS that the collection does not list is 400."""
    site.get(f"{ITEMS}?crs=http://www.opengis.net/def/crs/EPSG/0/99999", status=400)
    site.get(f"{ITEMS}?bbox=1,2,3,4&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/99999", status=400)
