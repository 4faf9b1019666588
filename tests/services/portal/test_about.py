"""What a record says of its dataset beside title, place and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.portal.pages.about import HEAD_CHARACTERS, about, abstract
from services.portal.texts.roles import role_words

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


def test_sizes_and_resolutions_are_written_for_people() -> None:
    members = {
        "version": "2.1", "size": 2684053, "fileCount": 1200, "issued": "2026-04-03T15:44:27+08:00",
        "spatialResolution": {"unit": "m", "value": 1000.0}, "formats": [{"name": "GeoTIFF", "mediaType": "image/x"}],
    }  # fmt: skip
    assert dict(about({"properties": members}).facts) == {
        "version": "2.1",
        "issued": "2026-04-03",
        "size": "2.68 MB",
        "file_count": "1,200",
        "formats": "GeoTIFF",
        "spatial_resolution": "1000 m",
    }


def test_papers_and_projects_are_listed_once_and_strange_members_left_out() -> None:
    said = about(
        {
            "properties": {
                "relatedPublication": "Li 2020", "references": ["Li 2020", {"title": "W", "href": "https://doi.org/1"}],
                "projects": ["A", {"title": "B"}, 3], "quality": {"not": "a text"}, "size": "large",
            },
            "links": [{"rel": "cites", "href": "https://example.org/p", "title": "P"}, "no link"],
        }
    )  # fmt: skip
    assert said.papers == (("Li 2020", ""), ("W", "https://doi.org/1"), ("P", "https://example.org/p"))
    assert said.projects == ("A", "B")
    assert (said.texts, said.facts) == ((), ())


@pytest.mark.parametrize("sentence", ["A sentence of words that goes on. ", "这是一个句子，没有空格，还要继续写下去。"])
def test_a_long_abstract_is_cut_behind_a_sentence_and_nothing_is_lost(sentence: str) -> None:
    text = sentence * 40
    head, rest = abstract(text)
    assert HEAD_CHARACTERS / 2 < len(head) <= HEAD_CHARACTERS
    assert head.endswith(sentence.rstrip()[-1])
    assert (head + rest).replace(" ", "") == text.replace(" ", "")
    assert abstract("short") == ("short", "")
    assert abstract("x" * 2000) == ("x" * HEAD_CHARACTERS, "x" * (2000 - HEAD_CHARACTERS))


def test_roles_have_words_in_both_languages() -> None:
    assert role_words("metadataAuthor, pointOfContact, bard", "zh") == "元数据作者, 联系人, bard"
    assert role_words("metadataAuthor", "en") == "author of the metadata"


@pytest.mark.parametrize(("language", "words"), [("en", "Open in QGIS"), ("zh", "在 QGIS 中打开")])
def test_the_page_of_a_dataset_is_also_its_record(sst_client: TestClient, language: str, words: str) -> None:
    text = sst_client.get("/collections/sst", params={"f": "html", "lang": language}).text
    assert words in text
    assert "/collections/sst/notebook" in text
    assert "f=iso19139" in text
    assert "GB/T 7714" in text
    assert "@misc" in text
