"""Hostile and broken sources: each is refused with a reason, none crashes, hangs or reaches outside."""

from __future__ import annotations

import copy
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.errors import GraticuleError, SourceRefused
from records.documents.documents import searchable
from records.harvest.draft import MAX_NOTES
from records.harvest.fetch.content import MAX_BYTES, Content
from records.harvest.models import Harvested
from records.harvest.reading import read_record, records
from records.harvest.registry import adapters, recognised
from tests.records.harvest.test_made_records import ISO_3, STAC
from tests.support.harvest import harvested, ncdc_entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ((BOMB + ISO_3).encode(), "declaration"),
        ((OUTSIDE + ISO_3.replace("Sea ice", "&a;")).encode(), "declaration"),
        ((BOMB + ISO_3).encode("utf-16"), "known|XML|declaration"),
        (b"<a>" * 5000, "XML"),
        (b"<a", "XML"),
        (b'{"a": ' * 5000, "JSON"),
        (b"[" * 300 + b"]" * 300, "nests"),
        (b'{"id": ', "JSON"),
        (b"\x89PNG\r\n", "known"),
        (b"", "known"),
        (b"{}", "known"),
        (b"<feed/>", "known"),
        (b'{"title_cn": "x"}', "known"),
        ('{"title_cn": "冻土"}'.encode("gbk"), "not in UTF-8"),
        ('{"title_cn": "x"}'.encode("utf-16"), "known|UTF-8"),
        ('<?xml version="1.0" encoding="UTF-8"?><a>冻土</a>'.encode("gbk"), "XML"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "XML"),
    ],
)
def test_what_is_broken_unsafe_or_unknown_is_refused(data: bytes, cause: str) -> None:
    with pytest.raises(SourceRefused, match=cause):
        recognised(Content(data, "x"))


@pytest.mark.parametrize(
    ("charset", "named"), [("utf-8", ""), ("gbk", "GBK"), ("gb18030", "gb18030"), ("big5", "big5")]
)
def test_a_web_page_is_read_in_the_charset_that_it_names(charset: str, named: str) -> None:
    text = json.dumps(SCHEMA | {"name": "冰川"}, ensure_ascii=False)
    head = f'<meta http-equiv="Content-Type" content="text/html; charset={named}">' if named else ""
    page = f'<html><head>{head}<script type="application/ld+json">{text}</script></head></html>'
    assert harvested_page(page.encode(charset)).document["properties"]["title"] == {"zh": "冰川"}


def harvested_page(data: bytes) -> Harvested:
    content = Content(data, "x.html")
    (found,) = records(content, recognised(content))
    assert isinstance(found, Harvested)
    return found


def test_a_web_page_in_another_charset_than_it_names_is_refused() -> None:
    page = (
        f'<html><script type="application/ld+json">{json.dumps(SCHEMA | {"name": "冰川"}, ensure_ascii=False)}</script>'
    )
    with pytest.raises(SourceRefused, match="known"):
        recognised(Content(page.encode("gbk"), "x.html"))


def test_a_content_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="more than"):
        Content(b" " * (MAX_BYTES + 1), "x")
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES * 4)  # sparse: nothing is written, and only the limit is read
    with pytest.raises(SourceRefused, match="more than"):
        read_record(path)


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceRefused, match="cannot be read"):
        read_record(tmp_path / name)


