from __future__ import annotations

import pytest

from services.portal.texts.labels import crs_name, sentence


@pytest.mark.parametrize(
    ("crs", "name"),
    [
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "OGC:CRS84"),
        ("http://www.opengis.net/def/crs/EPSG/0/3413", "EPSG:3413"),
        ("http://localhost:8080/collections/a/crs/b", "http://localhost:8080/collections/a/crs/b"),
    ],
)
def test_a_crs_is_named_by_authority_and_code(crs: str, name: str) -> None:
    assert crs_name(crs) == name


@pytest.mark.parametrize(
    ("text", "shown"),
    [("there is no such page", "There is no such page"), ("datetime=x: give a time", "datetime=x: give a time")],
)
def test_a_message_begins_as_a_sentence_unless_with_the_name_of_a_parameter(text: str, shown: str) -> None:
    assert sentence(text) == shown
