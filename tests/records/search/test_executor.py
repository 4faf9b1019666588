"""Every way of a search gives the records that a look at each one gives."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from records.search import search
from records.search.conditions import condition_of
from records.search.counting import Tuning
from records.search.facets import parse_facets
from records.search.parameters import RecordQuery
from records.search.remembering import memory_of
from tests.support.records import add, catalogue, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from records.search.costs import Way
    from tests.support.database import Server

WORDS = ("snow", "ice", "river", "lake", "冻土", "冰川")
MANY = 300
WAYS: tuple[Way, ...] = ("walk", "words", "place", "both")
"""All that a search may go; one that has no words, or no place, goes another."""
LARGE = Tuning(exact_below=10, enough=15, smallest=20, joinable=0)
"""Under which the records of the tests count as many, and samples of them as enough."""


def _made() -> list[dict[str, Any]]:
    rng = random.Random(7)
    made = []
    for number in range(MANY):
        chosen = rng.choices(WORDS, weights=(60, 20, 5, 1, 30, 4), k=2)
        west, south = rng.uniform(-180, 170), rng.uniform(-90, 80)
        box = (west, south, west + rng.uniform(1, 200), south + 10)
        box = (box[0], box[1], box[2] if box[2] <= 180 else box[2] - 360, box[3])
        year = rng.randint(1990, 2020)
        made.append(
            document(
                f"r{number:03}",
                f"About {chosen[0]}" if rng.random() < 0.5 else "Notes",
                zh=chosen[1] if rng.random() < 0.4 else None,
                box=box if rng.random() < 0.9 else None,
                interval=(f"{year}-01-01", f"{year + 5}-12-31") if rng.random() < 0.9 else None,
                description={"en": " ".join(rng.choices(WORDS[:4], k=3)), "zh": rng.choice(WORDS[4:])},
                keywords={"en": rng.sample(["a", "b", "c", "d"], 2)},
                license=rng.choice(["CC-BY-4.0", "CC0-1.0"]),
                formats=[{"name": rng.choice(["NetCDF", "CSV"])}],
            )
        )
    return made


DOCUMENTS = _made()


@pytest.fixture(scope="module")
def many(server: Server) -> Iterator[Engine]:
    """The records above."""
    with catalogue(server, *DOCUMENTS) as engine:
        yield engine


def _texts(stored: dict[str, Any], *, titles: bool = False) -> list[str]:
    properties = stored["properties"]
    return [*properties["title"].values(), *([] if titles else properties["description"].values())]


def _has(stored: dict[str, Any], word: str, *, titles: bool = False) -> bool:
    """Whether a word stands in a text, by the rule that none of these words is part of another."""
    return any(word in text.casefold().split() or word in text for text in _texts(stored, titles=titles))


QUERIES: list[tuple[dict[str, Any], Any]] = [
    ({}, lambda d: True),
    *(({"q": word}, lambda d, word=word: _has(d, word)) for word in WORDS),
    ({"q": "lake,river"}, lambda d: _has(d, "lake") or _has(d, "river")),
    ({"q": "snow", "equal": (("keywords", "a,b"),)}, lambda d: _has(d, "snow") and _keywords(d) & {"a", "b"}),
    ({"equal": (("license", "CC0-1.0"), ("formats", "CSV"))}, lambda d: _is(d, "CC0-1.0", "CSV")),
    ({"equal": (("year", "2000"),)}, lambda d: _during(d, 2000, 2000)),
    ({"equal": (("title", "Notes"),)}, lambda d: "Notes" in d["properties"]["title"].values()),
    ({"equal": (("ids", "r001,r002,none"),), "q": "snow"}, lambda d: d["id"] in ("r001", "r002") and _has(d, "snow")),
    ({"datetime": "1995/1996"}, lambda d: _during(d, 1995, 1996)),
    ({"q": "ice", "datetime": "2010/.."}, lambda d: _has(d, "ice") and _during(d, 2010, 9999)),
    ({"q": "snow ice snow"}, lambda d: _says(d, "snow ice snow")),
    ({"q": "about snow"}, lambda d: _says(d, "about snow")),
    ({"q": "about snow", "datetime": "2001/2010"}, lambda d: _says(d, "about snow") and _during(d, 2001, 2010)),
    *(
        ({"q": word, "bbox": (0.0, -90.0, 40.0, 90.0), "datetime": "1993/2001"}, lambda d, word=word: _near(d, word))
        for word in ("snow", "lake", "snow ice snow")
    ),
    ({"filter": {"op": "=", "args": [{"property": "license"}, "CC0-1.0"]}}, lambda d: _is(d, "CC0-1.0")),
    (
        {
            "filter": {
                "op": "and",
                "args": [
                    {"op": "a_overlaps", "args": [{"property": "keywords"}, ["a"]]},
                    {"op": "like", "args": [{"property": "title"}, "%snow%"]},
                ],
            },
            "q": "冻土",
        },
        lambda d: "a" in _keywords(d) and any("snow" in t for t in _texts(d, titles=True)) and _has(d, "冻土"),
    ),
    (
        {
            "filter": {
                "op": "or",
                "args": [
                    {"op": "in", "args": [{"property": "formats"}, ["CSV", "none"]]},
                    {"op": "=", "args": ["CC0-1.0", {"property": "license"}]},
                ],
            }
        },
        lambda d: _is(d, "CC0-1.0") or _is(d, "CSV"),
    ),
    (
        {"filter": {"op": "not", "args": [{"op": "=", "args": [{"property": "license"}, "CC0-1.0"]}]}},
        lambda d: not _is(d, "CC0-1.0"),
    ),
]


def _keywords(stored: dict[str, Any]) -> set[str]:
    return set(stored["properties"]["keywords"]["en"])


def _is(stored: dict[str, Any], *values: str) -> bool:
    properties = stored["properties"]
    return {properties["license"], properties["formats"][0]["name"]} >= set(values)


def _during(stored: dict[str, Any], first: int, last: int) -> bool:
    if not stored["time"]:
        return False
    start, end = (int(day[:4]) for day in stored["time"]["interval"])
    return start <= last and end >= first


def _says(stored: dict[str, Any], phrase: str) -> bool:
    return any(phrase in text.casefold() for text in _texts(stored))


def _near(stored: dict[str, Any], phrase: str) -> bool:
    """Whether a record says it, and meets longitudes 0 to 40 and the years 1993 to 2001."""
    if stored["geometry"] is None or not _says(stored, phrase) or not _during(stored, 1993, 2001):
        return False
    return shape(stored["geometry"]).intersects(shapely.box(0, -90, 40, 90))


@pytest.mark.parametrize("way", [None, *WAYS])
@pytest.mark.parametrize("tuning", [Tuning(), LARGE], ids=["small", "large"])
def test_every_way_finds_what_a_look_at_each_record_finds(many: Engine, tuning: Tuning, way: Way | None) -> None:
    for query, meets in QUERIES:
        expected = {stored["id"] for stored in DOCUMENTS if meets(stored)}
        page = search.search(many, RecordQuery(**query, limit=MANY), tuning=tuning, way=way)
        found = [record.document["id"] for record in page.records]
        assert len(found) == len(set(found)), query
        assert set(found) == expected, query
        if page.is_exact:
            assert page.matched == len(expected), query


@pytest.mark.parametrize("way", WAYS)
def test_title_hits_come_first_by_every_way(many: Engine, way: Way | None) -> None:
    for word in WORDS:
        page = search.search(many, RecordQuery(q=word, limit=MANY), tuning=LARGE, way=way)
        titled = [_has(record.document, word, titles=True) for record in page.records]
        assert titled == sorted(titled, reverse=True)


def test_boxes_are_met_the_same_by_every_way(many: Engine) -> None:
    for bbox in ((100.0, 20.0, 110.0, 30.0), (170.0, -30.0, -170.0, 30.0), (0.0, 0.0, 0.0, 0.0)):
        found = [
            {
                record.document["id"]
                for record in search.search(
                    many, RecordQuery(bbox=bbox, q=q, limit=MANY), tuning=tuning, way=way
                ).records
            }
            for q in (None, "snow,notes,ice,river,lake,冻土,冰川")
            for tuning in (Tuning(), LARGE)
            for way in WAYS
        ]
        assert found[0]
        assert all(other == found[0] for other in found), bbox


def test_estimates_are_marked_and_near_the_truth(many: Engine) -> None:
    page = search.search(many, RecordQuery(q="snow", facets=parse_facets("license,formats")), tuning=LARGE)
    expected = sum(_has(stored, "snow") for stored in DOCUMENTS)
    assert not page.is_exact
    assert 0.5 * expected < page.matched < 2 * expected
    assert all(count % 8 == 0 and count > 0 for facet in page.facets for _, count in facet.buckets)
    rare = search.search(many, RecordQuery(q="冰川 冻土"), tuning=LARGE)
    assert rare.is_exact


SORTS = (
    (),
    (("title", False),),
    (("title", True),),
    (("updated", True),),
    (("type", False), ("title", True)),
    (("time", False),),
    (("time", True),),
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sortby=st.sampled_from(SORTS),
    q=st.sampled_from([None, "snow", "ice", "river,lake"]),
    limit=st.integers(60, 150),
    way=st.sampled_from([None, *WAYS]),
    tuning=st.sampled_from([Tuning(), LARGE]),
)
def test_pages_joined_are_one_large_page_and_lead_back(
    many: Engine, *, sortby: tuple[tuple[str, bool], ...], q: str | None, limit: int, way: Way | None, tuning: Tuning
) -> None:
    query: dict[str, Any] = {"q": q, "sortby": sortby}
    whole = _ids(search.search(many, RecordQuery(**query, limit=MANY), tuning=tuning, way=way))
    pages, cursor, rank = [], None, 0
    while True:
        page = search.search(many, RecordQuery(**query, limit=limit, cursor=cursor), tuning=tuning, way=way)
        assert page.rank == rank
        pages.append(_ids(page))
        rank += len(page.records)
        if page.next is None:
            break
        cursor = page.next
    assert [id_ for part in pages for id_ in part] == whole
    for expected in pages[-2::-1]:
        assert page.previous is not None
        page = search.search(many, RecordQuery(**query, limit=limit, cursor=page.previous), tuning=tuning, way=way)
        assert _ids(page) == expected
    assert page.previous is None
    offset = min(limit, len(whole))
    shifted = search.search(many, RecordQuery(**query, limit=9, offset=offset), tuning=tuning, way=way)
    assert _ids(shifted) == whole[offset : offset + 9]


def test_pages_by_offset_one_after_the_other_are_one_large_page(many: Engine) -> None:
    whole = _ids(search.search(many, RecordQuery(q="snow", limit=MANY), tuning=LARGE))
    found: list[str] = []
    for turn in range(2):  # the second time, where each page begins is known
        pages = [search.search(many, RecordQuery(q="snow", limit=7, offset=o), tuning=LARGE) for o in range(0, 70, 7)]
        found = [id_ for page in pages for id_ in _ids(page)]
        assert found == whole[:70], turn
        assert [page.rank for page in pages] == list(range(0, 70, 7))
    page = search.search(many, RecordQuery(q="snow", limit=7, offset=70), tuning=LARGE)
    back = search.search(many, RecordQuery(q="snow", limit=7, cursor=page.previous), tuning=LARGE)
    assert _ids(back) == found[-7:]


def _ids(page: search.Page) -> list[str]:
    return [record.document["id"] for record in page.records]


def test_what_is_inserted_behind_a_page_moves_nothing(engine: Engine) -> None:
    add(engine, *(document(f"m{i:02}", f"Title {i:02}") for i in range(20)))
    query: dict[str, Any] = {"sortby": (("title", False),), "limit": 5}
    seen, cursor = [], None
    for turn in range(10):
        page = search.search(engine, RecordQuery(**query, cursor=cursor))
        seen += _ids(page)
        add(engine, document(f"a{turn}", f"Title 0{turn % 2} again"))
        if page.next is None:
            break
        cursor = page.next
    assert [id_ for id_ in seen if id_.startswith("m")] == [f"m{i:02}" for i in range(20)]
    assert len(seen) == len(set(seen))


def test_facets_count_what_a_look_at_each_record_counts(many: Engine) -> None:
    asked = parse_facets("keyword:3,licence,format:5:value_desc,year:100:value_asc,type")
    page = search.search(many, RecordQuery(q="snow", facets=asked))
    hits = [stored for stored in DOCUMENTS if _has(stored, "snow")]
    named = {facet.name: facet for facet in page.facets}
    counts = {word: sum(word in _keywords(d) for d in hits) for word in "abcd"}
    assert dict(named["keyword"].buckets).items() <= counts.items()
    assert [n for _, n in named["keyword"].buckets] == sorted(counts.values(), reverse=True)[:3]
    assert (named["keyword"].more, named["keyword"].property) == (True, "keywords")
    assert dict(named["licence"].buckets) == {v: sum(_is(d, v) for d in hits) for v in ("CC-BY-4.0", "CC0-1.0")}
    assert [value for value, _ in named["format"].buckets] == ["NetCDF", "CSV"]
    counts = {str(year): sum(_during(d, year, year) for d in hits) for year in range(1990, 2026)}
    assert list(named["year"].buckets) == [(year, count) for year, count in counts.items() if count]
    assert named["type"].buckets == (("dataset", len(hits)),)


def test_a_count_that_is_remembered_is_forgotten_with_the_next_write(engine: Engine) -> None:
    add(engine, document("a", "Snow"), document("b", "Snow"))
    assert search.search(engine, RecordQuery(q="snow")).matched == 2
    assert search.search(engine, RecordQuery(q="snow")).matched == 2
    assert memory_of(engine) is memory_of(engine)
    add(engine, document("c", "Snow"))
    assert search.search(engine, RecordQuery(q="snow")).matched == 3
    with engine.begin() as connection:
        connection.exec_driver_sql("delete from records where id = 'a'")
    assert search.search(engine, RecordQuery(q="snow")).matched == 2


def test_a_hidden_dataset_makes_no_search_compound() -> None:
    words = RecordQuery(q="ice")
    assert not condition_of(words, ["secret"]).is_compound
    assert not condition_of(RecordQuery(), ["secret"]).is_everything
    assert condition_of(RecordQuery(q="ice", datetime="2001"), ["secret"]).is_compound
