"""CSW 2.0.2 as OGC 07-006r1 says it: answers valid by its schemas, and an exception for whatever is wrong."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from tests.services.apis.conftest import HIDDEN

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx2 import Response

CSW = "http://www.opengis.net/cat/csw/2.0.2"
GMD = "http://www.isotc211.org/2005/gmd"
NS = {
    "csw": CSW, "gmd": GMD, "ows": "http://www.opengis.net/ows", "dc": "http://purl.org/dc/elements/1.1/",
    "ogc": "http://www.opengis.net/ogc", "gml": "http://www.opengis.net/gml", "gco": "http://www.isotc211.org/2005/gco",
}  # fmt: skip
PREFIXES = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NS.items())
ASKED = {
    "service": "CSW",
    "version": "2.0.2",
    "request": "GetRecords",
    "typeNames": "csw:Record",
    "resultType": "results",
}
SCHEMAS = Path(str(distribution("pycsw").locate_file("pycsw/core/schemas/ogc")))


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    """The schema of CSW's answers, as OGC published it."""
    return etree.XMLSchema(etree.parse(SCHEMAS / "csw/2.0.2/CSW-discovery.xsd"))


def asked(reader: TestClient, **changes: str) -> etree._Element:
    values = {name: value for name, value in (ASKED | changes).items() if value}
    answer = reader.get("/csw", params=values)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(("application/xml", "text/xml"))
    return etree.fromstring(answer.content)


def posted(reader: TestClient, body: str, *, content_type: str = "application/xml") -> Response:
    return reader.post("/csw", content=body.encode(), headers={"Content-Type": content_type})


def get_records(filter_: str, *, attributes: str = "", query: str = "") -> str:
    constraint = f'<csw:Constraint version="1.1.0">{filter_}</csw:Constraint>' if filter_ else ""
    return (
        f'<csw:GetRecords {PREFIXES} service="CSW" version="2.0.2" resultType="results" {attributes}>'
        '<csw:Query typeNames="csw:Record"><csw:ElementSetName>brief</csw:ElementSetName>'
        f"{constraint}{query}</csw:Query>"
        "</csw:GetRecords>"
    )


def ids(document: etree._Element) -> list[str]:
    return [e.text for e in document.iterfind(".//csw:SearchResults/*/dc:identifier[1]", NS)]


def fault(answer: Response) -> tuple[str | None, str | None]:
    """Code and locator of the exception that is answered."""
    assert answer.status_code == 400, answer.text
    root = etree.fromstring(answer.content)
    assert root.tag == "{http://www.opengis.net/ows}ExceptionReport"
    exception = root.find("ows:Exception", NS)
    assert exception.findtext("ows:ExceptionText", namespaces=NS)
    return exception.get("exceptionCode"), exception.get("locator")


def is_valid(schema: etree.XMLSchema, document: etree._Element) -> bool:
    assert schema.validate(document), schema.error_log.filter_from_errors()
    return True


@pytest.mark.parametrize(
    "changes",
    [
        {"request": "GetCapabilities", "version": ""},
        {"request": "GetCapabilities", "sections": "ServiceProvider", "AcceptVersions": "3.0.0,2.0.2"},
        {"request": "DescribeRecord"},
        {"request": "GetDomain", "parameterName": "GetRecords.outputSchema"},
        {"request": "GetDomain", "propertyName": "dc:type"},
        {"request": "GetRecordById", "id": "permafrost,sea-ice", "elementSetName": "full"},
        {"request": "GetRecordById", "id": "none-such"},
        {"resultType": "hits"},
        {"resultType": "validate"},
        {"elementSetName": "brief"},
        {"elementSetName": "summary", "requestId": "urn:x:1"},
        {"elementSetName": "full", "maxRecords": "2"},
        {"elementName": "dc:title,dct:abstract"},
    ],
    ids=str,
)
def test_answers_are_valid_by_the_schema_of_the_standard(
    reader: TestClient, schema: etree.XMLSchema, changes: dict[str, str]
) -> None:
    assert is_valid(schema, asked(reader, **changes))


