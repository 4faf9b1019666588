"""What the shared examples do not hold: ISO 19115-3 proper, polygons, antimeridian, DataCite JSON, pages and graphs."""

from __future__ import annotations

from typing import Any

import pytest
from shapely.geometry import shape

from tests.support.harvest import harvested

ISO_3 = """<mdb:MD_Metadata xmlns:mdb="http://standards.iso.org/iso/19115/-3/mdb/2.0"
 xmlns:mcc="http://standards.iso.org/iso/19115/-3/mcc/1.0" xmlns:cit="http://standards.iso.org/iso/19115/-3/cit/2.0"
 xmlns:lan="http://standards.iso.org/iso/19115/-3/lan/1.0" xmlns:gex="http://standards.iso.org/iso/19115/-3/gex/1.0"
 xmlns:mri="http://standards.iso.org/iso/19115/-3/mri/1.0" xmlns:gco="http://standards.iso.org/iso/19115/-3/gco/1.0"
 xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:mrl="http://standards.iso.org/iso/19115/-3/mrl/2.0">
<mdb:metadataIdentifier><mcc:MD_Identifier><mcc:code><gco:CharacterString>Sea_Ice.v1</gco:CharacterString></mcc:code>
</mcc:MD_Identifier></mdb:metadataIdentifier>
<mdb:defaultLocale><lan:PT_Locale id="EN"><lan:language><lan:LanguageCode codeListValue="eng"/></lan:language>
</lan:PT_Locale></mdb:defaultLocale>
<mdb:otherLocale><lan:PT_Locale id="L2"><lan:language><lan:LanguageCode codeListValue="chi"/></lan:language>
</lan:PT_Locale></mdb:otherLocale>
<mdb:metadataScope><mdb:MD_MetadataScope><mdb:resourceScope><mcc:MD_ScopeCode codeListValue="series"/>
</mdb:resourceScope></mdb:MD_MetadataScope></mdb:metadataScope>
<mdb:contact><cit:CI_Responsibility><cit:role><cit:CI_RoleCode codeListValue="author"/></cit:role><cit:party>
<cit:CI_Organisation><cit:name><gco:CharacterString>Ice Centre</gco:CharacterString></cit:name><cit:contactInfo>
<cit:CI_Contact><cit:address><cit:CI_Address><cit:electronicMailAddress><gco:CharacterString>a@example.org
</gco:CharacterString></cit:electronicMailAddress></cit:CI_Address></cit:address></cit:CI_Contact></cit:contactInfo>
<cit:individual><cit:CI_Individual><cit:name><gco:CharacterString>A. Person</gco:CharacterString></cit:name>
</cit:CI_Individual></cit:individual></cit:CI_Organisation></cit:party></cit:CI_Responsibility></mdb:contact>
<mdb:identificationInfo><mri:MD_DataIdentification><mri:citation><cit:CI_Citation><cit:title>
<gco:CharacterString>Sea ice</gco:CharacterString><lan:PT_FreeText><lan:textGroup>
<lan:LocalisedCharacterString locale="#L2">海冰</lan:LocalisedCharacterString></lan:textGroup></lan:PT_FreeText>
</cit:title></cit:CI_Citation></mri:citation>
<mri:spatialResolution><mri:MD_Resolution><mri:distance><gco:Distance uom="km">25</gco:Distance></mri:distance>
</mri:MD_Resolution></mri:spatialResolution>
<mri:extent><gex:EX_Extent><gex:geographicElement>EXTENT</gex:geographicElement>
<gex:temporalElement><gex:EX_TemporalExtent><gex:extent><gml:TimePeriod><gml:beginPosition>1979-10</gml:beginPosition>
<gml:endPosition indeterminatePosition="now"/></gml:TimePeriod></gex:extent></gex:EX_TemporalExtent>
</gex:temporalElement></gex:EX_Extent></mri:extent></mri:MD_DataIdentification></mdb:identificationInfo>
</mdb:MD_Metadata>"""
BOX = """<gex:EX_GeographicBoundingBox>
<gex:westBoundLongitude><gco:Decimal>170</gco:Decimal></gex:westBoundLongitude>
<gex:eastBoundLongitude><gco:Decimal>-160</gco:Decimal></gex:eastBoundLongitude>
<gex:southBoundLatitude><gco:Decimal>60</gco:Decimal></gex:southBoundLatitude>
<gex:northBoundLatitude><gco:Decimal>70</gco:Decimal></gex:northBoundLatitude></gex:EX_GeographicBoundingBox>"""
POLYGON = """<gex:EX_BoundingPolygon><gex:polygon><gml:Polygon srsName="SRS"><gml:exterior><gml:LinearRing>
<gml:posList>60 10 60 20 70 20 60 10</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gex:polygon>
</gex:EX_BoundingPolygon>"""
LATITUDE_FIRST = "http://www.opengis.net/def/crs/EPSG/0/4326"


