"""OGC API Styles (20-009)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lxml import etree

from tests.conformance.framework import DROP, body, clause, header, href, member, status, without_link

if TYPE_CHECKING:
    from tests.conformance.framework import Site

STYLES: Final = "OGC API Styles (20-009)"
SLD: Final = "application/vnd.ogc.sld+xml;version="


@clause(
    STYLES, "/req/core/styles-success", member("styles", []), member("styles.*.id", DROP), without_link("stylesheet")
)
def listing(site: Site) -> None:
    """The styles of all collections are listed, with links to their stylesheets."""
    styles = site.json("/styles")["styles"]
    assert {"sst.v.default", "sst.v.grey"} <= {style["id"] for style in styles}
    assert all(href(style, "stylesheet") for style in styles)


@clause(STYLES, "/req/core/style-success", status(406), body(b"<x/>", "another document"))
def stylesheets(site: Site) -> None:
    """A style comes as SLD 1.0, as SLD 1.1 and as MapLibre, as Accept asks."""
    for version in ("1.0", "1.1"):
        answer = site.get("/styles/sst.v.grey", accept=SLD + version)
        root = etree.fromstring(answer.content)
        assert root.get("version", "").startswith(version)
        assert answer.headers["content-type"] == SLD + version
    answer = site.get("/styles/sst.v.grey", accept="application/vnd.mapbox.style+json")
    assert answer.json()["version"] == 8


@clause(
    STYLES,
    "/req/core/style-metadata-success",
    member("stylesheets", []),
    member("id", DROP),
    header("content-type", "text/html"),
)
def metadata(site: Site) -> None:
    """The metadata of a style name its stylesheets and layers."""
    document = site.json("/styles/sst.v.grey/metadata")
    assert document["id"]
    assert document["layers"]
    assert len(document["stylesheets"]) >= 3


@clause(STYLES, "/req/core/style-not-found", status(200, of=404))
def absent(site: Site) -> None:
    """A style that is not there is 404."""
    site.get("/styles/sst.v.mauve", status=404)
    site.get("/collections/sst/styles/mauve", status=404)
