"""OGC API Common, Part 1 (19-072) and Part 2 (20-024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.conformance.framework import DROP, clause, header, href, member, rels, status, text, without_link

if TYPE_CHECKING:
    from tests.conformance.framework import Site

ONE: Final = "OGC API Common Part 1 (19-072)"
TWO: Final = "OGC API Common Part 2 (20-024)"
REL: Final = "http://www.opengis.net/def/rel/ogc/1.0/"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"


@clause(ONE, "/req/landing-page/root-success", without_link("conformance"), without_link("service-desc"), status(500))
def landing(site: Site) -> None:
    """The landing page links to the API description and to the conformance classes."""
    assert {"self", "service-desc", "conformance", "data"} <= rels(site.json("/"))


@clause(ONE, "/req/oas30/oas-definition-1", member("openapi", "2.0"), header("content-type", "application/json"))
def description(site: Site) -> None:
    """The API description is OpenAPI 3.0, of the type that its link states."""
    link = href(site.json("/"), "service-desc", OPENAPI)
    answer = site.get(link, accept=OPENAPI)
    assert answer.headers["content-type"].replace(" ", "") == OPENAPI
    assert answer.json()["openapi"].startswith("3.0")


@clause(ONE, "/req/oas30/oas-impl", member("paths./conformance", DROP), text("/collections/", "/kollektions/"))
def described_paths(site: Site) -> None:
    """The paths of the service are those of its description."""
    paths = site.get("/api").json()["paths"]
    for path in ("/", "/conformance", "/collections", "/collections/{collectionId}"):
        assert "get" in paths[path], path


@clause(ONE, "/req/landing-page/conformance-success", member("conformsTo", []), status(404))
def classes(site: Site) -> None:
    """The conformance document lists the classes, those of Common among them."""
    for name in ("core", "landing-page", "json", "oas30"):
        assert f"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/{name}" in site.conformance


@clause(ONE, "/req/json/definition", header("content-type", "text/plain"))
def encoding(site: Site) -> None:
    """Documents are JSON to clients that state no preference."""
    for path in ("/", "/conformance", "/collections"):
        site.json(path)
        site.json(path, accept="*/*")


@clause(ONE, "/rec/core/cross-origin", header("access-control-allow-origin", None))
def cross_origin(site: Site) -> None:
    """Scripts of other origins may read answers, refusals included."""
    for path in ("/", "/collections/absent"):
        answer = site.client.get(path, headers={"Origin": "https://maps.example"})
        assert answer.headers["access-control-allow-origin"] == "*"


@clause(ONE, "/per/core/http-status-codes", status(200, of=404), status(500, of=400), member("detail", DROP))
def failures(site: Site) -> None:
    """What is not there is 404, what is not understood 400, with a detail."""
    assert site.get("/collections/absent", status=404).json()["detail"]
    assert site.get("/collections?mystery=1", status=400).json()["detail"]


@clause(TWO, "/req/collections/rc-md-success", member("collections", []), without_link("self"), status(204))
def collections(site: Site) -> None:
    """The list of collections has each collection with its links."""
    document = site.json("/collections")
    assert "self" in rels(document)
    assert {"sst", "cover"} <= {entry["id"] for entry in document["collections"]}


@clause(TWO, "/req/collections/rc-md-items", member("collections.*.id", DROP), member("collections.*.links", []))
def entries(site: Site) -> None:
    """Each entry has an id, a title and a link to itself."""
    for entry in site.json("/collections")["collections"]:
        assert entry["id"]
        assert entry["title"]
        assert "self" in rels(entry)


@clause(TWO, "/req/collections/src-md-success", member("title", "another"), member("extent", DROP))
def single(site: Site) -> None:
    """A collection alone is the entry of the list."""
    listed = {entry["id"]: entry for entry in site.json("/collections")["collections"]}
    alone = site.json("/collections/sst")
    for name in ("id", "title", "description", "extent"):
        assert alone[name] == listed["sst"][name], name


@clause(
    TWO, "/req/collections/rc-bbox-response", member("collections", []), member("extent.spatial.bbox", [[0, 0, 1, 1]])
)
def extent(site: Site) -> None:
    """A collection states its extent; `bbox` chooses among collections by it."""
    west, south, *_ = site.json("/collections/corner")["extent"]["spatial"]["bbox"][0]
    inside = f"{west + 0.1},{south + 0.1},{west + 0.2},{south + 0.2}"
    chosen = {entry["id"] for entry in site.json(f"/collections?bbox={inside}")["collections"]}
    assert "corner" in chosen
    far = {entry["id"] for entry in site.json("/collections?bbox=-150,-60,-140,-50")["collections"]}
    assert "corner" not in far
    assert "sst" in far


@clause(TWO, "/req/collections/rc-limit-response", member("collections", [{}, {}]), without_link("next"))
def limit(site: Site) -> None:
    """`limit` bounds the list, and the next page is linked."""
    first = site.json("/collections?limit=1")
    assert len(first["collections"]) == 1
    second = site.json(href(first, "next"))
    assert second["collections"][0]["id"] != first["collections"][0]["id"]