def test_a_file_of_several_records_is_no_one_record(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    path.write_text(json.dumps([ncdc_entry(), ncdc_entry(id="b")]))
    with pytest.raises(SourceRefused, match="several records"):
        read_record(path)


DCAT = {
    "@context": {"dcat": "http://www.w3.org/ns/dcat#", "t": {"@id": "http://purl.org/dc/terms/title"}},
    "@graph": [{"@id": "a", "@type": "dcat:Dataset", "t": "T", "dcat:distribution": {"dcat:downloadURL": "http://x/"}}],
}
SCHEMA = {
    "@context": "https://schema.org",
    "@type": "Dataset",
    "name": "T",
    "distribution": [{"contentUrl": "http://x/"}],
    "spatialCoverage": {"geo": {"@type": "GeoShape", "box": "1 2 3 4"}},
    "temporalCoverage": "2001/2002",
}
DATACITE = {
    "doi": "10.5072/a",
    "titles": [{"title": "T", "lang": "en"}],
    "creators": [{"name": "A", "nameIdentifiers": [{"nameIdentifier": "http://x"}]}],
    "dates": [{"date": "2001", "dateType": "Collected"}],
    "geoLocations": [{"geoLocationPoint": {"pointLongitude": 1, "pointLatitude": 2}}],
}
RECORD: dict[str, Any] = {
    "id": "a",
    "type": "Feature",
    "conformsTo": ["http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core"],
    "geometry": {"type": "Point", "coordinates": [1, 2]},
    "time": {"interval": ["2001", ".."]},
    "properties": {"type": "dataset", "title": "T", "themes": [{"scheme": "s", "concepts": [{"id": "c"}]}]},
    "links": [{"href": "http://x/", "rel": "data"}],
}
ITEM = STAC | {"properties": {"datetime": "2024-01-01T00:00:00Z"}, "bbox": [1, 2, 3, 4], "geometry": None}
MANY = 20_000
LINKS = [{"href": f"http://x/{i}", "rel": "data"} for i in range(MANY)]
PEOPLE = [{"name": f"P{i}", "roles": ["author"], "emails": [{"value": f"p{i}@example.org"}]} for i in range(MANY)]
PAGES = {
    "links": json.dumps(RECORD | {"links": LINKS}).encode(),
    "people": json.dumps(RECORD | {"properties": RECORD["properties"] | {"contacts": PEOPLE}}).encode(),
    "text": json.dumps(ncdc_entry(ds_abstract="<p><!" * 200_000)).encode(),
    "resolution": json.dumps(ncdc_entry(ds_space_res="1" * 1_000_000, ds_time_res="x" * 1_000_000)).encode(),
    "scripts": b"<html>schema.org Dataset" + b"<script application/ld+json" * 50_000,
    "unended": b"<html>schema.org" + b'<script type="application/ld+json">' * 100_000,
    "comments": b"<html>schema.org" + b"<!--" * 1_000_000,
    "elements": b"<dc>" + b"<a/>" * 200_000 + b"</dc>",
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", PAGES)
def test_a_large_content_made_to_cost_ends_soon(name: str) -> None:
    content = Content(PAGES[name], "x")
    try:
        found = list(records(content, recognised(content)))
    except GraticuleError:
        return
    assert len(found) == 1
    assert not isinstance(found[0], Harvested) or len(json.dumps(found[0].document)) < 1_000_000


def test_more_irregularities_than_are_told_are_counted() -> None:
    record = harvested(ncdc_entry(ds_contributors=["nobody"] * 1000))
    assert len(record.notes) <= MAX_NOTES + 1
    assert (record.notes[-1].field, record.notes[-1].action) == ("notes", "as many more are not told")
    assert int(record.notes[-1].value) + len(record.notes) - 1 >= 1000


SEEDS: list[dict[str, Any]] = [ncdc_entry(), DCAT, SCHEMA, DATACITE, RECORD, ITEM]
ODD: list[Any] = [
    None, True, -1, 1e300, 10**30, "", "x", "无", "\x00", "<p>x", "2001-02-30", "http://[", "]", "file:///etc/passwd",
    [], {}, [1], ["a", None, {}], {"a": 1}, {"name": ["x"]}, [[1, 2], [3]], {"@value": {"a": 1}}, {"@id": 5},
]  # fmt: skip


def places_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from places_in(member, (*path, key))


def with_change(value: Any, path: tuple[Any, ...], odd: Any) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = copy.deepcopy(odd)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_odd_value_anywhere_is_stored_noted_or_refused(data: st.DataObject) -> None:
    value = copy.deepcopy(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 3))):
        with_change(value, data.draw(st.sampled_from(list(places_in(value)))), data.draw(st.sampled_from(ODD)))
    content = Content(json.dumps(value).encode(), "https://example.org/x.json")
    try:
        adapter = recognised(content)
        found = list(records(content, adapter))
    except GraticuleError:
        return
    for record in found:
        if isinstance(record, Harvested):
            assert searchable(record.document)


@pytest.mark.parametrize("seed", SEEDS, ids=["ncdc", "dcat", "schemaorg", "datacite", "ogc-records", "stac"])
def test_each_seed_is_recognised_by_one_adapter_alone(seed: dict[str, Any], request: pytest.FixtureRequest) -> None:
    content = Content(json.dumps(seed).encode(), "x")
    assert [a.name for a in adapters() if a.recognises(content)] == [request.node.callspec.id]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ["pipe.json", "device.json", "folder.json"])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, name: str) -> None:
    if name == "pipe.json":
        os.mkfifo(tmp_path / name)
    elif name == "device.json":
        (tmp_path / name).symlink_to("/dev/zero")
    else:
        (tmp_path / name).mkdir()
    with pytest.raises(SourceRefused, match=r"no regular file|directory"):
        read_record(tmp_path / name)
