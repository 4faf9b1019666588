"""WCS 2.0.1 (09-110r4 and extensions) and 1.0.0 (03-065r6)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import rasterio

from tests.conformance.framework import body, clause, header, status, text

if TYPE_CHECKING:
    from tests.conformance.framework import Site

WCS: Final = "WCS 2.0.1 (09-110r4)"
OLD: Final = "WCS 1.0.0 (03-065r6)"
NS: Final = "{http://www.opengis.net/wcs/2.0}"
OWS: Final = "{http://www.opengis.net/ows/2.0}"
CAPABILITIES: Final = "/wcs?service=WCS&acceptVersions=2.0.1&request=GetCapabilities"
DESCRIBE: Final = "/wcs?service=WCS&version=2.0.1&request=DescribeCoverage&coverageId="
GET: Final = "/wcs?service=WCS&version=2.0.1&request=GetCoverage&coverageId=sst.v&format=image/tiff"
BROKEN: Final = body(b"II*", "a body that is no GeoTIFF")


def shape(site: Site, url: str) -> tuple[int, int, tuple[float, ...]]:
    answer = site.get(url)
    assert "tiff" in answer.headers["content-type"], answer.headers["content-type"]
    with rasterio.open(io.BytesIO(answer.content)) as raster:
        return raster.height, raster.width, tuple(raster.bounds)


def fault(site: Site, url: str) -> tuple[int, str | None]:
    """(status, code) of an exception report."""
    answer = site.client.get(url)
    root = site.xml(url, status=answer.status_code)
    assert root.tag == OWS + "ExceptionReport", root.tag
    return answer.status_code, root[0].get("exceptionCode")


@clause(WCS, "core req2-4: GetCapabilities", text("get-kvp", "x"), text("CoverageSummary", "Summary"), status(404))
def capabilities(site: Site) -> None:
    """The capabilities name version, profiles, formats and coverages."""
    root = site.xml(CAPABILITIES)
    assert root.get("version") == "2.0.1"
    profiles = [e.text for e in root.iter(OWS + "Profile")]
    assert any("WCS_protocol-binding_get-kvp/1.0" in profile for profile in profiles)
    assert "image/tiff" in [e.text for e in root.iter(NS + "formatSupported")]
    assert "sst.v" in [e.findtext(NS + "CoverageId") for e in root.iter(NS + "CoverageSummary")]


@clause(WCS, "core req12: DescribeCoverage", text("sst.v", "x"), text("CoverageDescription ", "Description "))
def describe(site: Site) -> None:
    """Each coverage is described, several at once, also with a comma at the end."""
    for query, count in (("sst.v", 1), ("sst.v,cover.v,", 2)):
        found = list(site.xml(DESCRIBE + query).iter(NS + "CoverageDescription"))
        assert len(found) == count
        assert found[0].findtext(NS + "CoverageId") == "sst.v"


@clause(WCS, "core req13: NoSuchCoverage", text("NoSuchCoverage", "x"), status(200, of=404), status(400, of=404))
def no_coverage(site: Site) -> None:
    """An unknown coverage is 404 NoSuchCoverage."""
    assert fault(site, DESCRIBE + "Bogus") == (404, "NoSuchCoverage")
    assert fault(site, GET.replace("sst.v", "Bogus")) == (404, "NoSuchCoverage")


@clause(WCS, "core req16: GetCoverage", BROKEN, header("content-type", "text/plain"), status(500))
def coverage(site: Site) -> None:
    """A subset is cut by both axes."""
    assert shape(site, GET + "&subset=Lat(0,10)&subset=Long(20,50)") == (10, 30, (20, 0, 50, 10))


@clause(WCS, "core req20: InvalidAxisLabel", text("InvalidAxisLabel", "x"), status(200, of=404))
def axis(site: Site) -> None:
    """An axis that is none, or named twice, is 404 InvalidAxisLabel."""
    assert fault(site, GET + "&subset=bogus(0,1)") == (404, "InvalidAxisLabel")
    assert fault(site, GET + "&subset=Lat(0,1)&subset=Lat(1,2)") == (404, "InvalidAxisLabel")


@clause(WCS, "core req22: InvalidSubsetting", text("InvalidSubsetting", "x"))
def subsetting(site: Site) -> None:
    """A low end above the high one is 404 InvalidSubsetting."""
    assert fault(site, GET + "&subset=Lat(10,0)") == (404, "InvalidSubsetting")


@clause(WCS, "scaling req1-9", BROKEN, text("InvalidScaleFactor", "x"))
def scaling(site: Site) -> None:
    """SCALEFACTOR and SCALESIZE change the size; a factor of 0 is InvalidScaleFactor."""
    box = "&subset=Lat(0,10)&subset=Long(20,50)"
    assert shape(site, f"{GET}{box}&scalefactor=2.0")[:2] == (20, 60)
    assert shape(site, f"{GET}{box}&scalesize=Lat(5),Long(6)")[:2] == (5, 6)
    assert fault(site, f"{GET}&scalefactor=0")[1] == "InvalidScaleFactor"


@clause(WCS, "CRS req1-18", text("SubsettingCrs-NotSupported", "x"), BROKEN)
def crs(site: Site) -> None:
    """Subsets and answers are in the CRSs that were asked for; one that is not known is an exception."""
    mercator = "http://www.opengis.net/def/crs/EPSG/0/3857"
    box = "&subset=Lat(0,10)&subset=Long(20,50)"
    bounds = shape(site, f"{GET}{box}&outputcrs={mercator}")[2]
    assert abs(bounds[0] - 20 * 111319.4908) < 200_000
    assert (
        fault(site, f"{GET}&subsettingcrs=http://www.opengis.net/def/crs/EPSG/0/99999")[1]
        == "SubsettingCrs-NotSupported"
    )


@clause(WCS, "interpolation req1-5", BROKEN, text("InterpolationMethodNotSupported", "x"))
def interpolation(site: Site) -> None:
    """Linear interpolation is known by its URI; a method that is none is an exception."""
    uri = "http://www.opengis.net/def/interpolation/OGC/1.0/linear"
    assert shape(site, f"{GET}&subset=Lat(0,10)&subset=Long(20,50)&scalefactor=2.0&interpolation={uri}")[:2] == (20, 60)
    assert fault(site, f"{GET}&interpolation=http://bogus")[1] == "InterpolationMethodNotSupported"


@clause(WCS, "range subsetting req1-4", text("NoSuchField", "x"), BROKEN)
def fields(site: Site) -> None:
    """RANGESUBSET selects fields; one that is none is NoSuchField."""
    assert fault(site, f"{GET}&rangesubset=bogus")[1] == "NoSuchField"
    assert shape(site, f"{GET}&subset=Lat(0,10)&subset=Long(20,50)&rangesubset=v")[:2] == (10, 30)


@clause(WCS, "POST req1", BROKEN, status(500))
def posted(site: Site) -> None:
    """GetCoverage as XML gives what the keywords give."""
    request = (
        '<GetCoverage xmlns="http://www.opengis.net/wcs/2.0" service="WCS" version="2.0.1">'
        "<CoverageId>sst.v</CoverageId>"
        "<DimensionTrim><Dimension>Lat</Dimension><TrimLow>0</TrimLow><TrimHigh>10</TrimHigh></DimensionTrim>"
        "<format>image/tiff</format></GetCoverage>"
    )
    answer = site.client.post("/wcs", content=request)
    assert answer.status_code == 200, answer.text[:200]
    with rasterio.open(io.BytesIO(answer.content)) as raster:
        assert (raster.height, raster.width) == (10, 360)


@clause(OLD, "8.3 DescribeCoverage", text("lonLatEnvelope", "envelope"), status(404))
def old_description(site: Site) -> None:
    """Version 1.0.0 states the envelope in longitude and latitude."""
    root = site.xml("/wcs?service=WCS&version=1.0.0&request=DescribeCoverage&coverage=sst.v")
    assert root.find(".//{http://www.opengis.net/wcs}lonLatEnvelope") is not None


@clause(OLD, "9.2 GetCoverage beside the data", BROKEN, status(400))
def old_coverage(site: Site) -> None:
    """A box that reaches beyond the world is filled, never refused: QGIS asks for such boxes."""
    url = "/wcs?service=WCS&version=1.0.0&request=GetCoverage&coverage=sst.v&crs=EPSG:4326&format=GeoTIFF"
    assert shape(site, f"{url}&bbox=-5072,-4946,4928,5054&width=10&height=10")[:2] == (10, 10)