def iso(extent: str) -> dict[str, Any]:
    return harvested(ISO_3.replace("EXTENT", extent), "test.xml").document


def test_iso_19115_3_has_two_languages_a_box_across_180_and_an_open_time() -> None:
    document = iso(BOX)
    found = document["properties"]
    assert (document["id"], found["type"]) == ("sea-ice-v1", "series")
    assert found["title"] == {"en": "Sea ice", "zh": "海冰"}
    assert document["time"] == {"interval": ["1979-10-01", ".."]}
    assert sorted(p.bounds for p in shape(document["geometry"]).geoms) == [(-180, 60, -160, 70), (170, 60, 180, 70)]
    assert found["spatialResolution"] == {"value": 25_000.0, "unit": "m"}
    assert found["contacts"] == [{"name": "A. Person", "organization": "Ice Centre", "roles": ["author"]}]


KEYWORDS = """<mri:descriptiveKeywords><mri:MD_Keywords><mri:keyword><gco:CharacterString>ice</gco:CharacterString>
<lan:PT_FreeText><lan:textGroup><lan:LocalisedCharacterString locale="#L2">冰</lan:LocalisedCharacterString>
</lan:textGroup></lan:PT_FreeText></mri:keyword><mri:thesaurusName><cit:CI_Citation><cit:title>
<gco:CharacterString>GEMET</gco:CharacterString></cit:title></cit:CI_Citation></mri:thesaurusName></mri:MD_Keywords>
</mri:descriptiveKeywords><mri:spatialResolution>"""
LINK = """<mrd:onLine xmlns:mrd="x"><cit:CI_OnlineResource><cit:linkage><gco:CharacterString>https://example.org/{0}
</gco:CharacterString></cit:linkage><cit:protocol><gco:CharacterString>{1}</gco:CharacterString></cit:protocol>
<cit:function><cit:CI_OnLineFunctionCode codeListValue="{2}"/></cit:function></cit:CI_OnlineResource></mrd:onLine>"""

DISTRIBUTION = """<x:distributionInfo xmlns:x="x"><x:MD_Distribution>
<x:transferOptions><x:MD_DigitalTransferOptions>{0}</x:MD_DigitalTransferOptions></x:transferOptions>
<x:distributor><x:MD_Distributor><x:distributorTransferOptions><x:MD_DigitalTransferOptions>{1}
</x:MD_DigitalTransferOptions></x:distributorTransferOptions></x:MD_Distributor></x:distributor>
</x:MD_Distribution></x:distributionInfo>"""


def test_iso_19115_3_has_several_boxes_keywords_by_thesaurus_and_links_by_what_they_are_for() -> None:
    other = BOX.replace(">170<", ">10<").replace(">-160<", ">20<")
    own = LINK.format("a", "OGC:WMS", "") + LINK.format("b", "WWW:DOWNLOAD-1.0-http--download", "")
    distributors = LINK.format("c", "https", "download") + LINK.format("d", "", "")
    xml = ISO_3.replace("EXTENT", f"{other}</gex:geographicElement><gex:geographicElement>{BOX}")
    xml = xml.replace("<mri:spatialResolution>", KEYWORDS)
    xml = xml.replace("</mdb:MD_Metadata>", DISTRIBUTION.format(own, distributors) + "</mdb:MD_Metadata>")
    document = harvested(xml, "test.xml").document
    found = document["properties"]
    assert sorted(p.bounds for p in shape(document["geometry"]).geoms)[1:] == [(10, 60, 20, 70), (170, 60, 180, 70)]
    assert found["keywords"] == {"en": ["ice"], "zh": ["冰"]}
    concepts = [{"id": "ice", "title": {"en": "ice", "zh": "冰"}}]
    assert found["themes"] == [{"scheme": "GEMET", "concepts": concepts}]
    shown = [(k["href"][-1], k["rel"], k.get("protocol")) for k in document["links"]]
    assert shown == [
        ("a", "service", "OGC:WMS"),
        ("b", "enclosure", "WWW:DOWNLOAD-1.0-http--download"),
        ("c", "enclosure", "https"),
        ("d", "related", None),
    ]


