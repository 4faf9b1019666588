"""CSW and OAI-PMH services of this machine, asked page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest
from shapely.geometry import shape

from records.harvest.fetch.fetching import Limits
from records.harvest.registry import adapter_named, service_named
from records.harvest.report import Report
from records.harvest.run import harvest
from records.search import search
from records.writing.record_store import RecordStore
from tests.records.harvest.test_made_records import BOX, ISO_3
from tests.support.harvest import harvested, served

if TYPE_CHECKING:
    from sqlalchemy import Engine

COUNT = 55
LIMITS = Limits(allow_private=True, total_s=10)
ISO = ISO_3.replace("EXTENT", BOX)
DC = """<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title xml:lang="en">Snow {n}</dc:title><dc:creator>F</dc:creator><dc:subject>snow</dc:subject>
<dc:date>2004-05-06</dc:date><dc:language>eng</dc:language><dc:coverage>2001/2003</dc:coverage>
<dc:coverage>Tibet</dc:coverage><dc:rights>CC BY 4.0</dc:rights></oai_dc:dc>"""


def iso(number: int) -> str:
    return ISO.replace("Sea_Ice.v1", f"ice-{number}").replace("Sea ice", f"Sea ice {number}")


def run(engine: Engine, url: str, name: str) -> Report:
    store, adapter = RecordStore(engine), adapter_named(name)
    return harvest(url, store=store, adapter=adapter, limits=LIMITS, service=service_named(name))


def parameters(path: str) -> dict[str, str]:
    return {name.lower(): value for name, value in parse_qsl(urlsplit(path).query)}


def csw(path: str) -> tuple[int, dict[str, str], bytes]:
    """A CSW with COUNT records, which counts as OGC 07-006r1 (10.8.4.11) says: nextRecord is 0 at the end."""
    asked = parameters(path)
    expected = {"service": "CSW", "version": "2.0.2", "request": "GetRecords", "map": "a b"}
    if {name: asked.get(name) for name in expected} != expected or not asked["outputschema"].endswith("/gmd"):
        return (
            200,
            {},
            b"<ExceptionReport><Exception><ExceptionText>wrong</ExceptionText></Exception></ExceptionReport>",
        )
    start, most = int(asked["startposition"]), int(asked["maxrecords"])
    numbers = range(start, min(start + most, COUNT + 1))
    following = numbers[-1] + 1 if numbers[-1] < COUNT else 0
    found = "".join(iso(number) for number in numbers)
    results = f'<SearchResults numberOfRecordsMatched="{COUNT}" nextRecord="{following}">{found}</SearchResults>'
    return 200, {}, f"<GetRecordsResponse>{results}</GetRecordsResponse>".encode()


def test_every_record_of_a_csw_is_harvested_over_its_pages(engine: Engine) -> None:
    with served(csw) as (url, asked):
        report = run(engine, f"{url}/csw?map=a%20b&request=GetCapabilities", "csw")
        assert report.counts == {"added": COUNT}
        assert len(asked) == 2
    assert search.get(engine, "ice-52").document["properties"]["title"] == {"en": "Sea ice 52", "zh": "海冰"}


def oai(path: str) -> tuple[int, dict[str, str], bytes]:
    """An archive of Dublin Core with five records on three pages, one of them deleted."""
    asked = parameters(path)
    if asked == {"verb": "ListMetadataFormats"}:
        body = "<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix></metadataFormat>"
        return (
            200,
            {},
            f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{body}</ListMetadataFormats></OAI-PMH>'.encode(),
        )
    page = {
        (("metadataprefix", "oai_dc"), ("verb", "ListRecords")): 0,
        (("resumptiontoken", "t&1"), ("verb", "ListRecords")): 1,
        (("resumptiontoken", "t&2"), ("verb", "ListRecords")): 2,
    }.get(tuple(sorted(asked.items())))
    if page is None:
        return 200, {}, b'<OAI-PMH><error code="badArgument">wrong</error></OAI-PMH>'
    numbers = ((0, 1), (2, 3), (4,))[page]
    found = "".join(
        f"<record><header><identifier>oai:x:{n}</identifier></header><metadata>{DC.format(n=n)}</metadata></record>"
        for n in numbers
        if n != 3
    )
    deleted = '<record><header status="deleted"><identifier>oai:x:3</identifier></header></record>' if page == 1 else ""
    token = f"<resumptionToken>{('t&amp;1', 't&amp;2', '')[page]}</resumptionToken>"
    return 200, {}, f"<OAI-PMH><ListRecords>{found}{deleted}{token}</ListRecords></OAI-PMH>".encode()


def test_every_record_of_an_archive_is_harvested_over_its_tokens(engine: Engine) -> None:
    with served(oai) as (url, asked):
        report = run(engine, f"{url}/oai", "oai-pmh")
        assert [o.record_id for o in report.outcomes] == ["oai-x-0", "oai-x-1", "oai-x-2", "oai-x-4"]
        assert report.counts == {"added": 4}
        assert len(asked) == 5


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("csw", b"<ExceptionReport><ExceptionText>no such map</ExceptionText></ExceptionReport>", "no such map"),
        ("csw", b"{}", "no XML"),
        ("oai-pmh", b'<OAI-PMH><error code="badVerb">no</error></OAI-PMH>', "no"),
        ("oai-pmh", b"<html><body>hello</body></html>", "no XML"),
    ],
)
def test_a_service_that_answers_otherwise_is_refused(engine: Engine, name: str, body: bytes, reason: str) -> None:
    with served(lambda _: (200, {}, body)) as (url, _):
        outcomes = run(engine, url, name).outcomes
    assert [o.status for o in outcomes] == ["refused"]
    assert reason in outcomes[0].reason


def test_a_csw_that_leads_in_a_circle_comes_to_an_end(engine: Engine) -> None:
    body = b'<r><SearchResults numberOfRecordsMatched="9" nextRecord="1">' + iso(1).encode() + b"</SearchResults></r>"
    with served(lambda _: (200, {}, body)) as (url, asked):
        assert run(engine, url, "csw").counts == {"added": 1}
    assert len(asked) == 1


def test_a_service_needs_an_address(engine: Engine) -> None:
    assert "no address of a service" in run(engine, "folder", "csw").outcomes[0].reason


def test_dublin_core_has_a_place_and_a_time() -> None:
    record = harvested(DC.format(n=1), "x.xml").document
    assert record["properties"]["title"] == {"en": "Snow 1"}
    assert record["time"] == {"interval": ["2001-01-01", "2003-12-31"]}
    assert record["properties"]["place"] == {"en": "Tibet"}
    assert (record["properties"]["license"], record["properties"]["issued"]) == ("CC-BY-4.0", "2004-05-06")


@pytest.mark.parametrize(
    ("crs", "bounds"),
    [("urn:ogc:def:crs:EPSG::4326", (10, -5, 20, 5)), ("urn:ogc:def:crs:OGC:1.3:CRS84", (-5, 10, 5, 20))],
)
def test_the_box_of_a_csw_record_follows_its_reference_system(crs: str, bounds: tuple[float, ...]) -> None:
    xml = f"""<csw:Record xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:ows="http://www.opengis.net/ows"><dc:identifier>10.5072/Box</dc:identifier><dc:title>Box</dc:title>
<ows:BoundingBox crs="{crs}"><ows:LowerCorner>-5 10</ows:LowerCorner><ows:UpperCorner>5 20</ows:UpperCorner>
</ows:BoundingBox></csw:Record>"""
    record = harvested(xml, "x.xml").document
    assert record["id"] == "10-5072-box"
    assert shape(record["geometry"]).bounds == bounds
