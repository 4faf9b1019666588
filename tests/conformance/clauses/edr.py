"""OGC API Environmental Data Retrieval 1.1 (19-086r6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.conformance.framework import DROP, clause, header, member, rels, status, text, without_link

if TYPE_CHECKING:
    from tests.conformance.framework import Site

EDR: Final = "OGC API EDR 1.1 (19-086r6)"
SST: Final = "/edr/collections/sst"


@clause(EDR, "/req/core/root-success", without_link("conformance"), without_link("data"), status(404))
def landing(site: Site) -> None:
    """The root links to description, conformance and data, also with `f=json`."""
    assert {"conformance", "data"} <= rels(site.json("/edr?f=json"))


@clause(EDR, "/req/core/conformance-success", member("conformsTo", []))
def conformance(site: Site) -> None:
    """The classes of EDR 1.1 and 1.0 are declared, the latter for the official suite."""
    classes = site.json("/edr/conformance?f=json")["conformsTo"]
    for version in ("1.0", "1.1"):
        assert f"http://www.opengis.net/spec/ogcapi-edr-1/{version}/conf/core" in classes


@clause(
    EDR,
    "/req/edr/rc-collection-info",
    member("collections.*.data_queries", DROP),
    member("collections.*.parameter_names", {}),
    member("collections.*.crs", []),
)
def collections(site: Site) -> None:
    """Each collection has queries, parameters, CRSs and an extent."""
    for entry in site.json("/edr/collections")["collections"]:
        assert entry["data_queries"]
        assert entry["crs"]
        assert entry["extent"]["spatial"]["bbox"]
        assert entry["parameter_names"]
        for parameter in entry["parameter_names"].values():
            assert parameter["type"] == "Parameter"
            assert parameter["observedProperty"]


@clause(EDR, "/req/edr/extent", member("extent.temporal.interval", [["x", None]]))
def extent(site: Site) -> None:
    """The extent in time is closed at both ends."""
    for start, end in site.json(SST)["extent"]["temporal"]["interval"]:
        assert start
        assert end


@clause(EDR, "/req/position/position-coords", text('"Coverage', '"Kuverage'), status(200, of=400))
def position(site: Site) -> None:
    """A position query answers with values; without coords it is 400."""
    answer = site.get(f"{SST}/position?coords=POINT(5.5 15.5)&parameter-name=v&f=CoverageJSON")
    assert answer.json()["type"] in ("Coverage", "CoverageCollection")
    site.get(f"{SST}/position", status=400)


@clause(EDR, "/req/position: value", text("740", "9"), header("content-type", "text/html"))
def value(site: Site) -> None:
    """The value is that of the cell that holds the point."""
    answer = site.get(
        f"{SST}/position?coords=POINT(5.5 15.5)&parameter-name=v&datetime=2006-04-16T00:00:00Z&f=CoverageJSON"
    )
    assert "json" in answer.headers["content-type"]
    ranges = answer.json()
    found = (ranges if ranges["type"] == "Coverage" else ranges["coverages"][0])["ranges"]["v"]["values"]
    assert found == [740185.0]  # row 74, column 185


@clause(EDR, "/req/area/coords", text('"Coverage', '"Kuverage'), status(200, of=400))
def area(site: Site) -> None:
    """An area query answers with the cells within; a polygon that is none is 400."""
    polygon = "POLYGON((0 0,4 0,4 4,0 4,0 0))"
    answer = site.get(f"{SST}/area?coords={polygon}&parameter-name=v&datetime=2006-04-16T00:00:00Z&f=CoverageJSON")
    assert answer.json()["type"] in ("Coverage", "CoverageCollection")
    site.get(f"{SST}/area", status=400)
    site.get(f"{SST}/area?coords=POLYGON((0 0,4 0))", status=400)


@clause(EDR, "/req/cube/bbox", text('"Coverage', '"Kuverage'), status(200, of=400))
def cube(site: Site) -> None:
    """A cube query answers with the cells of a box; without one it is 400."""
    answer = site.get(f"{SST}/cube?bbox=0,0,4,4&parameter-name=v&datetime=2006-04-16T00:00:00Z&f=CoverageJSON")
    assert answer.json()["type"] in ("Coverage", "CoverageCollection")
    site.get(f"{SST}/cube", status=400)


@clause(EDR, "/req/trajectory/coords", text('"Coverage', '"Kuverage'), status(200, of=400))
def trajectory(site: Site) -> None:
    """A trajectory query answers along a line; without one it is 400."""
    answer = site.get(f"{SST}/trajectory?coords=LINESTRING(0 0,4 4)&parameter-name=v&f=CoverageJSON")
    assert "Coverage" in answer.json()["type"]
    site.get(f"{SST}/trajectory", status=400)


@clause(EDR, "/req/edr/parameter-name", status(200, of=400))
def parameter(site: Site) -> None:
    """A parameter that the collection does not have is 400."""
    site.get(f"{SST}/position?coords=POINT(5 15)&parameter-name=mystery", status=400)
