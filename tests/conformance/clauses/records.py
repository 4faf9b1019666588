"""OGC API Records, Part 1 (20-004r1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.conformance.framework import DROP, clause, header, href, member, rels, status, text, without_link

if TYPE_CHECKING:
    from tests.conformance.framework import Site

RECORDS: Final = "OGC API Records Part 1 (20-004r1)"
ITEMS: Final = "/collections/records/items"
GEOJSON: Final = "application/geo+json"
REL: Final = "http://www.opengis.net/def/rel/ogc/1.0/"


def found(site: Site, query: str) -> set[str]:
    document: Any = site.json(f"{ITEMS}?{query}", media_type=GEOJSON, accept=GEOJSON)
    return {feature["id"] for feature in document["features"]}


@clause(
    RECORDS,
    "/req/record-core/mandatory-properties-json",
    member("properties.title", DROP),
    member("properties.type", DROP),
    member("time", DROP),
)
def core(site: Site) -> None:
    """A record has id, type, geometry, time, and in its properties type and title."""
    record = site.json(f"{ITEMS}/sst", media_type=GEOJSON, accept=GEOJSON)
    assert {"id", "type", "geometry", "time", "properties", "links"} <= set(record)
    assert record["properties"]["type"]
    assert record["properties"]["title"]


@clause(RECORDS, "/req/record-core/links", without_link("collection"), without_link("self"))
def links(site: Site) -> None:
    """A record links once to its collection, and to itself."""
    record = site.json(f"{ITEMS}/sst", media_type=GEOJSON, accept=GEOJSON)
    assert [link["rel"] for link in record["links"]].count("collection") == 1
    assert "self" in rels(record)


@clause(RECORDS, "/req/record-core/time", member("time", "2006"), member("time.interval", ["x"]))
def time(site: Site) -> None:
    """Time is null, or a date, a timestamp or an interval of two ends."""
    moment = site.json(f"{ITEMS}/sst", media_type=GEOJSON, accept=GEOJSON)["time"]
    assert moment is None or {"date", "timestamp", "interval"} & set(moment)
    assert moment is None or len(moment.get("interval", ["a", "b"])) == 2


@clause(RECORDS, "/req/record-collection/mandatory-properties", member("itemType", "feature"), without_link("items"))
def collection(site: Site) -> None:
    """The catalogue is a collection of records with a link to its items."""
    document = site.json("/collections/records", accept="application/json")
    assert document["itemType"] == "record"
    assert "items" in rels(document)


@clause(RECORDS, "/req/record-collection/default-mediatype", header("content-type", "application/json"))
def default_type(site: Site) -> None:
    """The catalogue is an OGC catalogue unless JSON is asked for."""
    answer = site.get("/collections/records")
    assert answer.headers["content-type"].startswith("application/ogc-catalog+json")


@clause(
    RECORDS,
    "/req/record-core-query-parameters/param-q-response",
    member("features", [{"id": "sst"}]),
    member("features", []),
)
def words(site: Site) -> None:
    """`q` selects records that hold a word, whatever its case; a comma is or."""
    title = site.json(f"{ITEMS}/sst", media_type=GEOJSON, accept=GEOJSON)["properties"]["title"].split()[0]
    assert "sst" in found(site, f"q={title.upper()}")
    assert "sst" in found(site, f"q=nothingofthekind,{title}")
    assert found(site, "q=nothingofthekind") == set()


@clause(
    RECORDS,
    "/req/record-core-query-parameters/param-type-response",
    member("features", [{"id": "sst"}]),
    member("features", []),
)
def types(site: Site) -> None:
    """`type` selects records of one of several types."""
    assert "sst" in found(site, "type=dataset,service")
    assert found(site, "type=service") == set()


@clause(RECORDS, "/req/record-core-query-parameters/param-ids-response", member("features", [{"id": "cover"}]))
def ids(site: Site) -> None:
    """`ids` selects records by their ids."""
    assert found(site, "ids=sst,corner") == {"sst", "corner"}


@clause(RECORDS, "/req/record-core-query-parameters/param-externalIds-response", member("features", [{"id": "cover"}]))
def external(site: Site) -> None:
    """`externalIds` selects records by identifiers of others."""
    assert found(site, "externalIds=doi:10.1/nothing") == set()


@clause(RECORDS, "/req/record-core-query-parameters/combinations", member("features", [{"id": "sst"}]))
def combined(site: Site) -> None:
    """Parameters are joined by and."""
    assert found(site, "ids=sst&type=service") == set()
    assert found(site, "ids=sst&bbox=0,0,1,1&type=dataset") == {"sst"}


@clause(
    RECORDS,
    "/req/sorting/sortables-response",
    status(404),
    member("properties", {}),
    header("content-type", "text/plain"),
)
def sortables(site: Site) -> None:
    """The collection links to what records can be sorted by."""
    address = href(site.json("/collections/records", accept="application/json"), REL + "sortables")
    assert site.json(address, media_type="application/schema+json")["properties"]


@clause(RECORDS, "/req/sorting/sortby-response", text('"id":"sst"', '"id":"aaa"'))
def sorting(site: Site) -> None:
    """`sortby` orders records, `-` turned round."""

    def order(query: str) -> list[str]:
        return [f["id"] for f in site.json(f"{ITEMS}?{query}", media_type=GEOJSON, accept=GEOJSON)["features"]]

    names = order("sortby=id")
    assert names == sorted(names)
    assert order("sortby=-id") == names[::-1]
    site.get(f"{ITEMS}?sortby=mystery", status=400)


@clause(RECORDS, "/req/cql-filter/cql2-text", member("features", [{"id": "cover"}]), status(200, of=400))
def filters(site: Site) -> None:
    """`filter` selects by CQL2 text; what is no CQL2 is 400."""
    assert found(site, "filter=id='sst'") == {"sst"}
    site.get(f"{ITEMS}?filter=id==", status=400)


@clause(RECORDS, "/req/cql-filter/queryables", member("properties", {}), status(404))
def queryables(site: Site) -> None:
    """The queryables hold the core properties of records."""
    names = set(site.json("/collections/records/queryables", media_type="application/schema+json")["properties"])
    assert {"id", "type", "title", "description", "keywords"} <= names


@clause(RECORDS, "/req/autodiscovery/links", without_link(REL + "ogc-catalog"))
def discovery(site: Site) -> None:
    """The landing page links to the items of the catalogue."""
    assert href(site.json("/"), REL + "ogc-catalog").endswith(ITEMS)
