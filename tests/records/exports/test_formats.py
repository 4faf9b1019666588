"""Each format is what its own schema says: of ISO 19139 and CSW by their XSDs, of others by what they demand."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest
from lxml import etree

from records.exports.formats import datacite, dublin_core, iso19139
from records.exports.registry import EXPORTS
from tests.support.exports import BASE, METADATA_FORMATS, csw_schema, exported, iso_schema, rich, written
from tests.support.records import document

BARE = document("bare", "Bare")
GMD = "{http://www.isotc211.org/2005/gmd}"
KERNEL = "{http://datacite.org/schema/kernel-4}"


@pytest.mark.parametrize("stored", [rich(), BARE], ids=["rich", "bare"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_iso_19139_is_valid_by_its_schema(stored: dict[str, Any], language: str) -> None:
    element = etree.fromstring(written(stored, "iso19139", language))
    assert iso_schema().validate(element), iso_schema().error_log


def test_the_schema_of_iso_19139_refuses_another_order() -> None:
    element = etree.fromstring(written(rich(), "iso19139"))
    element.append(element[0])
    assert not iso_schema().validate(element)


def test_iso_19139_has_the_main_language_in_place_and_the_other_beside_it() -> None:
    element = iso19139.element(exported(rich(), "zh"))
    title = next(element.iter(GMD + "title"))
    assert [e.text for e in title.iter() if e.text and e.text.strip()] == ["中国雪深数据集", "Snow depth of China"]
    (locale,) = element.iter(GMD + "PT_Locale")
    texts = [e.get("locale") for e in element.iter(GMD + "LocalisedCharacterString")]
    assert set(texts) == {"#" + locale.get("id")}


def test_iso_19139_is_led_by_the_language_that_has_a_description() -> None:
    element = iso19139.element(exported(rich(description={"zh": "逐日雪深。"}), "en"))
    abstract = next(element.iter(GMD + "abstract"))
    assert abstract[0].text == "逐日雪深。"


@pytest.mark.parametrize("form", ["brief", "summary", "full"])
@pytest.mark.parametrize("stored", [rich(), BARE], ids=["rich", "bare"])
def test_csw_records_are_valid_by_their_schema(stored: dict[str, Any], form: dublin_core.Form) -> None:
    element = dublin_core.element(exported(stored), form=form)
    again = etree.fromstring(etree.tostring(element))
    assert csw_schema().validate(again), csw_schema().error_log


def test_oai_dc_holds_the_fifteen_elements_alone() -> None:
    names = {etree.QName(e) for e in dublin_core.element(exported(rich()))}
    assert {name.namespace for name in names} == {"http://purl.org/dc/elements/1.1/"}
    assert {"title", "creator", "subject", "description", "publisher", "date", "type", "format", "identifier",
            "language", "relation", "coverage", "rights"} <= {name.localname for name in names}  # fmt: skip


@pytest.mark.parametrize("stored", [rich(), BARE], ids=["rich", "bare"])
def test_datacite_has_what_is_mandatory(stored: dict[str, Any]) -> None:
    element = datacite.element(exported(stored))
    names = [etree.QName(child).localname for child in element]
    assert names[:6] == ["identifier", "creators", "titles", "publisher", "publicationYear", "resourceType"]
    assert len(set(names)) == len(names)
    assert all("".join(child.itertext()).strip() for child in element)
    assert element.find(KERNEL + "resourceType").get("resourceTypeGeneral") == "Dataset"
    assert len(element.findtext(KERNEL + "publicationYear")) == 4


def test_datacite_says_what_is_not_known() -> None:
    element = datacite.element(exported(BARE))
    assert element.findtext(f"{KERNEL}creators/{KERNEL}creator/{KERNEL}creatorName") == ":unav"
    assert element.findtext(KERNEL + "publisher") == ":unav"
    assert element.find(KERNEL + "identifier").get("identifierType") == "URL"


def test_datacite_has_one_main_title_and_translations() -> None:
    titles = datacite.element(exported(rich(), "zh")).find(KERNEL + "titles")
    assert [(t.get("titleType"), t.text) for t in titles] == [
        (None, "中国雪深数据集"),
        ("TranslatedTitle", "Snow depth of China"),
    ]


def test_schema_org_has_what_search_engines_for_data_read() -> None:
    found = orjson.loads(written(rich(), "schemaorg"))
    assert found["@type"] == "Dataset"
    assert found["@id"] == "https://doi.org/10.12072/ncdc.snow.db0001.2024"
    assert found["license"] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert found["temporalCoverage"] == "1979-01-01/.."
    boxes = [geo["box"] for place in found["spatialCoverage"] for geo in place["geo"]]
    sides = sorted([float(side) for side in box.split()] for box in boxes)
    assert sides == [[18, -180, 54, -170], [18, 170, 54, 180]]  # south west north east
    assert found["creator"][0] == {
        "@type": "Person",
        "name": [{"@value": "车涛", "@language": "zh"}],
        "affiliation": {"@type": "Organization", "name": [{"@value": "某研究所", "@language": "zh"}]},
    }
    assert found["distribution"][0]["contentUrl"] == "https://example.org/snow.nc"
    assert found["isAccessibleForFree"] is False


def test_dcat_ap_has_one_publisher_and_typed_dates() -> None:
    found = orjson.loads(written(rich(), "dcat"))
    assert found["@type"] == ["dcat:Dataset"]
    assert len(found["dct:publisher"]) == 1
    assert found["dct:issued"] == {"@value": "2024-05-21", "@type": "xsd:date"}
    assert found["dct:accessRights"]["@id"].endswith("/RESTRICTED")
    assert {node["@id"] for node in found["dct:language"]} == {
        f"http://publications.europa.eu/resource/authority/language/{code}" for code in ("ENG", "ZHO")
    }
    assert all("dcat:accessURL" in node for node in found["dcat:distribution"])
    assert found["foaf:isPrimaryTopicOf"]["@id"] == f"{BASE}/collections/records/items/snow"


def test_formats_of_one_media_type_differ_by_profile() -> None:
    keys = [(export.media_type, export.profile) for export in EXPORTS.values()]
    assert len(set(keys)) == len(keys)
    assert list(EXPORTS) == [export.name for export in EXPORTS.values()]


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_leaves_the_stored_document_as_it_is(name: str) -> None:
    stored = rich()
    before = copy.deepcopy(stored)
    written(stored, name)
    assert stored == before


@pytest.mark.parametrize("name", [*METADATA_FORMATS, "csl"])
def test_members_of_other_types_than_the_standard_has_count_as_absent(name: str) -> None:
    odd: dict[str, Any] = {
        "contacts": [{"name": 3, "roles": "author"}, {"organization": ["x"]}, {"name": "A", "links": "no"}],
        "themes": [{"concepts": [{}, {"id": 4}]}, {"scheme": 1, "concepts": [{"id": "c"}]}],
        "formats": [{}, {"name": 1}],
        "keywords": {"en": [1, "w"], "zh": "no"},
        "license": 5,
        "issued": {"a": 1},
        "spatialResolution": "fine",
        "access": [],
        "elevation": {"minimum": "low"},
        "referenceSystems": "EPSG:4326",
    }
    made = document("odd", "Odd") | {"time": {"interval": [None, ".."]}}
    made["properties"] |= odd
    data = written(made, name)
    assert data
    if name == "iso19139":
        assert iso_schema().validate(etree.fromstring(data)), iso_schema().error_log


@pytest.mark.parametrize(
    ("text", "tag", "expected"),
    [
        ("积雪", "en", "zh"),
        ("MODIS", "zh", "en"),
        ("MODIS 积雪", "zh", "zh"),
        ("雪", "ja", "ja"),
        ("neige", "fr", "fr"),
        ("2020", "zh", "zh"),
        ("Zürich", "zh", "zh"),
    ],
)
def test_words_are_of_the_language_of_their_script(text: str, tag: str, expected: str) -> None:
    found = orjson.loads(written(rich(keywords={tag: [text]}), "schemaorg"))
    assert found["keywords"][0] == {"@value": text, "@language": expected}
