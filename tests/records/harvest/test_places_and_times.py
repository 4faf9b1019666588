"""Places and times as sources write them: reference systems, several periods, whole turns, rounding, exclusions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from shapely.geometry import shape

from records.harvest.fetch.content import Content
from records.harvest.fetch.sources import _files
from records.harvest.formats.datacite import DataCite
from records.harvest.formats.dcat import Dcat
from records.harvest.formats.iso import Iso
from records.harvest.formats.schemaorg import SchemaOrg
from records.harvest.values.places import box_of, boxes_geometry, geojson_geometry, wkt_geometry

if TYPE_CHECKING:
    from pathlib import Path

    from records.harvest.models import Harvested

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "gsp": "http://www.opengis.net/ont/geosparql#",
}
MERCATOR = (
    "POLYGON((1113194.908 2273030.927,3339584.724 2273030.927,3339584.724 4865942.28,1113194.908 4865942.28,"
    "1113194.908 2273030.927))"
)
GMD = (
    '<gmd:MD_Metadata xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco" '
    'xmlns:gml="http://www.opengis.net/gml/3.2"><gmd:fileIdentifier><gco:CharacterString>i</gco:CharacterString>'
    "</gmd:fileIdentifier><gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation><gmd:title>"
    "<gco:CharacterString>i</gco:CharacterString></gmd:title></gmd:CI_Citation></gmd:citation><gmd:extent><gmd:EX_Extent>"
    "{}</gmd:EX_Extent></gmd:extent></gmd:MD_DataIdentification></gmd:identificationInfo></gmd:MD_Metadata>"
)


def harvested(adapter: Any, data: bytes) -> Harvested:
    content = Content(name="a", data=data)
    (entry,) = adapter.entries(content)
    result: Harvested = adapter.record(entry, base="")
    return result


def dcat(**members: Any) -> Harvested:
    dataset = {"@context": CONTEXT, "@id": "http://example.org/d", "@type": "dcat:Dataset", "dct:title": "d", **members}
    return harvested(Dcat(), orjson.dumps(dataset))


def iso(extent: str) -> Harvested:
    return harvested(Iso(), GMD.format(extent).encode())


def iso_box(west: float, east: float, south: float, north: float, *, kind: str = "") -> Harvested:
    sides = {"west": west, "east": east, "south": south, "north": north}
    names = {"west": "Longitude", "east": "Longitude", "south": "Latitude", "north": "Latitude"}
    texts = [
        f"<gmd:{side}Bound{names[side]}><gco:Decimal>{value}</gco:Decimal></gmd:{side}Bound{names[side]}>"
        for side, value in sides.items()
    ]
    code = f"<gmd:extentTypeCode><gco:Boolean>{kind}</gco:Boolean></gmd:extentTypeCode>" if kind else ""
    box = "gmd:EX_GeographicBoundingBox"
    return iso(f"<gmd:geographicElement><{box}>{code}{''.join(texts)}</{box}></gmd:geographicElement>")


def iso_period(*spans: tuple[str, str]) -> Harvested:
    return iso(
        "".join(
            "<gmd:temporalElement><gmd:EX_TemporalExtent><gmd:extent><gml:TimePeriod>"
            f"<gml:beginPosition>{start}</gml:beginPosition><gml:endPosition>{end}</gml:endPosition>"
            "</gml:TimePeriod></gmd:extent></gmd:EX_TemporalExtent></gmd:temporalElement>"
            for start, end in spans
        )
    )


def iso_polygon(positions: str, attributes: str = "") -> Harvested:
    return iso(
        "<gmd:geographicElement><gmd:EX_BoundingPolygon><gmd:polygon>"
        f"<gml:Polygon {attributes}><gml:exterior><gml:LinearRing><gml:posList>{positions}</gml:posList>"
        "</gml:LinearRing></gml:exterior></gml:Polygon></gmd:polygon></gmd:EX_BoundingPolygon></gmd:geographicElement>"
    )


def bounds(record: Harvested) -> list[float]:
    assert record.document["geometry"] is not None, record.notes
    return [round(side, 4) for side in shape(record.document["geometry"]).bounds]


def said(record: Harvested) -> str:
    return " ".join(map(str, record.notes))


@pytest.mark.parametrize(
    "literal",
    [
        "<http://www.opengis.net/def/crs/EPSG/0/4326> POLYGON((20 10,20 30,40 30,40 10,20 10))",
        "<http://www.opengis.net/def/crs/EPSG/0/4258> POLYGON((20 10,20 30,40 30,40 10,20 10))",
        "<urn:ogc:def:crs:EPSG::4490> POLYGON((20 10,20 30,40 30,40 10,20 10))",
        "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POLYGON((10 20,30 20,30 40,10 40,10 20))",
        "SRID=4326;POLYGON((10 20,30 20,30 40,10 40,10 20))",
        "POLYGON((10 20,30 20,30 40,10 40,10 20))",
        f"<http://www.opengis.net/def/crs/EPSG/0/3857> {MERCATOR}",
        f"SRID=3857;{MERCATOR}",
    ],
)
def test_wkt_is_read_in_its_reference_system(literal: str) -> None:
    record = dcat(
        **{"dct:spatial": {"@type": "dct:Location", "dcat:bbox": {"@value": literal, "@type": "gsp:wktLiteral"}}}
    )
    assert bounds(record) == [10, 20, 30, 40]
    assert ("east first" in said(record)) == literal.startswith("SRID=4326")


def test_wkt_of_the_wrong_order_or_of_no_known_system() -> None:
    swapped = wkt_geometry("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(120 30)")  # no latitude is 120
    assert swapped == {"type": "Point", "coordinates": [120, 30]}
    assert wkt_geometry("<http://example.org/crs> POINT(1 2)") is None


def test_a_geometry_collection_keeps_its_places() -> None:
    square = "POLYGON((0 0,1 0,1 1,0 1,0 0))"
    assert wkt_geometry(f"GEOMETRYCOLLECTION({square}, POINT(5 5))") == wkt_geometry(square)
    points = geojson_geometry(
        {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": at} for at in ([1, 2], [3, 4])]}
    )
    assert points is not None
    assert shape(points).bounds == (1, 2, 3, 4)


def test_several_periods_are_one_from_first_to_last_with_a_note() -> None:
    periods = [
        {"@type": "dct:PeriodOfTime", "dcat:startDate": f"{year}-01-01", "dcat:endDate": f"{year}-12-31"}
        for year in (2005, 2000)
    ]
    dates = [{"date": "2005/2006", "dateType": "Coverage"}, {"date": "2000/2001", "dateType": "Coverage"}]
    for record, interval in (
        (dcat(**{"dct:temporal": periods}), ["2000-01-01", "2005-12-31"]),
        (
            harvested(
                SchemaOrg(),
                orjson.dumps(
                    {
                        "@context": "https://schema.org/", "@type": "Dataset", "@id": "http://example.org/s",
                        "name": "s", "temporalCoverage": ["2000", "2005-01/2006-02"],
                    }
                ),
            ),
            ["2000-01-01", "2006-02-28"],
        ),
        (
            harvested(
                DataCite(), orjson.dumps({"doi": "10.1/m", "titles": [{"title": "m"}], "creators": [], "dates": dates})
            ),
            ["2000-01-01", "2006-12-31"],
        ),
        (iso_period(("2005", "2006"), ("2000", "2001")), ["2000-01-01", "2006-12-31"]),
    ):  # fmt: skip
        assert record.document["time"]["interval"] == interval
        assert "first and last moment" in said(record)


def test_a_reversed_period_is_left_out_with_a_note() -> None:
    record = iso_period(("2005", "2001"))
    assert record.document["time"] is None
    assert "ends before it begins" in said(record)
    both = iso_period(("2005", "2001"), ("1990", "1991"))
    assert both.document["time"]["interval"] == ["1990-01-01", "1991-12-31"]


def test_an_excluded_place_is_left_out_with_a_note() -> None:
    record = iso_box(10, 30, 20, 40, kind="false")
    assert record.document["geometry"] is None
    assert "do not lie there" in said(record)
    assert bounds(iso_box(10, 30, 20, 40, kind="true")) == [10, 20, 30, 40]


def test_a_box_from_180_to_180_is_the_whole_turn() -> None:
    assert bounds(iso_box(180, -180, -90, 90)) == [-180, -90, 180, 90]
    assert boxes_geometry([box_of(180, -90, -180, 90) or (0, 0, 0, 0)]) == boxes_geometry([(-180, -90, 180, 90)])


def test_what_rounding_puts_beyond_the_limits_lies_on_them() -> None:
    assert bounds(iso_box(-180.0000000001, 180.0000000001, -90, 90.0000000001)) == [-180, -90, 180, 90]
    assert box_of(0, 0, 10, 90.1) is None
    assert wkt_geometry("POLYGON((0 0,10 0,10 90.0000000001,0 90.0000000001,0 0))") is not None


@pytest.mark.parametrize(
    ("positions", "attributes"),
    [
        ("20 10 20 30 40 30 40 10 20 10", 'srsName="urn:ogc:def:crs:EPSG::4490"'),
        ("20 10 20 30 40 30 40 10 20 10", 'srsName="http://www.opengis.net/def/crs/EPSG/0/4258"'),
        ("20 10 5 20 30 5 40 30 5 40 10 5 20 10 5", 'srsName="urn:ogc:def:crs:EPSG::4979" srsDimension="3"'),
        ("20 10 5 20 30 6 40 30 7 40 10 8 20 10 5", 'srsName="urn:ogc:def:crs:EPSG::4979"'),
        ("10 20 30 20 30 40 10 40 10 20", 'srsName="EPSG:4326"'),
        ("10 20 30 20 30 40 10 40 10 20", ""),
    ],
)
def test_a_polygon_keeps_its_place_in_every_reference_system(positions: str, attributes: str) -> None:
    assert bounds(iso_polygon(positions, attributes)) == [10, 20, 30, 40]


def test_a_pipe_in_a_folder_is_skipped(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "a.json").write_text("{}")
    assert [item.name for item in _files(tmp_path)] == ["a.json"]