def test_an_exception_is_valid_by_its_schema(reader: TestClient) -> None:
    report = etree.XMLSchema(etree.parse(SCHEMAS / "ows/1.0.0/owsExceptionReport.xsd"))
    assert is_valid(report, etree.fromstring(reader.get("/csw?service=CSW").content))


def test_capabilities_have_the_sections_that_are_asked_for_and_the_filters(reader: TestClient) -> None:
    found = asked(reader, request="GetCapabilities", sections="OperationsMetadata")
    assert [etree.QName(child).localname for child in found] == ["OperationsMetadata", "Filter_Capabilities"]
    sections = "<ows:Sections><ows:Section>ServiceProvider</ows:Section></ows:Sections>"
    body = f'<csw:GetCapabilities {PREFIXES} service="CSW">{sections}</csw:GetCapabilities>'
    found = etree.fromstring(posted(reader, body).content)
    assert [etree.QName(child).localname for child in found] == ["ServiceProvider", "Filter_Capabilities"]


def test_keywords_may_be_in_any_case_and_unknown_ones_are_left_alone(reader: TestClient) -> None:
    answer = reader.get("/csw?SERVICE=csw&Version=2.0.2&REQUEST=GetRecords&TYPENAMES=csw:Record&RESULTTYPE=results&x=1")
    assert len(ids(etree.fromstring(answer.content))) == 4


def test_a_form_is_read_as_keywords(reader: TestClient) -> None:
    answer = reader.post("/csw", data=ASKED)
    assert len(ids(etree.fromstring(answer.content))) == 4


def test_without_a_result_type_records_are_counted(reader: TestClient) -> None:
    results = asked(reader, resultType="").find("csw:SearchResults", NS)
    assert dict(results.attrib)["numberOfRecordsMatched"] == "4"
    assert len(results) == 0


def test_hidden_records_are_nowhere(reader: TestClient) -> None:
    assert HIDDEN not in ids(asked(reader))
    assert len(asked(reader, request="GetRecordById", id=HIDDEN)) == 0
    assert ids(asked(reader, constraint=f"dc:identifier = '{HIDDEN}' OR dc:type = 'dataset'")) == [
        "permafrost",
        "sea-ice",
    ]


def test_keywords_carry_filters_in_both_languages(reader: TestClient) -> None:
    assert ids(asked(reader, constraint="dc:title LIKE '%Fiji%'", constraintLanguage="CQL_TEXT")) == ["fiji"]
    written = f"<ogc:Filter {PREFIXES}>{like('dc:title', '%Fiji%').removeprefix('<ogc:Filter>')}"
    assert ids(asked(reader, constraint=written, constraintLanguage="FILTER")) == ["fiji"]
    assert ids(asked(reader, sortBy="dc:title:D", maxRecords="1", startPosition="2")) == ["fiji"]


def envelope(lower: str, upper: str, srs: str = "") -> str:
    name = f'srsName="{srs}"' if srs else ""
    corners = f"<gml:lowerCorner>{lower}</gml:lowerCorner><gml:upperCorner>{upper}</gml:upperCorner>"
    return f"<gml:Envelope {name}>{corners}</gml:Envelope>"


