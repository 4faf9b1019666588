"""A record that is exported and harvested again says what it said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from shapely.geometry import shape

from records.documents.documents import box_geometry, require_valid
from records.harvest.values.languages import language_of
from records.harvest.values.markup import plain_text
from tests.support.exports import METADATA_FORMATS, iso_schema, read_back, rich, written
from tests.support.harvest import METADATA, NCDC, all_of
from tests.support.records import document

FULL = ("iso19139", "dcat", "schemaorg", "datacite")
"""Formats that carry polygons."""


def _ids(properties: dict[str, Any]) -> set[str]:
    return {found["value"].casefold() for found in properties.get("externalIds", [])}


def _words(properties: dict[str, Any], *, by_script: bool) -> set[tuple[str, str]]:
    return {
        (language_of(word, tag) if by_script else tag, word)
        for tag, words in properties.get("keywords", {}).items()
        for word in words
    }


def assert_kept(before: dict[str, Any], after: dict[str, Any], name: str) -> None:
    old, new = before["properties"], after["properties"]
    assert new["title"] == old["title"]
    assert new.get("description") == old.get("description")
    assert (after["time"] or {}).get("interval") == (before["time"] or {}).get("interval")
    assert _ids(old) <= _ids(new)
    assert _words(old, by_script=name == "schemaorg") <= _words(new, by_script=False)
    if "license" in old:
        assert new["license"] == old["license"]


def assert_same_place(before: dict[str, Any], after: dict[str, Any]) -> None:
    if before["geometry"] is None:
        assert after["geometry"] is None
    else:
        assert shape(after["geometry"]).buffer(0).equals(shape(before["geometry"]).buffer(0))


@pytest.mark.parametrize("name", METADATA_FORMATS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_rich_record_comes_back(name: str, language: str) -> None:
    stored = rich()
    found = read_back(written(stored, name, language))
    assert_kept(stored, found, name)
    assert_same_place(stored, found)


def test_iso_keeps_codes_roles_links_and_lineage() -> None:
    stored = rich()
    found = read_back(written(stored, "iso19139"))
    properties = found["properties"]
    assert found["id"] == "snow"
    concepts = [c for t in properties["themes"] if t["scheme"] == "GB/T 13745-2009" for c in t["concepts"]]
    assert concepts == [{"id": "170.15", "title": {"zh": "大气科学"}}]
    assert properties["lineage"] == stored["properties"]["lineage"]
    assert {role for contact in properties["contacts"] for role in contact["roles"]} == {
        "author", "publisher", "pointOfContact",
    }  # fmt: skip
    links = {(link["rel"], link["href"]) for link in found["links"]}
    assert ("enclosure", "https://example.org/snow.nc") in links
    assert ("preview", "https://example.org/snow.png") in links
    assert any(link.get("protocol") == "OGC:WMS" and "&" in link["href"] for link in found["links"])


def test_a_polygon_comes_back_with_its_corners() -> None:
    star = {"type": "Polygon", "coordinates": [[[0, 0], [10, 1e-7], [4, 9], [-3.25, 2], [0, 0]]]}
    for name in FULL:
        assert shape(read_back(written(rich() | {"geometry": star}, name))["geometry"]).equals(shape(star)), name


def test_a_point_comes_back_as_a_point() -> None:
    point = {"type": "Point", "coordinates": [101.5, 36.25]}
    for name in METADATA_FORMATS:
        assert read_back(written(rich() | {"geometry": point}, name))["geometry"] == point, name


def test_a_licence_of_no_identifier_comes_back_as_other() -> None:
    stored = rich(license="other")
    stored["links"] = [*stored["links"], {"rel": "license", "href": "https://example.org/terms"}]
    for name in METADATA_FORMATS:
        found = read_back(written(stored, name))
        assert found["properties"]["license"] == "other", name
        assert "https://example.org/terms" in {k["href"] for k in found["links"] if k.get("rel") == "license"}, name


_WORDS = (
    st.text("abc 雪深ü&<>'\"]", min_size=1, max_size=20)
    .map(lambda text: " ".join(("x" + text).split()))
    .filter(lambda text: plain_text(text) == text)  # what looks like HTML is read as HTML
)
_DAYS = st.dates().map(lambda day: f"{day.year:04d}-{day.month:02d}-{day.day:02d}")
_DEGREES = st.floats(-89, 89).map(lambda x: round(x, 6))


@st.composite
def _documents(draw: st.DrawFn) -> dict[str, Any]:
    start, end = sorted((draw(_DAYS), draw(_DAYS)))
    west, east = draw(_DEGREES) * 2, draw(_DEGREES) * 2
    south, north = sorted((draw(_DEGREES), draw(_DEGREES)))
    made = document(
        "made",
        draw(_WORDS),
        zh=draw(_WORDS),
        interval=(start, draw(st.sampled_from([end, ".."]))),
        description={tag: draw(_WORDS) for tag in draw(st.sampled_from([["en"], ["zh"], ["en", "zh"]]))},
        keywords={"zh": [draw(_WORDS)]},
        externalIds=[{"scheme": "doi", "value": f"10.1234/{draw(st.text('ab1._;()-', min_size=1, max_size=9))}"}],
        license=draw(st.sampled_from(["CC-BY-4.0", "CC0-1.0", "MIT", "LGPL-3.0-or-later"])),
    )
    if north > south and abs(east - west) > 0.001:
        made["geometry"] = box_geometry(west, south, east, north)
    require_valid(made)
    return made


@given(_documents())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_made_records_come_back(stored: dict[str, Any]) -> None:
    for name in METADATA_FORMATS:
        found = read_back(written(stored, name))
        assert_kept(stored, found, name)
        assert_same_place(stored, found)


@pytest.mark.skipif(not METADATA.is_dir(), reason="needs the shared data")
@pytest.mark.parametrize("name", METADATA_FORMATS)
def test_real_records_come_back(name: str) -> None:
    paths = [
        *sorted(METADATA.rglob("*.json"))[::2],
        *sorted(METADATA.rglob("*.xml"))[::3],
        *sorted(NCDC.rglob("*.json")),
    ]
    found = [record.document for path in paths for record in all_of(path)]
    assert len(found) > 15
    for stored in found:
        data = written(stored, name, "zh")
        if name == "iso19139":
            assert iso_schema().validate(etree.fromstring(data)), iso_schema().error_log[0]
        after = read_back(data)
        assert_kept(stored, after, name)
        if name in FULL:
            assert_same_place(stored, after)
