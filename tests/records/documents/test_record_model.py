"""Requirements on a record of OGC API Records 1.0 (20-004r1, 7.2 and Annex A), each a test that is named after it.

Each test also refuses a document that breaks its requirement, so that it is seen to be able to fail.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from records.documents.presentation import PROFILE, served
from tests.support.exports import BASE, CHANGED, rich
from tests.support.harvest import METADATA, NCDC, all_of
from tests.support.record_schema import RECORD
from tests.support.records import document

if TYPE_CHECKING:
    from collections.abc import Callable

VALIDATOR = Draft202012Validator(RECORD)


def shown(stored: dict[str, Any], language: str = "en") -> dict[str, Any]:
    return served(stored, language, base_url=BASE, created=CHANGED, updated=CHANGED, exports=True)


def faults(record: dict[str, Any]) -> list[str]:
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in VALIDATOR.iter_errors(record)]


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Put a value at a path of names and indices; None removes what stands there."""

    def change(record: dict[str, Any]) -> None:
        *parents, last = [int(step) if step.isdigit() else step for step in path.split("/")]
        holder: Any = record
        for step in parents:
            holder = holder[step]
        if value is None:
            del holder[last]
        else:
            holder[last] = value

    return change


MUTATIONS = {
    "mandatory-properties-record: id": _set("id", ""),
    "mandatory-properties-record: type": _set("type", "Thing"),
    "mandatory-properties-record: geometry": _set("geometry", None),
    "mandatory-properties-record: properties.type": _set("properties/type", None),
    "mandatory-properties-record: properties.title": _set("properties/title", {"en": "x"}),
    "time-instant: date": _set("time", {"date": "2001"}),
    "time-instant: timestamp": _set("time", {"timestamp": "2001-01-01"}),
    "time-interval: two ends": _set("time/interval", ["2001-01-01"]),
    "time-interval: open end": _set("time/interval/1", "open"),
    "time-zone": _set("time/interval/0", "2001-01-01T00:00:00+08:00"),
    "contact: link type": _set("properties/contacts/2/links", [{"href": "https://example.org"}]),
    "contact: logo": _set("properties/contacts/0/logo", {"href": "https://x", "rel": "about", "type": "image/png"}),
    "contact: phone": _set("properties/contacts/2/phones", [{"value": "110"}]),
    "contact: name": _set("properties/contacts/0", {"roles": ["author"]}),
    "theme: scheme": _set("properties/themes/0/scheme", None),
    "theme: concepts": _set("properties/themes/0/concepts", []),
    "language: code": _set("properties/language/code", None),
    "externalIds: value": _set("properties/externalIds/0/value", None),
    "created": _set("properties/created", "yesterday"),
    "links: href": _set("links/0/href", None),
    "links: profile": _set("links/4/profile", "one"),
    "templated-link: uriTemplate": _set("linkTemplates/0/uriTemplate", None),
}


def _with_template() -> dict[str, Any]:
    template = {"rel": "item", "uriTemplate": "https://example.org/{z}/{x}/{y}", "variables": {"z": {}}}
    return rich() | {"linkTemplates": [template]}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_record_is_valid_by_the_schema(language: str) -> None:
    assert faults(shown(_with_template(), language)) == []
    assert faults(shown(document("bare", "Bare"))) == []


@pytest.mark.parametrize("change", MUTATIONS.values(), ids=MUTATIONS)
def test_the_schema_refuses_a_mutated_record(change: Callable[[dict[str, Any]], None]) -> None:
    record = copy.deepcopy(shown(_with_template()))
    change(record)
    assert faults(record)


@pytest.mark.skipif(not METADATA.is_dir(), reason="needs the shared data")
def test_real_records_are_valid_by_the_schema() -> None:
    paths = sorted(path for path in METADATA.rglob("*") if path.suffix in (".json", ".jsonld", ".xml", ".tinydb"))
    found = [record.document for path in (*paths, *sorted(NCDC.rglob("*.json"))) for record in all_of(path)]
    assert len(found) > 50
    assert {stored["id"]: faults(shown(stored, "zh")) for stored in found if faults(shown(stored, "zh"))} == {}