LATITUDE_FIRST = "urn:ogc:def:crs:EPSG::4326"
RING = "<gml:LinearRing><gml:{0}>{1}</gml:{0}></gml:LinearRing>"
EXTERIOR = "<gml:exterior>" + RING.format("posList", "20 70 20 110 45 110 45 70 20 70") + "</gml:exterior>"
COORDINATES = RING.format("coordinates", "70,20 110,20 110,45 70,45 70,20")
POINT = "<gml:Point><gml:pos>{}</gml:pos></gml:Point>"
MEMBER = "<gml:pointMember>" + POINT + "</gml:pointMember>"
SHAPES = [
    ("Intersects", f'<gml:Point srsName="{LATITUDE_FIRST}"><gml:pos>30 80</gml:pos></gml:Point>', ["permafrost"]),
    ("Intersects", "<gml:Point><gml:coordinates>80,30</gml:coordinates></gml:Point>", ["permafrost"]),
    ("Intersects", f"<gml:MultiPoint>{MEMBER.format('0 0')}{MEMBER.format('80 30')}</gml:MultiPoint>", ["permafrost"]),
    (
        "Within",
        f'<gml:Polygon srsName="{LATITUDE_FIRST}">{EXTERIOR}</gml:Polygon>',
        ["permafrost"],
    ),
    ("Within", f"<gml:Polygon><gml:outerBoundaryIs>{COORDINATES}</gml:outerBoundaryIs></gml:Polygon>", ["permafrost"]),
    ("Contains", "<gml:LineString><gml:posList>80 30 81 31</gml:posList></gml:LineString>", ["permafrost"]),
    ("Crosses", "<gml:LineString><gml:posList>70 30 81 31</gml:posList></gml:LineString>", ["permafrost"]),
    ("Disjoint", envelope("70 20", "110 45"), ["fiji", "sea-ice"]),
    ("Equals", envelope("75 26", "105 40"), ["permafrost"]),
    ("Equals", envelope("26 75", "40 105", LATITUDE_FIRST), ["permafrost"]),
    ("Touches", "<gml:Box><gml:coordinates>105,26 110,40</gml:coordinates></gml:Box>", ["permafrost"]),
    ("Overlaps", envelope("100 30", "110 45"), ["permafrost"]),
]


@pytest.mark.parametrize(("operator", "shape", "expected"), SHAPES, ids=lambda value: str(value)[:30])
def test_places_are_related_in_the_order_of_axes_that_their_crs_has(
    reader: TestClient, operator: str, shape: str, expected: list[str]
) -> None:
    body = get_records(
        f"<ogc:Filter><ogc:{operator}><ogc:PropertyName>ows:BoundingBox</ogc:PropertyName>{shape}</ogc:{operator}></ogc:Filter>"
    )
    assert sorted(ids(etree.fromstring(posted(reader, body).content))) == expected


def test_a_box_without_a_property_comments_and_ids_are_understood(reader: TestClient) -> None:
    box = (
        "<gml:Envelope><gml:lowerCorner>80 30</gml:lowerCorner><gml:upperCorner>81 31</gml:upperCorner></gml:Envelope>"
    )
    body = get_records(f"<ogc:Filter><!-- here --><ogc:BBOX><!-- and here -->{box}</ogc:BBOX></ogc:Filter>")
    assert ids(etree.fromstring(posted(reader, body).content)) == ["permafrost"]
    body = get_records('<ogc:Filter><ogc:FeatureId fid="fiji"/><ogc:FeatureId fid="plain"/></ogc:Filter>')
    assert ids(etree.fromstring(posted(reader, body, content_type="text/xml").content)) == ["fiji", "plain"]


def test_an_answer_is_never_labelled_as_anything_but_xml(reader: TestClient) -> None:
    for given, label in (("text/xml", "text/xml"), ("text/html", "application/xml"), ("a\r\nb: c", "application/xml")):
        asked_for = {"service": "CSW", "request": "GetCapabilities", "outputFormat": given}
        assert reader.get("/csw", params=asked_for).headers["content-type"].startswith(label)


def test_elements_by_their_names_are_all_that_a_record_has(reader: TestClient) -> None:
    found = asked(reader, elementName="dct:abstract,csw:Record/dc:type", constraint="dc:identifier = 'permafrost'")
    record = found.find(".//csw:Record", NS)
    assert {etree.QName(child).localname for child in record} == {"identifier", "abstract", "type"}


def test_more_records_than_the_limit_are_never_answered(reader: TestClient) -> None:
    results = asked(reader, maxRecords="999999999").find("csw:SearchResults", NS)
    assert (results.get("numberOfRecordsReturned"), results.get("nextRecord")) == ("4", "0")