@pytest.mark.parametrize(
    ("srs", "bounds"),
    [
        (LATITUDE_FIRST, (10, 60, 20, 70)),
        ("urn:ogc:def:crs:EPSG::4326", (10, 60, 20, 70)),
        ("EPSG:4326", (60, 10, 70, 20)),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", (60, 10, 70, 20)),
        ("EPSG:3857", None),
    ],
)
def test_the_order_of_a_polygons_axes_follows_its_reference_system(srs: str, bounds: tuple[float, ...] | None) -> None:
    geometry = iso(POLYGON.replace("SRS", srs))["geometry"]
    assert (shape(geometry).bounds if geometry else None) == bounds


STAC: dict[str, Any] = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "id": "S2_A",
    "links": [{"rel": "self", "href": "https://example.org/items/a.json"}],
    "assets": {"data": {"href": "./a.tif"}, "quick": {"href": "../q.png", "roles": ["thumbnail"]}},
}


def test_a_stac_item_across_the_antimeridian_is_cut_there() -> None:
    ring = [[178, -20], [-179, -20], [-179, -16], [178, -16], [178, -20]]
    item = STAC | {
        "bbox": [178, -20, -179, -16],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": "2024-01-01T00:00:00Z"},
    }
    record = harvested(item)
    parts = sorted(p.bounds for p in shape(record.document["geometry"]).geoms)
    assert parts == [(-180, -20, -179, -16), (178, -20, 180, -16)]
    assert record.document["properties"]["title"] == {"und": "S2_A"}
    assert "title" in {n.field for n in record.notes}
    hrefs = [(k["rel"], k["href"]) for k in record.document["links"]]
    assert hrefs == [("enclosure", "https://example.org/items/a.tif"), ("preview", "https://example.org/q.png")]


@pytest.mark.parametrize(
    ("ring", "bounds"),
    [
        ([[170, 0], [190, 0], [190, 5], [170, 5], [170, 0]], [(-180, 0, -170, 5), (170, 0, 180, 5)]),
        ([[-190, 0], [-170, 0], [-170, 5], [-190, 5], [-190, 0]], [(-180, 0, -170, 5), (170, 0, 180, 5)]),
        ([[185, 0], [190, 0], [190, 5], [185, 5], [185, 0]], [(-175, 0, -170, 5)]),
    ],
)
def test_longitudes_beyond_180_are_brought_home(ring: list[list[float]], bounds: list[tuple[float, ...]]) -> None:
    record = {
        "id": "a",
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "time": None,
        "properties": {"type": "dataset", "title": "A"},
    }
    found = shape(harvested(record).document["geometry"])
    assert sorted(part.bounds for part in getattr(found, "geoms", [found])) == bounds


def test_an_ogc_record_in_two_languages_keeps_its_template_and_a_persons_mail_is_private() -> None:
    template = {"rel": "item", "uriTemplate": "https://example.org/{t}"}
    record = {
        "id": "a",
        "type": "Feature",
        "geometry": None,
        "time": {"interval": ["2001", "2002-02"]},
        "linkTemplates": [template],
        "properties": {
            "type": "dataset",
            "title": {"en": "Rain", "zh": "降水"},
            "license": "other",
            "contacts": [{"name": "B", "emails": [{"value": "b@example.org"}], "roles": ["owner"]}],
        },
        "links": [{"rel": "license", "href": "https://example.org/terms"}, {"rel": "self", "href": "https://x/y"}],
    }
    found = harvested(record)
    assert found.document["properties"]["title"] == {"en": "Rain", "zh": "降水"}
    assert found.document["time"] == {"interval": ["2001-01-01", "2002-02-28"]}
    assert found.document["linkTemplates"] == [template]
    assert found.document["properties"]["license"] == "other"
    assert [k["rel"] for k in found.document["links"]] == ["license"]
    assert found.document["properties"]["contacts"] == [{"name": "B", "roles": ["owner"]}]
    assert found.private["contacts"][0]["emails"] == ["b@example.org"]