def _one_collection(record: dict[str, Any]) -> bool:
    return [link["href"] for link in record["links"] if link["rel"] == "collection"] == [BASE + "/collections/records"]


def test_record_core_links() -> None:
    record = shown(rich() | {"links": [{"rel": "collection", "href": "https://example.org/other"}]})
    assert _one_collection(record)
    record["links"].append({"rel": "collection", "href": "https://example.org/other"})
    assert not _one_collection(record)


def _has_profile(record: dict[str, Any]) -> bool:
    return [link["href"] for link in record["links"] if link["rel"] == "profile"] == [PROFILE]


def test_record_core_default_mediatype_profile() -> None:
    record = shown(rich())
    assert _has_profile(record)
    record["links"] = [link for link in record["links"] if link["rel"] != "profile"]
    assert not _has_profile(record)


def _licensed(record: dict[str, Any]) -> bool:
    """Whether the licence is an SPDX identifier, or `other` with a link."""
    name = record["properties"].get("license")
    linked = any(link["rel"] == "license" for link in record["links"])
    return linked if name == "other" else re.fullmatch(r"[A-Za-z0-9.+-]+", name) is not None


def test_record_core_license() -> None:
    other = rich(license="other")
    other["links"] = [{"rel": "license", "href": "https://example.org/terms"}]
    assert _licensed(shown(rich()))
    assert _licensed(shown(other))
    assert not _licensed(shown(other | {"links": []}))


def _ends(record: dict[str, Any]) -> set[int]:
    return {len(end) > 10 for end in record["time"]["interval"] if end != ".."}


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (["2001-01-01", "2002-01-01"], ["2001-01-01", "2002-01-01"]),
        (["2001-01-01T08:00:00+08:00", ".."], ["2001-01-01T00:00:00Z", ".."]),
        (["2001-01-01", "2002-01-01T00:00:00.5Z"], ["2001-01-01T00:00:00Z", "2002-01-01T00:00:00.500000Z"]),
        (["2001-01-01T00:00:00Z", "2002-01-01"], ["2001-01-01T00:00:00Z", "2002-01-01T23:59:59Z"]),
        ([None, "2002-01-01"], ["..", "2002-01-01"]),
    ],
)
def test_record_core_time_interval_and_time_zone(stored: list[Any], expected: list[str]) -> None:
    record = shown(rich() | {"time": {"interval": stored, "resolution": "P1D"}})
    assert record["time"] == {"interval": expected, "resolution": "P1D"}
    assert len(_ends(record)) == 1
    assert faults(record) == []


def test_record_core_time_instant() -> None:
    for time, expected in (
        ({"date": "2001-01-01"}, {"date": "2001-01-01"}),
        ({"timestamp": "2001-01-01T08:00:00+08:00"}, {"timestamp": "2001-01-01T00:00:00Z"}),
    ):
        assert shown(rich() | {"time": time})["time"] == expected


def test_record_core_contact() -> None:
    (_, _, centre) = shown(rich())["properties"]["contacts"]
    assert centre["phones"] == [{"value": "+869314967287"}]
    assert centre["contactInstructions"] == "Phone: ext. 12"
    assert centre["links"] == [{"type": "text/html", "href": "https://example.org", "rel": "about"}]


def test_record_core_templated_link() -> None:
    (template,) = shown(_with_template())["linkTemplates"]
    assert re.findall(r"{(\w+)}", template["uriTemplate"]) == ["z", "x", "y"]


def test_a_record_has_every_language_identifier_theme_and_alternate() -> None:
    record = shown(rich(), "zh")
    assert [language["code"] for language in record["properties"]["languages"]] == ["en", "zh"]
    assert {e["scheme"] for e in record["properties"]["externalIds"]} == {"doi", "cstr", "uuid"}
    assert record["properties"]["themes"][0]["scheme"] == "GB/T 13745-2009"
    alternates = [link for link in record["links"] if link["rel"] == "alternate"]
    assert all(link["type"] for link in alternates)
    assert len({(link["type"], *link.get("profile", [])) for link in alternates}) == len(alternates)
