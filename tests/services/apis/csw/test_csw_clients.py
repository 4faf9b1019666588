"""CSW as OWSLib speaks it, and QGIS MetaSearch and our own harvester with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from owslib import fes
from owslib.catalogue.csw2 import CatalogueServiceWeb
from owslib.ows import ExceptionReport

if TYPE_CHECKING:
    from tests.services.apis.conftest import Running

GMD = "http://www.isotc211.org/2005/gmd"
ALL = {"permafrost", "sea-ice", "fiji", "plain"}


@pytest.fixture(scope="module")
def csw(centre: Running) -> CatalogueServiceWeb:
    """OWSLib's client, which has read the capabilities."""
    return CatalogueServiceWeb(f"{centre.base}/csw")


def found(csw: CatalogueServiceWeb, *constraints: object, **asked: object) -> set[str]:
    csw.getrecords2(constraints=list(constraints), **asked)
    assert csw.results["matches"] == csw.results["returned"] == len(csw.records)
    return set(csw.records)


def test_owslib_reads_the_capabilities(csw: CatalogueServiceWeb, centre: Running) -> None:
    assert csw.identification.type == "CSW"
    assert csw.identification.version == "2.0.2"
    assert csw.provider.contact.email == "data@example.org"
    names = [operation.name for operation in csw.operations]
    assert names == ["GetCapabilities", "DescribeRecord", "GetRecords", "GetRecordById", "GetDomain"]
    get_records = csw.get_operation_by_name("GetRecords")
    assert {method["url"] for method in get_records.methods} == {f"{centre.base}/csw"}
    assert get_records.parameters["outputSchema"]["values"][1] == GMD
    assert "csw:AnyText" in get_records.constraints[0].values
    assert {"BBOX", "Within"} <= set(csw.filters.spatial_operators)
    assert "Like" in csw.filters.scalar_comparison_operators


FILTERS = [
    (fes.PropertyIsEqualTo("dc:type", "series"), {"fiji"}),
    (fes.PropertyIsEqualTo("dc:type", "SERIES"), set()),
    (fes.PropertyIsEqualTo("dc:type", "SERIES", matchcase=False), {"fiji"}),
    (fes.PropertyIsNotEqualTo("dc:type", "dataset"), {"fiji", "plain"}),
    (fes.PropertyIsEqualTo("dc:title", "北极海冰"), {"sea-ice"}),
    (fes.PropertyIsEqualTo("apiso:Title", "Arctic sea ice 100% daily"), {"sea-ice"}),
    (fes.PropertyIsEqualTo("dc:identifier", "fiji"), {"fiji"}),
    (fes.PropertyIsEqualTo("dc:identifier", "10.12072/NCDC.test.2024"), {"permafrost"}),
    (fes.PropertyIsEqualTo("dc:subject", "冻土"), {"permafrost"}),
    (fes.PropertyIsEqualTo("dc:creator", "Li Lei"), {"permafrost"}),
    (fes.PropertyIsEqualTo("apiso:OrganisationName", "Cryosphere Institute"), {"permafrost"}),
    (fes.PropertyIsEqualTo("apiso:Language", "chi"), {"permafrost", "sea-ice"}),
    (fes.PropertyIsEqualTo("dc:format", "application/netcdf"), {"permafrost"}),
    (fes.PropertyIsLike("dc:title", "%ice%"), {"sea-ice"}),
    (fes.PropertyIsLike("dc:title", "*多年*", wildCard="*", singleChar="?"), {"permafrost"}),
    (fes.PropertyIsLike("dc:title", "arctic*", wildCard="*", singleChar="?", matchCase=False), {"sea-ice"}),
    (fes.PropertyIsLike("dc:title", "*100!% dail?", wildCard="*", singleChar="?", escapeChar="!"), {"sea-ice"}),
    (fes.PropertyIsLike("dc:title", "*Fiji_A", wildCard="*", singleChar="?"), {"fiji"}),
    (fes.PropertyIsLike("dc:title", "*Fiji?B", wildCard="*", singleChar="?"), set()),
    (fes.PropertyIsLike("dct:abstract", "%分布%"), {"permafrost"}),
    (fes.PropertyIsLike("csw:AnyText", "%冻土%"), {"permafrost"}),
    (fes.PropertyIsLike("csw:AnyText", "sea ice"), {"sea-ice", "permafrost"}),
    (fes.PropertyIsLike("csw:AnyText", "%reef%coral%"), {"fiji"}),
    (fes.PropertyIsLike("csw:AnyText", "%volcano%"), set()),
    (fes.PropertyIsLike("csw:AnyText", "%"), ALL),
    (fes.PropertyIsNull("dct:abstract"), {"fiji", "plain"}),
    (fes.PropertyIsNull("ows:BoundingBox"), {"plain"}),
    (fes.PropertyIsNull("apiso:TempExtent_begin"), {"plain"}),
    (fes.PropertyIsBetween("dct:modified", "2000-01-01", "2999-01-01"), ALL),
    (fes.PropertyIsLessThan("dct:modified", "2000"), set()),
    (fes.PropertyIsGreaterThanOrEqualTo("apiso:Modified", "2000-01-01T00:00:00"), ALL),
    (fes.PropertyIsGreaterThan("apiso:TempExtent_begin", "2001-01-01"), {"fiji"}),
    (fes.PropertyIsGreaterThanOrEqualTo("apiso:TempExtent_begin", "2001-01-01"), {"permafrost", "fiji"}),
    (fes.PropertyIsLessThan("apiso:TempExtent_begin", "2001-01-01"), {"sea-ice"}),
    (fes.PropertyIsLessThanOrEqualTo("apiso:TempExtent_begin", "2001"), {"sea-ice", "permafrost"}),
    (fes.PropertyIsEqualTo("apiso:TempExtent_begin", "2010-06"), {"fiji"}),
    (fes.PropertyIsLessThan("apiso:TempExtent_end", "2010-06-30"), {"permafrost"}),
    (fes.PropertyIsLessThanOrEqualTo("apiso:TempExtent_end", "2010-06-30"), {"permafrost", "fiji"}),
    (fes.PropertyIsGreaterThan("apiso:TempExtent_end", "2010-06-30"), {"sea-ice"}),
    (fes.PropertyIsGreaterThanOrEqualTo("apiso:TempExtent_end", "2010-06-30"), {"sea-ice", "fiji"}),
    (fes.BBox([80, 30, 90, 35]), {"permafrost"}),
    (fes.BBox([80, 30, 90, 35], crs="EPSG:4326"), {"permafrost"}),
    (fes.BBox([30, 80, 35, 90], crs="urn:ogc:def:crs:EPSG::4326"), {"permafrost"}),
    (fes.BBox([30, 80, 35, 90], crs="urn:x-ogc:def:crs:EPSG:6.11:4326"), {"permafrost"}),
    (fes.BBox([80, 30, 90, 35], crs="urn:ogc:def:crs:OGC:1.3:CRS84"), {"permafrost"}),
    (fes.BBox([179, -18, -179, -16]), {"fiji"}),
    (fes.BBox([-190, -18, -181, -16]), {"fiji"}),
    (fes.And([fes.PropertyIsEqualTo("dc:type", "dataset"), fes.PropertyIsLike("csw:AnyText", "%冰%")]), {"sea-ice"}),
    (
        fes.Or([fes.PropertyIsEqualTo("dc:type", "series"), fes.PropertyIsEqualTo("dc:type", "service")]),
        {"fiji", "plain"},
    ),
    (fes.Not([fes.PropertyIsEqualTo("dc:type", "dataset")]), {"fiji", "plain"}),
    (fes.Not([fes.BBox([80, 30, 90, 35])]), {"sea-ice", "fiji"}),
]


