"""OGC API Coverages, Part 1 (19-087, release candidate 2)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import rasterio

from tests.conformance.framework import body, clause, header, href, member, status, without_link

if TYPE_CHECKING:
    from tests.conformance.framework import Site

COVERAGES: Final = "OGC API Coverages Part 1 rc2 (19-087)"
URL: Final = "/collections/sst/coverage"
GEOTIFF: Final = "image/tiff;application=geotiff"
REL: Final = "http://www.opengis.net/def/rel/ogc/1.0/"
TIME: Final = "datetime=2006-04"
BROKEN: Final = body(b"II*", "a body that is no GeoTIFF")


def shape(site: Site, query: str) -> tuple[int, int, tuple[float, ...]]:
    """(rows, columns, bounds) of a coverage."""
    answer = site.get(f"{URL}?f=geotiff&{TIME}&{query}")
    assert answer.headers["content-type"].replace(" ", "").startswith("image/tiff")
    with rasterio.open(io.BytesIO(answer.content)) as raster:
        return raster.height, raster.width, tuple(raster.bounds)


@clause(COVERAGES, "/req/core/desc-links", without_link(REL + "coverage"))
def links(site: Site) -> None:
    """A collection links to its coverage by the relation of OGC."""
    assert href(site.json("/collections/sst"), REL + "coverage")


@clause(COVERAGES, "/req/core/coverage-success", BROKEN, status(404), header("content-type", "text/plain"))
def whole(site: Site) -> None:
    """The coverage comes as GeoTIFF, with its own cells."""
    assert shape(site, "bbox=-180,-90,180,90")[:2] == (180, 360)


@clause(COVERAGES, "/req/subsetting-spatial/bbox", BROKEN, status(200, of=400))
def bbox(site: Site) -> None:
    """`bbox` cuts, and is the bounds of the answer."""
    assert shape(site, "bbox=10,20,30,50") == (30, 20, (10, 20, 30, 50))
    site.get(f"{URL}?bbox=1,2,3&{TIME}", status=400)


@clause(COVERAGES, "/req/subsetting-general/subset", BROKEN, status(200, of=400))
def subset(site: Site) -> None:
    """`subset` cuts by axes; an axis that is none is 400."""
    assert shape(site, "subset=Lat(20:50),Lon(10:30)") == (30, 20, (10, 20, 30, 50))
    site.get(f"{URL}?subset=Depth(0:1)&{TIME}", status=400)


@clause(
    COVERAGES, "/req/subsetting-temporal/datetime", body(b"same", "the same body for all times"), status(200, of=404)
)
def datetime(site: Site) -> None:
    """`datetime` selects a time."""
    first = site.get(f"{URL}?f=geotiff&datetime=2006-04&bbox=0,0,5,5").content
    assert first != site.get(f"{URL}?f=geotiff&datetime=2006-06&bbox=0,0,5,5").content
    site.get(f"{URL}?datetime=1900-01&bbox=0,0,5,5", status=404)


@clause(COVERAGES, "/req/scaling-general/resolution", BROKEN, status(200, of=400))
def resolution(site: Site) -> None:
    """`resolution` sets the size of cells; an axis that is none is 400."""
    assert shape(site, "bbox=10,20,30,50&resolution=Lat(2),Lon(2)")[:2] == (15, 10)
    site.get(f"{URL}?resolution=Depth(2)&{TIME}", status=400)


@clause(COVERAGES, "/req/scaling-spatial/scale-factor", BROKEN, status(200, of=400))
def scale(site: Site) -> None:
    """`scale-factor` and `scale-size` make the answer coarser."""
    assert shape(site, "bbox=10,20,30,50&scale-factor=2")[:2] == (15, 10)
    assert shape(site, "bbox=10,20,30,50&scale-size=Lat(3),Lon(4)")[:2] == (3, 4)
    site.get(f"{URL}?scale-factor=0&{TIME}", status=400)


@clause(COVERAGES, "/req/field-selection/properties", status(200, of=400), BROKEN)
def fields(site: Site) -> None:
    """`properties` selects fields; one that is none is 400."""
    assert shape(site, "bbox=0,0,4,4&properties=v")[:2] == (4, 4)
    site.get(f"{URL}?properties=mystery&{TIME}", status=400)


@clause(COVERAGES, "/req/core/content-headers", header("content-crs", None), header("content-bbox", "0,0,1,1"))
def headers(site: Site) -> None:
    """Headers state the CRS and the box of the answer."""
    answer = site.get(f"{URL}?f=geotiff&{TIME}&bbox=10,20,30,50")
    assert answer.headers["content-crs"].strip("<>").endswith("CRS84")
    assert [float(v) for v in answer.headers["content-bbox"].split(",")] == [10, 20, 30, 50]


@clause(
    COVERAGES,
    "/req/netcdf, /req/coveragejson",
    header("content-type", "text/plain"),
    body(b"x", "a body of one letter"),
)
def formats(site: Site) -> None:
    """Coverages come as NetCDF and CoverageJSON."""
    netcdf = site.get(f"{URL}?f=netcdf&{TIME}&bbox=0,0,4,4")
    assert "netcdf" in netcdf.headers["content-type"]
    assert netcdf.content[:4] in (b"\x89HDF", b"CDF\x01", b"CDF\x02")
    document = site.get(f"{URL}?f=covjson&{TIME}&bbox=0,0,4,4")
    assert document.json()["type"] in ("Coverage", "CoverageCollection")


@clause(
    COVERAGES,
    "/req/schema, ets: domainset and rangetype",
    status(404),
    member("properties", {}),
    without_link(REL + "coverage-domainset"),
)
def descriptions(site: Site) -> None:
    """The collection links to its schema, and to the domain set and range type that the official suite asks for."""
    document = site.json("/collections/sst")
    assert site.get(href(document, REL + "coverage-domainset")).json()
    assert site.get(href(document, REL + "coverage-rangetype")).json()
    assert site.get("/collections/sst/schema").json()["properties"]
