"""Texts, languages, times, sizes, identifiers and licences as sources write them, and as records hold them."""

from __future__ import annotations

import pytest

from records.harvest.values import licences, resolutions, times
from records.harvest.values.identifiers import external_id, is_slug, slug
from records.harvest.values.languages import language_tag
from records.harvest.values.markup import plain_text, unclosed_tags
from records.harvest.values.places import box_of, boxes_geometry, wkt_geometry


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>&emsp;&emsp;一<p>二", "一\n\n二"),
        ("a<br/>b", "a\n\nb"),
        ("CO<sub>2</sub>", "CO2"),
        ("RMSE < 5 and x<y", "RMSE < 5 and x<y"),
        ("5 &lt; 6 &amp; 7", "5 < 6 & 7"),
        ("<script>alert(1)</script><b>x</b>", "x"),
        ("<img src=x onerror=alert(1)>y", "y"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),  # text that shows a tag is text
        ("a\x00b\ud800", "ab"),
        ("a \t b\r\nc", "a b\nc"),
    ],
)
def test_html_becomes_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text


def test_unclosed_tags_are_named() -> None:
    assert unclosed_tags("<p>a<p>b</p><b>c<br>") == ["b", "p"]
    assert unclosed_tags("a < b") == []


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("eng", "en"),
        ("eng; CAN", "en"),
        ("chi", "zh"),
        ("en-US", "en-US"),
        ("zh_CN", "zh-CN"),
        ("http://id.loc.gov/vocabulary/iso639-1/en", "en"),
        ("http://publications.europa.eu/resource/authority/language/FRA", "fr"),
        ("English", "en"),
        ("中文", "zh"),
        ("#locale-fre", "fr"),
        ("", None),
        ("no language at all", None),
    ],
)
def test_languages_become_tags(text: str, tag: str | None) -> None:
    assert language_tag(text) == tag


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2001", "2001-01-01", "2001-12-31"),
        ("2000-02", "2000-02-01", "2000-02-29"),
        ("20010203", "2001-02-03", "2001-02-03"),
        ("2001-02-03Z", "2001-02-03", "2001-02-03"),
        ("2001-02-03 04:05", "2001-02-03T04:05:00Z", "2001-02-03T04:05:00Z"),
        ("2001-02-03T04:05:06.7+08:00", "2001-02-03T04:05:06.7+08:00", "2001-02-03T04:05:06.7+08:00"),
        ("2001-02-30", None, None),
        ("2001-13", None, None),
        ("0000", None, None),
        ("yesterday", None, None),
    ],
)
def test_reduced_times_have_a_first_and_a_last_day(text: str, first: str | None, last: str | None) -> None:
    assert (times.moment(text), times.moment(text, last=True)) == (first, last)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("日", "P1D"),
        ("逐日", "P1D"),
        ("2年", "P2Y"),
        ("三个月", "P3M"),
        ("旬", "P10D"),
        ("季", "P3M"),
        ("3小时", "PT3H"),
        ("30分钟", "PT30M"),
        ("monthly", "P1M"),
        ("8 days", "P8D"),
        ("PT15M", "PT15M"),
        ("0日", None),
        ("P", None),
        ("now and then", None),
    ],
)
def test_resolutions_in_time_become_durations(text: str, duration: str | None) -> None:
    assert times.duration(text) == duration


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1km", (1000.0, "m")),
        ("30 m", (30.0, "m")),
        ("0.5公里", (500.0, "m")),
        ("1000", (1000.0, None)),
        ("0.1°×0.1°", (0.1, "deg")),
        ("30″", (round(30 / 3600, 12), "deg")),
        ("3 parsecs", None),
        ("high", None),
    ],
)
def test_sizes_have_a_unit_or_none(text: str, size: tuple[float, str | None] | None) -> None:
    assert resolutions.distance(text) == size


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://doi.org/10.5072/AbC", {"scheme": "doi", "value": "10.5072/AbC"}),
        ("doi:10.5072/a", {"scheme": "doi", "value": "10.5072/a"}),
        ("CSTR:11738.11.NCDC.X.DB1.2024", {"scheme": "cstr", "value": "11738.11.NCDC.X.DB1.2024"}),
        ("https://cstr.cn/11738.11.X", {"scheme": "cstr", "value": "11738.11.X"}),
        ("urn:wmo:md:x:y", {"value": "urn:wmo:md:x:y"}),
    ],
)
def test_identifiers_have_their_scheme(text: str, found: dict[str, str]) -> None:
    assert external_id(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("urn:wmo:md:us-noaa-nws:goes_16", "urn-wmo-md-us-noaa-nws-goes-16"),
        ("10.5072/AbC", "10-5072-abc"),
        ("a-slug", "a-slug"),
        ("https://doi.org/10.5072/AbC", "10-5072-abc"),
        ("https://www.example.org/data/Rain/", "example-org-data-rain"),
        ("https://x.org/d/643D320B-315a-4984-868b-be6aae30da55", "643d320b-315a-4984-868b-be6aae30da55"),
        ("Café No. 1", "cafe-no-1"),
    ],
)
def test_an_identifier_becomes_a_slug(text: str, found: str) -> None:
    assert slug(text) == found
    assert is_slug(found)


@pytest.mark.parametrize("text", ["青藏高原", "records", "///", "x" * 500])
def test_what_leaves_no_slug_gets_one_of_its_own(text: str) -> None:
    assert is_slug(slug(text))
    assert slug(text) != slug(text + "y")


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0/igo/", "CC-BY-NC-SA-3.0"),
        ("CC BY 4.0", "CC-BY-4.0"),
        ("cc0-1.0", "CC0-1.0"),
        ("https://example.org/terms", None),
        ("free", None),
    ],
)
def test_licences_become_spdx_identifiers(text: str, identifier: str | None) -> None:
    assert licences.spdx(text) == identifier


@pytest.mark.parametrize(
    "sides", [(0, 10, 10, 0), (0, -91, 1, 0), ("a", 0, 1, 1), (None, 0, 1, 1), (0, 0, 1e9, 1), (float("nan"), 0, 1, 1)]
)
def test_what_is_no_box_on_the_earth_is_none(sides: tuple[object, ...]) -> None:
    assert box_of(*sides) is None


def test_boxes_are_points_lines_or_polygons() -> None:
    assert boxes_geometry([]) is None
    kinds = [boxes_geometry([box]) for box in ((1, 2, 1, 2), (1, 2, 3, 2), (1, 2, 3, 4), (170, 0, -170, 5))]
    assert [k["type"] for k in kinds if k] == ["Point", "LineString", "Polygon", "MultiPolygon"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("POINT(1 2)", "Point"),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POLYGON((0 0,1 0,1 1,0 0))", "Polygon"),
        ("ENVELOPE(170, -170, 10, -10)", "MultiPolygon"),
        ("POINT(1 200)", None),
        ("nonsense", None),
        ("GEOMETRYCOLLECTION(POINT(1 2))", "Point"),
        ("GEOMETRYCOLLECTION EMPTY", None),
    ],
)
def test_well_known_text_becomes_geojson(text: str, kind: str | None) -> None:
    found = wkt_geometry(text)
    assert (found["type"] if found else None) == kind