@pytest.mark.parametrize(("constraint", "expected"), FILTERS, ids=lambda value: type(value).__name__)
def test_owslib_finds_by_every_filter_that_it_writes(
    csw: CatalogueServiceWeb, constraint: fes.OgcExpression, expected: set[str]
) -> None:
    assert found(csw, constraint) == expected


def test_owslib_joins_filters(csw: CatalogueServiceWeb) -> None:
    ice, dataset = fes.PropertyIsLike("csw:AnyText", "%ice%"), fes.PropertyIsEqualTo("dc:type", "dataset")
    series = fes.PropertyIsEqualTo("dc:type", "series")
    assert found(csw, [dataset, fes.BBox([80, 30, 90, 35])]) == {"permafrost"}
    assert found(csw, [ice, dataset], series) == {"sea-ice", "permafrost", "fiji"}


@pytest.mark.parametrize(
    ("cql", "expected"),
    [
        ("csw:AnyText LIKE '%冻土%'", {"permafrost"}),
        ("dc:title like '%ice%' and BBOX(ows:BoundingBox, -10, 70, 10, 80)", {"sea-ice"}),
        ("dc:type = 'service' OR dc:type = 'series' AND dc:title = 'none'", {"plain"}),
        ("NOT (dc:type = 'dataset' OR dc:type = 'series')", {"plain"}),
        ("apiso:TempExtent_begin AFTER 2005-01-01", {"fiji"}),
        ("WITHIN(ows:BoundingBox, ENVELOPE(70, 110, 45, 20))", {"permafrost"}),
        ("dc:title ILIKE '%RECORD%' AND dc:title NOT LIKE 'x''y%'", {"plain"}),
        ("dct:abstract IS NULL", {"fiji", "plain"}),
        ("BBOX(ows:BoundingBox, 30, 80, 35, 90, 'urn:ogc:def:crs:EPSG::4326')", {"permafrost"}),
    ],
)
def test_owslib_finds_by_cql(csw: CatalogueServiceWeb, cql: str, expected: set[str]) -> None:
    assert found(csw, cql=cql) == expected