def test_a_request_that_is_only_checked_is_echoed(reader: TestClient) -> None:
    body = get_records("").replace('resultType="results"', 'resultType="validate"')
    found = etree.fromstring(posted(reader, body).content)
    assert found.find("csw:EchoedRequest/csw:GetRecords/csw:Query", NS) is not None


FAULTS = [
    ({"service": ""}, ("MissingParameterValue", "service")),
    ({"service": "WFS"}, ("InvalidParameterValue", "service")),
    ({"version": ""}, ("MissingParameterValue", "version")),
    ({"version": "3.0.0"}, ("InvalidParameterValue", "version")),
    ({"request": ""}, ("MissingParameterValue", "request")),
    ({"request": "GetEverything"}, ("InvalidParameterValue", "request")),
    ({"request": "Transaction"}, ("OperationNotSupported", "Transaction")),
    ({"request": "GetCapabilities", "acceptVersions": "3.0.0"}, ("VersionNegotiationFailed", "acceptversions")),
    ({"request": "GetCapabilities", "sections": "Nothing"}, ("InvalidParameterValue", "sections")),
    ({"request": "GetRecordById"}, ("MissingParameterValue", "id")),
    ({"request": "DescribeRecord", "typeName": "x:Y"}, ("InvalidParameterValue", "typename")),
    ({"request": "GetDomain"}, ("MissingParameterValue", "parametername")),
    ({"request": "GetDomain", "parameterName": "Get.x"}, ("InvalidParameterValue", "parametername")),
    ({"typeNames": ""}, ("MissingParameterValue", "typenames")),
    ({"typeNames": "gmd:Nothing"}, ("InvalidParameterValue", "typenames")),
    ({"outputSchema": "http://example.org/none"}, ("InvalidParameterValue", "outputSchema")),
    ({"outputFormat": "image/png"}, ("InvalidParameterValue", "outputFormat")),
    ({"elementSetName": "huge"}, ("InvalidParameterValue", "elementSetName")),
    ({"elementSetName": "full", "elementName": "dc:title"}, ("InvalidParameterValue", "elementName")),
    ({"resultType": "all"}, ("InvalidParameterValue", "resultType")),
    ({"startPosition": "0"}, ("InvalidParameterValue", "startPosition")),
    ({"startPosition": "9" * 40}, ("InvalidParameterValue", "startPosition")),
    ({"startPosition": "900000000"}, ("InvalidParameterValue", "startPosition")),
    ({"maxRecords": "-1"}, ("InvalidParameterValue", "maxRecords")),
    ({"sortBy": "ows:BoundingBox:A"}, ("InvalidParameterValue", "sortby")),
    ({"sortBy": "a,b,c,d,e,f"}, ("InvalidParameterValue", "sortby")),
    ({"constraint": "dc:title LIKE"}, ("InvalidParameterValue", "constraint")),
    ({"constraint": "dc:nothing = 'x'"}, ("InvalidParameterValue", "constraint")),
    ({"constraint": "dc:title = 'x'", "constraintLanguage": "SQL"}, ("InvalidParameterValue", "constraintLanguage")),
    ({"constraint": "(" * 500 + "true" + ")" * 500}, ("InvalidParameterValue", "constraint")),
    ({"constraint": "csw:AnyText LIKE '" + "x" * 3000 + "'"}, ("InvalidParameterValue", "constraint")),
    ({"constraint": "csw:AnyText > 'x'"}, ("InvalidParameterValue", "constraint")),
    ({"constraint": "dct:modified > 'yesterday'"}, ("InvalidParameterValue", "constraint")),
    ({"constraint": "<a"}, ("InvalidParameterValue", "constraint")),
    ({"constraint": "dc:title = 'a\x00b'"}, ("InvalidParameterValue", "constraint")),
    ({"id": "x", "ID": "y"}, ("InvalidParameterValue", "id")),
]


@pytest.mark.parametrize(("changes", "expected"), FAULTS, ids=lambda value: str(value)[:50])
def test_what_is_wrong_with_keywords_is_named(
    reader: TestClient, changes: dict[str, str], expected: tuple[str, str]
) -> None:
    assert fault(reader.get("/csw", params={n: v for n, v in (ASKED | changes).items() if v})) == expected