def test_datacite_json_as_its_rest_service_gives_it() -> None:
    attributes = {
        "doi": "10.5072/abc",
        "titles": [{"title": "Rain", "lang": "en"}],
        "creators": [{"name": "C", "nameType": "Personal", "affiliation": ["Lab"]}],
        "publisher": "House",
        "publicationYear": 2020,
        "dates": [{"date": "2001-01/2001-03", "dateType": "Collected"}],
        "geoLocations": [
            {
                "geoLocationBox": {
                    "westBoundLongitude": 10,
                    "eastBoundLongitude": 20,
                    "southBoundLatitude": -5,
                    "northBoundLatitude": 5,
                }
            }
        ],
        "rightsList": [
            {"rightsIdentifier": "cc-by-4.0", "rightsUri": "https://creativecommons.org/licenses/by/4.0/legalcode"}
        ],
    }
    document = harvested({"data": {"id": "10.5072/abc", "type": "dois", "attributes": attributes}}).document
    assert document["time"] == {"interval": ["2001-01-01", "2001-03-31"]}
    assert shape(document["geometry"]).bounds == (10, -5, 20, 5)
    assert document["properties"]["license"] == "CC-BY-4.0"
    assert document["properties"]["issued"] == "2020-01-01"
    assert [c["roles"] for c in document["properties"]["contacts"]] == [["author"], ["publisher"]]


PAGE = """<!doctype html><html><head><script type="application/ld+json">
{"@context": "https://schema.org/", "@type": "Dataset", "name": "Rain", "inLanguage": "en",
 "identifier": {"@type": "PropertyValue", "value": "doi:10.5072/rain"}, "temporalCoverage": "2001-01-01/..",
 "spatialCoverage": {"@type": "Place", "geo": {"@type": "GeoShape", "box": "-5 170 5 -170"}},
 "license": "https://creativecommons.org/publicdomain/zero/1.0/",
 "creator": {"@type": "Person", "name": "D", "email": "d@example.org"}}
</script></head></html>"""


def test_schema_org_within_a_web_page() -> None:
    record = harvested(PAGE, "https://example.org/rain")
    document = record.document
    assert document["id"] == "10-5072-rain"
    assert document["properties"]["externalIds"] == [{"scheme": "doi", "value": "10.5072/rain"}]
    assert document["time"] == {"interval": ["2001-01-01", ".."]}
    assert sorted(p.bounds for p in shape(document["geometry"]).geoms) == [(-180, -5, -170, 5), (170, -5, 180, 5)]
    assert document["properties"]["license"] == "CC0-1.0"
    assert "d@example.org" not in str(document)
    assert record.private["contacts"][0]["emails"] == ["d@example.org"]


def test_dcat_with_wkt_a_licence_and_a_blank_contact() -> None:
    dataset = {
        "@context": {"dcat": "http://www.w3.org/ns/dcat#", "dcterms": "http://purl.org/dc/terms/"},
        "@id": "https://example.org/dataset/Rain",
        "@type": "dcat:Dataset",
        "dcterms:title": [{"@value": "Rain", "@language": "en"}, {"@value": "降水", "@language": "zh"}],
        "dcterms:spatial": {"dcat:bbox": {"@value": "POLYGON((10 0, 20 0, 20 5, 10 5, 10 0))"}},
        "dcterms:license": {"@id": "http://opendatacommons.org/licenses/by/1-0/"},
        "dcat:contactPoint": {
            "@type": "http://www.w3.org/2006/vcard/ns#Individual",
            "http://www.w3.org/2006/vcard/ns#fn": "E",
            "http://www.w3.org/2006/vcard/ns#hasEmail": {"@id": "mailto:e@example.org"},
        },
    }
    record = harvested(dataset)
    assert record.document["id"] == "example-org-dataset-rain"
    assert record.document["properties"]["title"] == {"en": "Rain", "zh": "降水"}
    assert shape(record.document["geometry"]).bounds == (10, 0, 20, 5)
    assert record.document["properties"]["license"] == "ODC-By-1.0"
    assert record.private["contacts"][0]["emails"] == ["e@example.org"]
    assert "e@example.org" not in str(record.document)