def test_owslib_sorts_and_pages_without_loss(csw: CatalogueServiceWeb) -> None:
    by_title = fes.SortBy([fes.SortProperty("dc:title", "DESC")])
    seen: list[str] = []
    position = 1
    while position:
        csw.getrecords2(sortby=by_title, startposition=position, maxrecords=3, esn="brief")
        assert csw.results["matches"] == 4
        seen += csw.records
        position = csw.results["nextrecord"]
    assert seen == ["permafrost", "fiji", "sea-ice", "plain"]


def test_the_best_hits_for_words_come_first(csw: CatalogueServiceWeb) -> None:
    csw.getrecords2(constraints=[fes.PropertyIsLike("csw:AnyText", "sea ice")], esn="full")
    assert list(csw.records) == ["sea-ice", "permafrost"]  # by id it would be the other way round


def test_owslib_reads_dublin_core_of_every_set(csw: CatalogueServiceWeb) -> None:
    for esn in ("brief", "summary", "full"):
        csw.getrecords2(constraints=[fes.PropertyIsEqualTo("dc:identifier", "permafrost")], esn=esn)
        record = csw.records["permafrost"]
        assert (record.title, record.type) == ("Permafrost map of the Tibetan Plateau", "dataset")
        assert [float(v) for v in (record.bbox.minx, record.bbox.miny, record.bbox.maxx, record.bbox.maxy)] == [
            75,
            26,
            105,
            40,
        ]
        assert ("permafrost" in record.subjects) == (esn != "brief")
        assert (record.creator == "Li Lei") == (esn == "full")


def test_owslib_gets_records_by_their_ids_in_both_schemas(csw: CatalogueServiceWeb) -> None:
    csw.getrecordbyid(id=["sea-ice", "nothing", "plain"])
    assert list(csw.records) == ["sea-ice", "plain"]
    assert csw.records["plain"].title == 'A <plain> & simple "record"'
    csw.getrecordbyid(id=["permafrost"], outputschema=GMD)
    metadata = csw.records["permafrost"]
    assert metadata.identifier == "permafrost"
    assert metadata.identification[0].title == "Permafrost map of the Tibetan Plateau"
    csw.getrecords2(outputschema=GMD, esn="full")
    assert set(csw.records) == ALL


def test_owslib_gets_records_in_the_language_it_asks_for(centre: Running) -> None:
    client = CatalogueServiceWeb(f"{centre.base}/csw", headers={"Accept-Language": "zh"})
    client.getrecordbyid(id=["permafrost"])
    assert client.records["permafrost"].title == "青藏高原多年冻土分布图"


def test_owslib_reads_domains_and_descriptions(csw: CatalogueServiceWeb) -> None:
    csw.getdomain("GetRecords.resultType")
    assert csw.results["values"] == ["hits", "results", "validate"]
    csw.getdomain("dc:type", "property")
    assert csw.results["values"] == ["dataset", "series", "service"]
    csw.describerecord("gmd:MD_Metadata")
    assert b"http://www.isotc211.org/2005/gmd/gmd.xsd" in csw.response


def test_owslib_counts_without_records(csw: CatalogueServiceWeb) -> None:
    csw.getrecords2(resulttype="hits")
    assert (csw.results["matches"], csw.results["returned"], len(csw.records)) == (4, 0, 0)
    with pytest.warns(UserWarning, match="getrecords2"):  # the older call, which needs nextRecord
        csw.getrecords(keywords=["ice"], bbox=[-180, 50, 180, 90], qtype="dataset")
    assert set(csw.records) == {"sea-ice"}


def test_owslib_raises_the_exception_that_it_is_sent(csw: CatalogueServiceWeb) -> None:
    with pytest.raises(ExceptionReport, match="it is no queryable"):
        csw.getrecords2(constraints=[fes.PropertyIsEqualTo("dc:colour", "red")])
    with pytest.raises(ExceptionReport, match="at most 100001"):
        csw.getrecords2(startposition=10**9)


def test_qgis_metasearch_finds_as_it_asks(csw: CatalogueServiceWeb) -> None:
    # QGIS, plugins/MetaSearch/search_backend.py: words without wild cards, the box latitude first
    box = fes.BBox(["20", "70", "45", "110"], crs="urn:ogc:def:crs:EPSG::4326")
    csw.getrecords2(
        constraints=[[box, fes.PropertyIsLike("csw:AnyText", "permafrost")]], maxrecords=10, startposition=1, esn="full"
    )
    record = csw.records["permafrost"]
    assert record.identifier
    assert record.type
    assert record.title
    assert record.bbox.minx
    csw.getrecordbyid(id=["permafrost"])  # its page of a record
    assert csw.records["permafrost"].abstract == "Sea ice is not in it."
