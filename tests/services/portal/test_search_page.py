"""The search page of the catalogue: a form, what was found, and the pages before and after, all without scripts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from records.search.facets import NAMES
from services.portal.pages.facets import facets
from services.portal.pages.records.record_search import snippet
from tests.services.portal.test_dataset_page import Page
from tests.support.datasets import dated
from tests.support.series import credited, long_series, with_levels

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.repository import Repository

ITEMS = "/collections/records/items"


def found(client: TestClient, **query: str) -> Page:
    answer = client.get(ITEMS, params={"f": "html", **query})
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


def titles(page: Page) -> list[str]:
    return [
        (a["href"] or "").split("?")[0].rsplit("/", 1)[-1] for a in page.all("a") if f"{ITEMS}/" in (a["href"] or "")
    ]


@pytest.fixture
def catalogue(client: TestClient, repository: Repository, store: Path) -> TestClient:
    cited = credited(store)
    month = {"interval": ["2006-05-01T00:00:00Z", "2006-06-01T00:00:00Z"]}
    cited = replace(cited, record=cited.record | {"time": month})
    for made in (dated(store), with_levels(store), cited, long_series(store, 3)):
        repository.publish(made)
    return client


@pytest.mark.parametrize(("language", "words"), [("en", "With data"), ("zh", "有数据")])
def test_a_result_says_what_where_and_when_it_is(catalogue: TestClient, language: str, words: str) -> None:
    text = found(catalogue, ids="cited", lang=language).text
    assert words in text
    assert "180°W – 180°E, 90°S – 90°N" in text
    assert "2006-05-01 – 2006-05-31" in text  # the bounds of May


def test_facets_by_any_of_their_names_have_headings(catalogue: TestClient) -> None:
    for name in NAMES:
        answer = catalogue.get(ITEMS, params={"f": "html", "facets": f"{name}:3"})
        assert answer.status_code == 200, (name, answer.text)


def test_a_form_with_empty_fields_finds_everything(catalogue: TestClient) -> None:
    page = found(catalogue, q="", bbox="", datetime="", sortby="")
    assert sorted(titles(page)) == ["cited", "deep", "long", "sst"]


def test_the_form_keeps_what_was_asked_and_restricts_by_it(catalogue: TestClient) -> None:
    page = found(catalogue, datetime="2006-05", sortby="-updated", q="")
    assert sorted(titles(page)) == ["cited"]
    assert [page.all("input", name=end)[0]["value"] for end in ("from", "to")] == ["2006-05", "2006-05"]
    assert [o["value"] for o in page.all("option") if "selected" in o] == ["-updated"]


def test_pages_lead_to_each_other_with_all_that_was_asked(catalogue: TestClient) -> None:
    first = found(catalogue, sortby="id", limit="3", lang="zh")
    assert "第 1–3 项，共 4 项" in first.text
    (later,) = first.all("a", rel="next")
    second = Page(catalogue.get(later["href"] or "").text)
    assert "第 4–4 项，共 4 项" in second.text
    assert "facets=" not in (later["href"] or "")
    assert titles(second) == ["sst"]
    (earlier,) = second.all("a", rel="prev")
    assert titles(Page(catalogue.get(earlier["href"] or "").text)) == titles(first)


def test_a_facet_narrows_the_search_and_opens_it_again(catalogue: TestClient) -> None:
    page = found(catalogue, sortby="id")
    (choice,) = [a for a in page.all("a", rel="nofollow") if "year=2006" in (a["href"] or "")]
    narrowed = Page(catalogue.get(choice["href"] or "").text)
    assert titles(narrowed) == ["cited"]
    (chosen,) = narrowed.all("a", **{"aria-current": "true", "rel": "nofollow"})
    assert "year=" not in (chosen["href"] or "")
    assert narrowed.all("input", name="year")[0]["value"] == "2006"  # and the form keeps it


def test_the_years_of_what_is_found_are_a_facet(catalogue: TestClient) -> None:
    page = found(catalogue)
    (year,) = [a for a in page.all("a", rel="nofollow") if "year=2006" in (a["href"] or "")]
    assert titles(Page(catalogue.get(year["href"] or "").text)) == ["cited"]


def test_values_that_no_list_can_name_are_no_choice() -> None:
    buckets = [{"value": "a,b", "count": 2}, {"value": "c", "count": 1}]
    (facet,) = facets({"facets": {"keyword": {"property": "keywords", "buckets": buckets}}}, {"keywords": "d"})
    assert [(choice.label, choice.value, choice.chosen) for choice in facet.choices] == [("c", "d,c", False)]


def test_a_click_replaces_the_value_of_a_facet_that_takes_one_and_adds_to_a_list() -> None:
    buckets = [{"value": "2006", "count": 3}, {"value": "2010", "count": 2}, {"value": "2008", "count": 2}]
    kinds = [{"value": "dataset", "count": 3}, {"value": "series", "count": 1}]
    document = {
        "facets": {"year": {"property": "year", "buckets": buckets}, "type": {"property": "type", "buckets": kinds}},
        "numberMatched": 4,
    }
    years, types = facets(document, {"year": "2008", "type": "series"})
    assert [(one.label, one.value) for one in years.choices] == [("2010", "2010"), ("2008", ""), ("2006", "2006")]
    assert [(one.label, one.value) for one in types.choices] == [("dataset", "series,dataset"), ("series", "")]


def test_a_facet_is_shown_if_one_of_its_values_narrows_the_search_or_was_chosen() -> None:
    member = {"property": "type", "buckets": [{"value": "dataset", "count": 4}]}
    assert facets({"numberMatched": 4, "facets": {"type": member}}, {}) == ()
    assert facets({"numberMatched": 5, "facets": {"type": member}}, {})  # one record has none
    assert facets({"numberMatched": 4, "facets": {"type": member}}, {"type": "dataset"})
    assert facets({"numberMatchedEstimate": 4, "facets": {"type": member}}, {})


def test_the_page_shows_where_the_records_lie(catalogue: TestClient) -> None:
    text = found(catalogue, ids="cited").text
    assert '<rect class="box" x="-180.0" y="-90.0" width="360.0" height="180.0">' in text


def test_words_of_a_stranger_are_text(catalogue: TestClient) -> None:
    assert "<script>x" not in found(catalogue, q='"><script>x').text


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Sea ice", ["ICE"], (("Sea ", False), ("ice", True))),
        ("海冰与海表温度", ["海表"], (("海冰与", False), ("海表", True), ("温度", False))),
        ("plain", ["(", "[a-z]"], (("plain", False),)),
        ("plain", [], (("plain", False),)),
        ("a" * 100 + "ice", ["ice"], (("…" + "a" * 80, False), ("ice", True))),
        ("", ["ice"], ()),
    ],
)
def test_a_snippet_marks_the_words(text: str, words: list[str], expected: tuple[tuple[str, bool], ...]) -> None:
    assert snippet(text, words) == expected


def test_words_are_all_meant_and_if_no_record_has_all_those_with_any_are_shown(catalogue: TestClient) -> None:
    assert titles(found(catalogue, words="long series")) == ["long"]
    loose = found(catalogue, words="long glacier")
    assert titles(loose) == ["long"]
    assert "No record has all of these words" in loose.text
    assert "No record has all of these words" not in found(catalogue, words="glacier").text


def test_a_last_word_may_be_unfinished(catalogue: TestClient) -> None:
    begun = found(catalogue, words="dataset lon")
    assert titles(begun) == ["long"]
    assert "begins with the last one" in begun.text
    assert titles(found(catalogue, words="lon*")) == ["long"]
    assert titles(found(catalogue, words="lo")) == []


def test_a_word_that_nothing_has_is_corrected_where_that_finds_something(catalogue: TestClient) -> None:
    wrong = found(catalogue, words="lnog")
    assert titles(wrong) == []
    link = next(a for a in wrong.all("a") if "words=long" in (a["href"] or ""))
    assert "Did you mean" in wrong.text
    assert titles(Page(catalogue.get(link["href"] or "").text)) == ["long"]
    assert "Did you mean" not in found(catalogue, words="qqqqqqqq").text


def test_the_box_of_the_home_page_searches_the_catalogue(catalogue: TestClient) -> None:
    home = Page(catalogue.get("/?f=html").text)
    (form,) = home.all("form", role="search")
    assert form["action"] == ITEMS
    (field,) = home.all("input", type="search")
    assert titles(found(catalogue, **{field["name"] or "": "long"})) == ["long"]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({"from": "2010-01-01", "to": "2001-01-01", "words": "ice"}, ["2010-01-01", "2001-01-01", "ice"]),
        ({"datetime": "yesterday", "bbox": "1,2,3,4"}, ["yesterday", "1,2,3,4"]),
        ({"bbox": "north", "words": "ice"}, ["north", "ice"]),
    ],
)
def test_a_search_that_is_impossible_says_so_and_keeps_the_form(
    empty_client: TestClient, query: dict[str, str], kept: list[str]
) -> None:
    answer = empty_client.get(ITEMS, params={"f": "html", "lang": "zh", **query})
    assert answer.status_code == 400
    page = Page(answer.text)
    assert [box["name"] for box in page.all("input") if box.get("aria-invalid")]
    assert {box["value"] for box in page.all("input") if box.get("value")} >= set(kept)
    assert "无法按此条件搜索" in page.text


def test_two_dates_are_one_time_of_the_search(catalogue: TestClient) -> None:
    within = found(catalogue, **{"from": "2006-05-10", "to": "2006-05-20", "ids": "cited"})
    assert titles(within) == ["cited"]
    assert titles(found(catalogue, **{"from": "2006-07-01", "to": "", "ids": "cited"})) == []


def test_results_stand_before_what_narrows_them(catalogue: TestClient) -> None:
    text = catalogue.get(ITEMS, params={"f": "html"}).text
    assert text.index('class="list"') < text.index('id="narrow"')
    assert 'class="aside"' in text
