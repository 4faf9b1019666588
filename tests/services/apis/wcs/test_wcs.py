"""WCS 2.0.1 by keywords and by XML, and 1.0.0: values in their place, exceptions (OGC 09-110r4, 03-065r6)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import numpy as np
import pytest
import rasterio
import xarray as xr
from lxml import etree

from tests.support.datasets import STEPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi.testclient import TestClient
    from httpx import Response
    from numpy.typing import NDArray

WCS = "{http://www.opengis.net/wcs/2.0}"
OWS = "{http://www.opengis.net/ows/2.0}"
GML = "{http://www.opengis.net/gml/3.2}"
OLD = "{http://www.opengis.net/wcs}"
OLD_GML = "{http://www.opengis.net/gml}"
COVER = (("service", "WCS"), ("version", "2.0.1"), ("request", "GetCoverage"))
BOX = {
    "service": "WCS",
    "version": "1.0.0",
    "request": "GetCoverage",
    "coverage": "corner.v",
    "crs": "EPSG:4326",
    "bbox": "10,0,20,10",
    "width": "20",
    "height": "20",
    "format": "GeoTIFF",
}
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CELLS = np.add.outer(np.arange(20) * 10_000.0, np.arange(20.0))
"""The values of `corner` at its first depth."""


def ask(client: TestClient, query: Iterable[tuple[str, str]], path: str = "/wcs") -> Response:
    return client.get(f"{path}?{urlencode(list(query))}")


def cover(client: TestClient, coverage: str, *more: tuple[str, str]) -> Response:
    return ask(client, [*COVER, ("coverageId", coverage), *more])


def raster(answer: Response) -> tuple[NDArray[Any], tuple[float, ...]]:
    """(values of the first band, bounds) of a GeoTIFF."""
    assert answer.status_code == 200, answer.text
    with rasterio.open(io.BytesIO(answer.content)) as source:
        return source.read(1), tuple(source.bounds)


def fault(answer: Response, status: int) -> tuple[str | None, str | None]:
    assert answer.status_code == status, answer.text
    root = etree.fromstring(answer.content)
    assert root.tag == OWS + "ExceptionReport"
    return root[0].get("exceptionCode"), root[0].get("locator")


def test_capabilities_list_the_readable_coverages_and_the_extensions(layers_client: TestClient) -> None:
    answer = ask(layers_client, [("service", "WCS"), ("acceptversions", "2.0.1"), ("request", "GetCapabilities")])
    root = etree.fromstring(answer.content)
    assert root.get("version") == "2.0.1"
    names = {e.text for e in root.iter(WCS + "CoverageId")}
    assert names == {"sst.v", "cover.v", "corner.v", "metres.v"}
    profiles = [e.text.rsplit("/", 1)[-1] for e in root.iter(OWS + "Profile")]
    assert {"get-kvp", "post-xml", "record-subsetting", "scaling", "interpolation", "crs"} <= set(profiles)
    (metres,) = [e for e in root.iter(WCS + "CoverageSummary") if e.findtext(WCS + "CoverageId") == "metres.v"]
    assert metres.find(OWS + "BoundingBox").get("crs") == EPSG + "32633"
    assert metres.findtext(f"{OWS}BoundingBox/{OWS}LowerCorner") == "400000 5570000"


def test_a_description_states_grid_times_and_fields(layers_client: TestClient) -> None:
    query = [
        ("service", "WCS"),
        ("version", "2.0.1"),
        ("request", "DescribeCoverage"),
        ("coverageId", "corner.v,metres.v,"),
    ]
    root = etree.fromstring(ask(layers_client, query).content)
    degrees, metres = root.findall(WCS + "CoverageDescription")
    grid = degrees.find(f"{GML}domainSet/{GML}RectifiedGrid")
    assert grid.findtext(GML + "axisLabels") == "Lat Long"
    assert grid.findtext(f"{GML}limits/{GML}GridEnvelope/{GML}high") == "19 19"
    assert grid.findtext(f"{GML}origin/{GML}Point/{GML}pos") == "9.75 10.25"
    assert [e.text for e in grid.findall(GML + "offsetVector")] == ["0 0.5", "-0.5 0"]
    envelope = degrees.find(f"{GML}boundedBy/{GML}Envelope")
    assert (envelope.findtext(GML + "lowerCorner"), envelope.get("srsName")) == ("0 10", EPSG + "4326")
    times, depths = degrees.iter("dimension")
    assert times.text == "2020-01-01T00:00:00Z,2020-01-02T00:00:00Z,2020-01-04T00:00:00Z"
    assert (depths.get("name"), depths.text) == ("elevation", "0,10")
    projected = metres.find(f"{GML}domainSet/{GML}RectifiedGrid")
    assert projected.findtext(GML + "axisLabels") == "E N"
    assert [e.text for e in projected.findall(GML + "offsetVector")] == ["1000 0", "0 -1000"]


def test_a_coverage_has_the_stored_cells_in_their_place(layers_client: TestClient) -> None:
    values, bounds = raster(cover(layers_client, "corner.v"))
    assert bounds == (10, 0, 20, 10)
    assert np.array_equal(values, CELLS)
    values, bounds = raster(cover(layers_client, "corner.v", ("subset", "Lat(2,5)"), ("subset", "Long(11,13)")))
    assert bounds == (11, 2, 13, 5)
    assert np.array_equal(values, CELLS[10:16, 2:6])
    values, bounds = raster(
        cover(layers_client, "metres.v", ("subset", "E(401000,403000)"), ("subset", "N(5598000,*)"))
    )
    assert bounds == (401000, 5598000, 403000, 5600000)
    assert values.tolist() == [[1, 2], [10_001, 10_002]]


def test_time_and_elevation_are_subsets(layers_client: TestClient) -> None:
    values, _ = raster(
        cover(layers_client, "corner.v", ("subset", 'time("2020-01-02T00:00:00Z")'), ("subset", "depth(10)"))
    )
    assert np.array_equal(values, CELLS + 100)
    netcdf = cover(
        layers_client,
        "corner.v",
        ("subset", 'time("2020-01-01","2020-01-02")'),
        ("subset", "elevation(0,10)"),
        ("format", "application/netcdf"),
    )
    with xr.open_dataset(io.BytesIO(netcdf.content), engine="h5netcdf") as dataset:
        assert dataset["v"].shape == (2, 2, 20, 20)
        assert float(dataset["v"].isel(time=1, depth=1).values[3, 4]) == 30_104
    both = cover(layers_client, "corner.v", ("subset", 'time("2020-01-01","2020-01-02")'))
    assert fault(both, 404) == ("InvalidSubsetting", "time")


@pytest.mark.parametrize(
    ("scale", "shape"),
    [
        (("scaleFactor", "0.5"), (10, 10)),
        (("scaleFactor", "2.0"), (40, 40)),
        (("scaleAxes", "Lat(2.0),Long(1)"), (40, 20)),
        (("scaleSize", "Lat(5.0),Long(7)"), (5, 7)),
        (("scaleExtent", "Lat(10:20),Long(0:3)"), (11, 4)),
        (("size", "Lat(5)"), (5, 20)),
        (("resolution", "Lat(1.0)"), (10, 20)),
    ],
)
def test_an_answer_is_scaled(layers_client: TestClient, scale: tuple[str, str], shape: tuple[int, int]) -> None:
    values, bounds = raster(cover(layers_client, "corner.v", scale))
    assert values.shape == shape
    assert bounds == (10, 0, 20, 10)


def test_crss_of_subsets_and_of_the_answer(layers_client: TestClient) -> None:
    web = EPSG + "3857"
    with rasterio.open(io.BytesIO(cover(layers_client, "corner.v", ("outputCrs", web)).content)) as source:
        assert source.crs.to_epsg() == 3857
        inside = source.read(1)[5:15, 5:15]
    assert inside.min() > 0
    subset = [("subsettingCrs", web), ("subset", "X(1113194.9,1335833.9)"), ("subset", "Y(0,222684.2)")]
    values, bounds = raster(cover(layers_client, "corner.v", *subset))
    assert bounds == (10, 0, 12, 2)
    assert np.array_equal(values, CELLS[16:, :4])


def test_a_small_coverage_comes_as_gml_and_in_two_parts(layers_client: TestClient) -> None:
    small = [("subset", "Lat(9,10)"), ("subset", "Long(10,11)")]
    answer = cover(layers_client, "corner.v", *small, ("format", "application/gml+xml"))
    root = etree.fromstring(answer.content)
    assert root.findtext(f"{GML}rangeSet/{GML}DataBlock/{GML}tupleList").split() == ["0", "1", "10000", "10001"]
    parts = cover(layers_client, "corner.v", *small, ("mediatype", "multipart/related"))
    assert parts.headers["content-type"].startswith("multipart/related")
    _, description, file, _ = parts.content.split(b"--wcs-coverage")
    assert etree.fromstring(description.split(b"\r\n\r\n", 1)[1]).tag.endswith("RectifiedGridCoverage")
    with rasterio.open(io.BytesIO(file.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n"))) as source:
        assert source.read(1).tolist() == [[0, 1], [10_000, 10_001]]


@pytest.mark.parametrize(
    ("coverage", "more", "status", "code"),
    [
        ("bogus.v", [], 404, "NoSuchCoverage"),
        ("", [], 400, "MissingParameterValue"),
        ("corner.v", [("format", "bogus")], 400, "InvalidParameterValue"),
        ("corner.v", [("mediatype", "bogus")], 400, "InvalidParameterValue"),
        ("corner.v", [("subset", "bogus(1,2)")], 404, "InvalidAxisLabel"),
        ("corner.v", [("subset", "Lat(1,2)"), ("subset", "Lat(1,2)")], 404, "InvalidAxisLabel"),
        ("corner.v", [("subset", "Lat(5,2)")], 404, "InvalidSubsetting"),
        ("corner.v", [("subset", "Lat(40,50)")], 404, "InvalidSubsetting"),
        ("corner.v", [("subset", "Lat(1")], 404, "InvalidSubsetting"),
        ("corner.v", [("subset", "time(yesterday)")], 404, "InvalidSubsetting"),
        ("corner.v", [("scaleFactor", "0")], 404, "InvalidScaleFactor"),
        ("corner.v", [("scaleFactor", "-1")], 404, "InvalidScaleFactor"),
        ("corner.v", [("scaleFactor", "2"), ("scaleSize", "Lat(2)")], 400, "InvalidParameterValue"),
        ("corner.v", [("scaleAxes", "")], 400, "InvalidParameterValue"),
        ("corner.v", [("scaleSize", "bogus(2)")], 404, "ScaleAxisUndefined"),
        ("corner.v", [("scaleExtent", "Lat(20:10)")], 404, "InvalidExtent"),
        ("corner.v", [("rangeSubset", "bogus")], 404, "NoSuchField"),
        ("corner.v", [("outputCrs", "bogus")], 404, "OutputCrs-NotSupported"),
        ("corner.v", [("subsettingCrs", "bogus")], 404, "SubsettingCrs-NotSupported"),
        ("corner.v", [("subsettingCrs", "")], 400, "InvalidParameterValue"),
        ("corner.v", [("outputCrs", EPSG + "3857"), ("outputCrs", EPSG + "4326")], 400, "InvalidParameterValue"),
        ("corner.v", [("interpolation", "bogus")], 404, "InterpolationMethodNotSupported"),
        ("sst.v", [("scaleFactor", "1000")], 404, "InvalidScaleFactor"),
        ("sst.v", [("scaleFactor", "100")], 413, "NoApplicableCode"),
        ("closed.v", [], 403, "NoApplicableCode"),
    ],
)
def test_an_exception_has_the_code_and_status_of_the_standard(
    layers_client: TestClient, coverage: str, more: list[tuple[str, str]], status: int, code: str
) -> None:
    assert fault(cover(layers_client, coverage, *more), status)[0] == code


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ([("request", "GetCapabilities")], "MissingParameterValue"),
        ([("service", "WMS"), ("request", "GetCapabilities")], "InvalidParameterValue"),
        ([("service", "WCS")], "MissingParameterValue"),
        ([("service", "WCS"), ("request", "Bogus")], "OperationNotSupported"),
        ([("service", "WCS"), ("request", "GetCoverage"), ("version", "9.9")], "InvalidParameterValue"),
        ([("service", "WCS"), ("request", "GetCapabilities"), ("acceptversions", "9.9")], "VersionNegotiationFailed"),
    ],
)
def test_wrong_requests_are_reported(layers_client: TestClient, query: list[tuple[str, str]], code: str) -> None:
    assert fault(ask(layers_client, query), 400)[0] == code


def post(client: TestClient, body: str) -> Response:
    return client.post("/wcs", content=body, headers={"Content-Type": "application/xml"})


def test_a_request_in_xml_means_what_its_keywords_mean(layers_client: TestClient) -> None:
    body = """<wcs:GetCoverage xmlns:wcs="http://www.opengis.net/wcs/2.0" xmlns:scal="http://www.opengis.net/wcs/scaling/1.0"
    service="WCS" version="2.0.1"><wcs:Extension><scal:ScaleToSize><scal:TargetAxisSize><scal:axis>Lat</scal:axis>
    <scal:targetSize>3</scal:targetSize></scal:TargetAxisSize></scal:ScaleToSize></wcs:Extension>
    <wcs:CoverageId>corner.v</wcs:CoverageId>
    <wcs:DimensionTrim><wcs:Dimension>Lat</wcs:Dimension><wcs:TrimLow>2</wcs:TrimLow><wcs:TrimHigh>5</wcs:TrimHigh>
    </wcs:DimensionTrim><wcs:DimensionSlice><wcs:Dimension>time</wcs:Dimension><wcs:SlicePoint>"2020-01-02T00:00:00Z"
    </wcs:SlicePoint></wcs:DimensionSlice><wcs:format>image/tiff</wcs:format></wcs:GetCoverage>"""
    values, bounds = raster(post(layers_client, body))
    assert values.shape == (3, 20)
    assert bounds == (10, 2, 20, 5)
    described = post(
        layers_client,
        '<DescribeCoverage xmlns="http://www.opengis.net/wcs/2.0" service="WCS" version="2.0.1">'
        "<CoverageId>corner.v</CoverageId></DescribeCoverage>",
    )
    assert etree.fromstring(described.content).tag == WCS + "CoverageDescriptions"


@pytest.mark.parametrize(
    "body",
    [
        "not xml",
        '<GetCoverage xmlns="http://www.opengis.net/wcs/2.0" version="2.0.1"/>',
        '<GetCapabilities xmlns="http://www.opengis.net/wcs/2.0" service="WCS"><Bogus/></GetCapabilities>',
        '<GetCoverage xmlns="http://www.opengis.net/wcs/2.0" service="WCS" version="9.9"/>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><GetCoverage service="WCS">&b;</GetCoverage>',
    ],
)
def test_wrong_or_dangerous_xml_is_reported(layers_client: TestClient, body: str) -> None:
    answer = post(layers_client, body)
    fault(answer, 400)
    assert "root:" not in answer.text


def test_the_documents_of_1_0_0_have_x_before_y(layers_client: TestClient) -> None:
    root = etree.fromstring(
        ask(layers_client, [("service", "WCS"), ("version", "1.0.0"), ("request", "GetCapabilities")]).content
    )
    names = {e.findtext(OLD + "name") for e in root.iter(OLD + "CoverageOfferingBrief")}
    assert names == {"sst.v", "cover.v", "corner.v", "metres.v"}
    query = [("service", "WCS"), ("version", "1.0.0"), ("request", "DescribeCoverage"), ("coverage", "corner.v")]
    offering = etree.fromstring(ask(layers_client, query).content)[0]
    assert [e.text for e in offering.findall(f"{OLD}lonLatEnvelope/{OLD_GML}pos")] == ["10.0 0.0", "20.0 10.0"]
    grid = next(offering.iter(OLD_GML + "RectifiedGrid"))
    assert grid.findtext(f"{OLD_GML}origin/{OLD_GML}pos") == "10.25 9.75"
    assert [e.text for e in grid.findall(OLD_GML + "offsetVector")] == ["0.5 0", "0 -0.5"]
    positions = offering.findall(f"{OLD}domainSet/{OLD}temporalDomain/{OLD_GML}timePosition")
    assert len(positions) == 3


def test_a_box_of_1_0_0_has_its_cells_and_no_data_beside_the_data(layers_client: TestClient) -> None:
    values, bounds = raster(ask(layers_client, BOX.items()))
    assert bounds == (10, 0, 20, 10)
    assert np.array_equal(values, CELLS)
    wide = BOX | {"bbox": "5,-5,15,5", "width": "20", "height": "20", "time": "2020-01-01T00:00:00Z"}
    with rasterio.open(io.BytesIO(ask(layers_client, wide.items()).content)) as source:
        shown = source.read(1, masked=True)
    assert np.array_equal(shown[:10, 10:].data, CELLS[10:, :10])
    assert shown.mask[10:].all()
    assert shown.mask[:, :10].all()


@pytest.mark.parametrize("box", ["-5072,-4946,4928,5054", "100,20,110,30", "-1000,-1000,-900,-900"])
def test_a_box_far_beyond_the_world_is_filled(layers_client: TestClient, box: str) -> None:
    query = BOX | {"bbox": box, "width": "1000", "height": "1000"}
    with rasterio.open(io.BytesIO(ask(layers_client, query.items()).content)) as source:
        assert source.shape == (1000, 1000)
        assert source.read(1, masked=True).count() <= 1


def test_faults_of_1_0_0_are_its_own(layers_client: TestClient) -> None:
    for change, code in (
        ({"coverage": "bogus"}, "CoverageNotDefined"),
        ({"format": "bogus"}, "InvalidFormat"),
        ({"bbox": "1,2,3"}, "InvalidParameterValue"),
        ({"width": ""}, "MissingParameterValue"),
        ({"crs": "bogus"}, "InvalidParameterValue"),
    ):
        answer = ask(layers_client, (BOX | change).items())
        assert answer.status_code == 400
        root = etree.fromstring(answer.content)
        assert etree.QName(root).localname == "ServiceExceptionReport"
        assert root[0].get("code") == code, change


def test_a_collection_has_its_own_service(layers_client: TestClient) -> None:
    path = "/collections/sst/wcs"
    answer = ask(
        layers_client,
        [*COVER, ("coverageId", "sst.v"), ("subset", f'time("{STEPS[0]}")'), ("scaleFactor", "0.1")],
        path,
    )
    assert raster(answer)[0].shape == (18, 36)
    assert fault(ask(layers_client, [*COVER, ("coverageId", "corner.v")], path), 404)[0] == "NoSuchCoverage"


def test_the_address_alone_gives_the_capabilities(layers_client: TestClient) -> None:
    assert "sst.v" in layers_client.get("/wcs").text
