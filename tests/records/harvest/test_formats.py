"""All shared metadata harvests: titles, extents, times and languages equal what an independent reading finds."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import shape

from records.documents.documents import searchable
from records.harvest import read_record
from tests.support.harvest import METADATA, all_of

pytestmark = pytest.mark.skipif(not METADATA.is_dir(), reason="the shared data is not here")

CANADA = sorted((METADATA / "iso19139/open.canada.ca").glob("*.xml"))
WMO = sorted((METADATA / "ogc_records_wcmp2").glob("*.json"))
TINYDB = sorted(METADATA.rglob("*.tinydb"))
BOX = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")


def names(path: Path) -> str:
    return path.stem[-40:]


def first_text(xml: str, *tags: str) -> str:
    """The first text within nested elements, found by regular expressions alone."""
    for tag in tags:
        xml = re.search(rf"<(?:\w+:)?{tag}\b[^>]*>(.*?)</(?:\w+:)?{tag}>", xml, re.DOTALL)[1]  # type: ignore[index]
    return html.unescape(re.sub(r"<[^>]*>", "", xml)).strip()


def bounds(xml: str) -> tuple[float, ...]:
    return tuple(float(first_text(xml, side)) for side in BOX)


@pytest.mark.parametrize("path", [p for p in sorted(METADATA.rglob("*")) if p.is_file()], ids=names)
def test_every_record_of_every_file_can_be_stored_and_found(path: Path) -> None:
    found = all_of(path)
    assert found
    for record in found:
        assert searchable(record.document)["title"]


@pytest.mark.parametrize("path", CANADA, ids=names)
def test_iso_19139_in_two_languages(path: Path) -> None:
    xml = path.read_text()
    document = read_record(path).document
    title = re.search(r"<gmd:title .*?</gmd:title>", xml, re.DOTALL)[0]  # type: ignore[index]
    assert document["id"] == first_text(xml, "fileIdentifier") == path.stem
    assert document["properties"]["title"] == {
        "en": " ".join(first_text(title, "CharacterString").split()),
        "fr": " ".join(first_text(title, "LocalisedCharacterString").split()),
    }
    assert set(document["properties"]["description"]) == {"en", "fr"}
    assert document["properties"]["type"] == "dataset"
    assert shape(document["geometry"]).bounds == bounds(xml)
    assert document["time"] is None
    assert "TimePeriod" not in xml


def test_iso_19115_3_in_french() -> None:
    path = METADATA / "iso19115-3/metawal-sample.xml"
    xml, record = path.read_text(), read_record(path)
    found = record.document["properties"]
    assert found["title"] == {"fr": first_text(xml, "citation", "title", "CharacterString")}
    assert shape(record.document["geometry"]).bounds == bounds(xml) == (2.75, 49.45, 6.5, 50.85)
    assert {k["href"] for k in record.document["links"]} >= set(re.findall(r"<gmd:URL>(http[^<]*/BDR/MapServer)<", xml))
    assert found["contacts"][0]["emails"] == [{"value": "drf.dnf.dgarne@spw.wallonie.be"}]


@pytest.mark.parametrize("path", WMO, ids=names)
def test_wmo_core_metadata_profile(path: Path) -> None:
    source, document = json.loads(path.read_text()), read_record(path).document
    language = source["properties"].get("language", {}).get("code", "und")
    assert document["properties"]["title"] == {language: " ".join(source["properties"]["title"].split())}
    assert {e["value"] for e in document["properties"]["externalIds"]} >= {source["id"]}
    assert shape(document["geometry"]).bounds == shape(source["geometry"]).bounds
    expected = source["time"]["interval"] if source["time"] else None
    assert (document["time"] or {}).get("interval") == expected
    assert [k["href"] for k in document["links"]] == [k["href"] for k in source["links"]]


@pytest.mark.parametrize("path", TINYDB, ids=lambda path: path.parent.name)
def test_tinydb_of_records(path: Path) -> None:
    sources = {r["id"]: r for r in json.loads(path.read_text())["_default"].values()}
    found = {r.source_id: r.document for r in all_of(path)}
    assert found.keys() == sources.keys()
    for record_id, document in found.items():
        (title,) = document["properties"]["title"].values()
        assert title == " ".join(sources[record_id]["properties"]["title"].split())
        place = sources[record_id]["geometry"]
        assert (document["geometry"] is None) is (place is None)
        assert place is None or shape(document["geometry"]).equals(shape(place))
        assert document["time"] is None
        assert sources[record_id]["time"] == {"interval": [None, None]}


def test_dcat_json_ld() -> None:
    record = read_record(METADATA / "dcat/basic-example.jsonld")
    document, found = record.document, record.document["properties"]
    assert found["title"] == {"en": "Imaginary dataset"}
    assert found["keywords"] == {"en": ["accountability", "payments", "transparency"]}
    assert document["time"] == {"interval": ["2011-07-01", "2011-09-30"], "resolution": "P1D"}
    assert found["spatialResolution"] == {"value": 30.0, "unit": "m"}
    assert [k["href"] for k in document["links"]] == ["http://dcat.example.org/files/001.csv"]
    assert document["geometry"] is None
    assert "dcterms:spatial" in {n.field for n in record.notes}


def test_stac_collection_and_items() -> None:
    folder = METADATA / "stac"
    documents = {path.stem: read_record(path).document for path in folder.glob("*.json")}
    sources: dict[str, Any] = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    collection, source = documents["collection"], sources["collection"]
    assert shape(collection["geometry"]).bounds == tuple(source["extent"]["spatial"]["bbox"][0])
    assert collection["time"]["interval"] == source["extent"]["temporal"]["interval"][0]
    assert collection["properties"]["license"] == "CC-BY-4.0"
    for name in ("core-item", "extended-item"):
        item, given = documents[name], sources[name]
        assert list(item["properties"]["title"].values()) == [given["properties"]["title"]]
        assert shape(item["geometry"]).bounds == tuple(given["bbox"])
        moment = given["properties"].get("datetime")
        start = given["properties"].get("start_datetime", moment)
        assert item["time"]["interval"][0] == start
        hrefs = {k["href"] for k in item["links"]}
        assert hrefs >= {a["href"] for a in given["assets"].values() if a["href"].startswith("http")}


def test_datacite_in_three_languages() -> None:
    record = read_record(METADATA / "datacite/datacite-example-multilingual-v4.xml").document
    titles = {"en": "Advances in Chemistry", "es": "Avances en Química", "zh": "化学进展"}
    assert record["properties"]["title"] == titles
    assert set(record["properties"]["description"]) == {"en", "es", "zh"}
    assert record["properties"]["license"] == "CC-BY-4.0"
    assert {"scheme": "doi", "value": "10.82433/BYT7-2G42"} in record["properties"]["externalIds"]


def test_datacite_places_and_times() -> None:
    full = read_record(METADATA / "datacite/datacite-example-full-v4.xml").document
    assert full["time"]["interval"] == ["2024-01-01", "2024-12-31"]
    parts = sorted(part.bounds for part in shape(full["geometry"]).geoms)
    assert parts == [(-123.27, 49.195, -123.02, 49.315), (-71.032, 41.090, -68.211, 42.893)]
    point = read_record(METADATA / "datacite/datacite-example-GeoLocation-v4.xml").document
    assert point["geometry"] == {"type": "Point", "coordinates": [-52.0, 69.0]}
    assert point["time"] is None


def test_schema_org_times_of_the_calendar_and_others() -> None:
    path = METADATA / "schema_org/temporalCoverage.jsonld"
    found = all_of(path)
    described = [d["description"] for d in json.loads(path.read_text())["@graph"]]
    assert [r.document["properties"]["description"]["und"] for r in found] == [" ".join(d.split()) for d in described]
    assert found[0].document["time"] == {"interval": ["1980-03-27T19:36:00Z", "1981-01-03T00:00:00Z"]}
    for record in found[1:]:  # million years ago, before present, named eras
        assert record.document["time"] is None
        assert "temporalCoverage" in {n.field for n in record.notes}
    assert len({r.document["id"] for r in found}) == len(found)
