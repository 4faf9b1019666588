"""Texts that are made to break a format are only texts in each of them."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from lxml import etree

from records.documents.documents import MAX_DOCUMENT_BYTES
from records.exports.formats import schemaorg
from records.exports.registry import EXPORTS
from records.harvest.fetch.content import Content
from records.harvest.models import Harvested
from records.harvest.reading import records
from records.harvest.registry import recognised
from tests.support.exports import exported, iso_schema, read_back, rich, written

HOSTILE = (
    "a\x01\x0b\x1f\ufffe</script><script>alert(1)</script><!--]]>&amp;\u2028 } @misc{x, \r\nER  - \r\nTY  - \U0001f600"
)


def _hostile() -> dict[str, Any]:
    """A record, each text of which is hostile."""
    stored = rich(
        title={"en": "T" + HOSTILE, "zh": "雪" + HOSTILE},
        description={"en": HOSTILE},
        keywords={"en": [HOSTILE]},
        themes=[{"scheme": HOSTILE, "concepts": [{"id": HOSTILE, "title": {"en": HOSTILE}}]}],
        externalIds=[{"scheme": HOSTILE, "value": HOSTILE}, {"scheme": "doi", "value": "10.1/" + HOSTILE}],
        contacts=[{"name": HOSTILE, "organization": HOSTILE, "roles": ["author", HOSTILE]}],
        formats=[{"name": HOSTILE, "mediaType": HOSTILE}],
        license=HOSTILE,
        rights={"en": HOSTILE},
        issued=HOSTILE,
        version=HOSTILE,
        type=HOSTILE,
    )
    stored["links"] = [
        {"href": "https://example.org/" + HOSTILE, "rel": r, "title": HOSTILE} for r in ("enclosure", "x")
    ]
    return stored


@pytest.mark.parametrize("name", ["iso19139", "datacite", "dc"])
def test_xml_is_well_formed_and_keeps_what_it_can(name: str) -> None:
    root = etree.fromstring(written(_hostile(), name))
    assert "T" + re.sub("[\x01\x0b\x1f\ufffe]", "", HOSTILE) in [element.text for element in root.iter()]


def test_iso_19139_stays_valid_by_its_schema() -> None:
    assert iso_schema().validate(etree.fromstring(written(_hostile(), "iso19139"))), iso_schema().error_log


@pytest.mark.parametrize("name", ["dcat", "schemaorg", "csl"])
def test_json_holds_the_text_as_it_is(name: str) -> None:
    assert HOSTILE in list(_strings(orjson.loads(written(_hostile(), name))))


def _strings(value: Any) -> Any:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for member in value:
            yield from _strings(member)
    elif isinstance(value, str):
        yield value


def test_json_ld_in_a_page_neither_ends_nor_opens_a_script() -> None:
    text = schemaorg.script(exported(_hostile()))
    assert not re.search(r"[<>&\u2028\u2029]", text)
    page = f'<!doctype html><html><script type="application/ld+json">{text}</script></html>'.encode()
    content = Content(page, "page")
    (found,) = records(content, recognised(content))
    assert isinstance(found, Harvested)
    assert found.document["properties"]["title"]["en"].startswith("Ta")


def test_bibtex_has_one_entry_with_balanced_braces() -> None:
    found = written(_hostile(), "bibtex").decode()
    depth = 0
    for character in found:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert len(re.findall(r"^@", found, flags=re.MULTILINE)) == 1
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", found)


def test_ris_has_one_reference() -> None:
    lines = written(_hostile(), "ris").decode().split("\r\n")
    assert [line[:2] for line in lines if line[:2] in ("TY", "ER")] == ["TY", "ER"]
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines[:-1])


def test_gbt_7714_is_one_line() -> None:
    assert written(_hostile(), "gbt7714").decode().count("\n") == 1


@pytest.mark.parametrize("name", EXPORTS)
def test_a_description_of_the_largest_size_is_written_whole(name: str) -> None:
    long = "雪 & <深> " * (MAX_DOCUMENT_BYTES // 30)
    data = written(rich(description={"en": long}), name)
    if name in ("iso19139", "dcat", "schemaorg", "datacite"):
        assert len(read_back(data)["properties"]["description"]["en"]) > 200_000
    assert data.decode()