def deep(levels: int) -> str:
    return "<ogc:Filter>" + "<ogc:Not>" * levels + "</ogc:Not>" * levels + "</ogc:Filter>"


def like(name: str, literal: str) -> str:
    parts = f"<ogc:PropertyName>{name}</ogc:PropertyName><ogc:Literal>{literal}</ogc:Literal>"
    return f"<ogc:Filter><ogc:PropertyIsLike>{parts}</ogc:PropertyIsLike></ogc:Filter>"


def intersects(shape: str, name: str = "ows:BoundingBox") -> str:
    named = f"<ogc:PropertyName>{name}</ogc:PropertyName>"
    return f"<ogc:Filter><ogc:Intersects>{named}{shape}</ogc:Intersects></ogc:Filter>"


UPWARDS = (
    "<ogc:SortBy><ogc:SortProperty><ogc:PropertyName>dc:title</ogc:PropertyName>"
    "<ogc:SortOrder>UP</ogc:SortOrder></ogc:SortProperty></ogc:SortBy>"
)
HOSTILE = [
    b"",
    b"not XML",
    b"{}",
    b"<csw:GetRecords/>",
    b"<GetRecords service='CSW' version='2.0.2'/>",
    b"<Envelope xmlns='http://schemas.xmlsoap.org/soap/envelope/'/>",
    b"<Transaction/>",
    b'<?xml version="1.0" encoding="UTF-16"?><GetCapabilities service="CSW"/>',
    b'<?xml version="1.0" encoding="x-none"?><GetCapabilities service="CSW"/>',
    b"\xff\xfe<\x00G\x00",
    b'<!DOCTYPE a [<!ENTITY b "c">]><GetCapabilities service="CSW">&b;</GetCapabilities>',
    b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><GetCapabilities service="CSW"/>',
    b"<a>" * 300 + b"</a>" * 300,
    b"<GetCapabilities>" + b" " * 300_000 + b"</GetCapabilities>",
    get_records("", query=UPWARDS).encode(),
    get_records("<csw:CqlText/>").encode(),
    *(
        get_records(filter_).encode()
        for filter_ in (
            "<ogc:Filter/>",
            "<ogc:Filter><ogc:Beyond/></ogc:Filter>",
            "<ogc:Filter><ogc:And/></ogc:Filter>",
            "<ogc:Filter><ogc:PropertyIsBetween/></ogc:Filter>",
            "<ogc:Filter><ogc:Or>" + "<ogc:Not/>" * 12_000 + "</ogc:Or></ogc:Filter>",
            deep(100),
            like("dc:title", "x" * 5000),
            like("dc:title/../x", "x"),
            like("ows:BoundingBox", "x"),
            intersects(envelope("0 0", "1 1", "EPSG:3857")),
            intersects(envelope("nan 0", "1 1")),
            intersects(envelope("0 50", "1 1")),
            intersects(envelope("0 0", "1 1"), "dc:title"),
            intersects("<gml:Envelope><gml:pos/></gml:Envelope>"),
            intersects("<gml:Polygon/>"),
            intersects("<gml:Point><gml:pos>1 2 3 4</gml:pos></gml:Point>"),
            intersects("<gml:Point><gml:pos>500 1</gml:pos></gml:Point>"),
        )
    ),
]


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: str(body[-60:]))
def test_a_hostile_body_is_answered_with_an_exception(reader: TestClient, body: bytes) -> None:
    code, _ = fault(reader.post("/csw", content=body, headers={"Content-Type": "application/xml"}))
    assert code in {"InvalidParameterValue", "MissingParameterValue", "NoApplicableCode", "OperationNotSupported"}


def test_a_form_that_is_no_text_is_answered_with_an_exception(reader: TestClient) -> None:
    for body in (b"\xff\xfe", b"&".join(b"a=1" for _ in range(500))):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert fault(reader.post("/csw", content=body, headers=headers))[0] == "NoApplicableCode"
