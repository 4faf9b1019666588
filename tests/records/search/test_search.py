"""Searching records on PostgreSQL."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.boxes import parse_bbox
from config.errors import InvalidParameter, RecordNotFound
from records.search import search
from records.search.parameters import RecordQuery
from records.search.text import folded
from tests.support.records import add, catalogue, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tests.support.database import Server

NCDC = Path("../shared/data/ncdc")


def ids(engine: Engine, **query: object) -> list[str]:
    page = search.search(engine, RecordQuery(**query))
    assert page.matched >= len(page.records)
    return [found.document["id"] for found in page.records]


def found(engine: Engine, **query: object) -> set[str]:
    return set(ids(engine, **query))


SENTENCES = {
    "permafrost": ("青藏高原冻土分布图", "Permafrost map of the Tibetan Plateau, 30 m"),
    "potato": ("冷冻土豆的贮藏", "Storage of frozen potatoes"),
    "flux": ("海气CO₂通量数据集", "Air–sea CO2 flux"),
    "optical": ("哨兵二号影像", "Sentinel-2 surface reflectance at 10 m"),
    "broken": ("冻结的土壤：冻，土", "Frozen soils; climate, change"),
}


@pytest.fixture(scope="module")
def sentences(server: Server) -> Iterator[Engine]:
    """Records with the titles above, Chinese and English."""
    with catalogue(server, *(document(name, en, zh=zh) for name, (zh, en) in SENTENCES.items())) as engine:
        yield engine


@pytest.mark.parametrize("word", ["冻土豆", "高原", "青藏高原冻土分布图", "冻", "土豆", "通量", "二号影", "藏高", "图"])
def test_chinese_words_are_found_where_they_are_substrings(sentences: Engine, word: str) -> None:
    expected = {name for name, (zh, _) in SENTENCES.items() if folded(word) in folded(zh)}
    assert found(sentences, q=word) == expected
    assert expected


def test_characters_parted_by_punctuation_are_no_word(sentences: Engine) -> None:
    assert "broken" not in found(sentences, q="冻土")


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("冻土", {"permafrost"}),
        ("凍土", {"permafrost"}),
        ("CO2通量", {"flux"}),
        ("co₂ 通量", {"flux"}),
        ("青藏高原 冻土", {"permafrost"}),
        ("冻土 青藏高原", set()),
        ("MAPS", {"permafrost"}),
        ("freeze", set()),
        ("potato", {"potato"}),
        ("frozen potato", {"potato"}),
        ("potatoes frozen", set()),
        ("maps of the Tibetan plateau", {"permafrost"}),
        ("sentinel2", {"optical"}),
        ("Sentinel 2 surface", {"optical"}),
        ("10m", {"optical"}),
        ("30 m", {"permafrost"}),
        ("air-sea", {"flux"}),
        ("air sea", {"flux"}),
        ("permafrost, flux", {"permafrost", "flux"}),
        ("the, flux", {"flux"}),
        ("the", set()),
        ("pérmafrost", {"permafrost"}),
        ("' & | ! <-> :* \\ (", set()),
        ("flux'); drop table records; --", set()),
    ],
)
def test_a_query_finds_what_was_meant(sentences: Engine, q: str, expected: set[str]) -> None:
    assert found(sentences, q=q) == expected


def test_title_hits_come_first(engine: Engine) -> None:
    add(
        engine,
        document("a", "Rivers", description={"en": "glacier " * 20}),
        document("b", "Lakes", keywords={"en": ["glacier"]}),
        document("c", "Glaciers"),
    )
    assert ids(engine, q="glacier")[0] == "c"
    assert found(engine, q="glacier") == {"a", "b", "c"}


def test_a_phrase_does_not_run_from_one_text_into_the_next(engine: Engine) -> None:
    add(engine, document("a", "sea", keywords={"en": ["ice", "extent"]}, description={"en": "map"}))
    assert ids(engine, q="sea ice") == []
    assert ids(engine, q="ice extent") == []


def test_themes_and_identifiers_are_searched_as_text(engine: Engine) -> None:
    theme = {"scheme": "GB/T 13745", "concepts": [{"id": "170.45", "title": {"en": "Geography", "zh": "地理学"}}]}
    add(engine, document("a", themes=[theme], externalIds=[{"scheme": "doi", "value": "10.12072/ncdc.db1.2024"}]))
    assert ids(engine, q="地理") == ids(engine, q="170.45") == ids(engine, q="10.12072/ncdc.db1.2024") == ["a"]


BOXES = {
    "china": (73.0, 18.0, 135.0, 54.0),
    "fiji": (176.0, -20.0, -178.0, -15.0),
    "globe": (-180.0, -90.0, 180.0, 90.0),
    "peru": (-81.0, -18.0, -68.0, 0.0),
}


@pytest.fixture(scope="module")
def boxes(server: Server) -> Iterator[Engine]:
    """Records with the boxes above, and one without."""
    placed = (document(name, box=box) for name, box in BOXES.items())
    with catalogue(server, *placed, document("nowhere")) as engine:
        yield engine


@pytest.mark.parametrize(
    ("bbox", "expected"),
    [
        ("100,30,110,40", {"china", "globe"}),
        ("100,30,0,110,40,9000", {"china", "globe"}),
        ("177,-18,-179,-16", {"fiji", "globe"}),
        ("-179.5,-18,-178.5,-16", {"fiji", "globe"}),
        ("170,-18,178,-16", {"fiji", "globe"}),
        ("170,-30,-70,30", {"fiji", "peru", "globe"}),
        ("-70,-30,170,30", {"peru", "china", "globe"}),
        ("181,-18,182,-16", {"fiji", "globe"}),
        ("-180,-90,180,90", set(BOXES)),
        ("0,-90,360,90", set(BOXES)),
        ("100,30,100,30", {"china", "globe"}),
        ("-120,10,-110,20", {"globe"}),
    ],
)
def test_a_box_selects_what_it_meets_also_across_the_antimeridian(boxes: Engine, bbox: str, expected: set[str]) -> None:
    assert found(boxes, bbox=parse_bbox(bbox)) == expected


INTERVALS = {
    "nineties": ("1990-01-01", "1999-12-31"),
    "since2020": ("2020-01-01", ".."),
    "until1950": ("..", "1950-12-31"),
    "moment": ("2006-02-28T12:00:00Z", "2006-02-28T12:00:00Z"),
}


@pytest.fixture(scope="module")
def spans(server: Server) -> Iterator[Engine]:
    """Records with the times above, and one without."""
    timed = (document(name, interval=span) for name, span in INTERVALS.items())
    with catalogue(server, *timed, document("timeless")) as engine:
        yield engine


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("1995", {"nineties"}),
        ("1999-12-31T23:59:59Z", {"nineties"}),
        ("2000-01-01T00:00:00Z", set()),
        ("1985/1990-01-01", {"nineties"}),
        ("1985/1989", set()),
        ("../1990", {"nineties", "until1950"}),
        ("2021-01-01/..", {"since2020"}),
        ("2999", {"since2020"}),
        ("0800", {"until1950"}),
        ("2006-02", {"moment"}),
        ("2006-02-28", {"moment"}),
        ("2006-02-28T12:00:00Z", {"moment"}),
        ("2006-02-28T20:00:00+08:00", {"moment"}),
        ("2006-03", set()),
        ("2006-02-28T12:00:01Z/2006-12", set()),
        ("../..", set(INTERVALS)),
    ],
)
def test_a_datetime_selects_intervals_that_it_meets(spans: Engine, asked: str, expected: set[str]) -> None:
    assert found(spans, datetime=asked) == expected


@pytest.mark.parametrize("asked", ["yesterday", "2006-02-31", "2006-13", "2001/2002/2003", "2002/2001", ""])
def test_a_datetime_that_is_none_is_refused(spans: Engine, asked: str) -> None:
    with pytest.raises(InvalidParameter, match="datetime"):
        ids(spans, datetime=asked)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("ids", "a,c,zzz", {"a", "c"}),
        ("id", "b", {"b"}),
        ("type", "service", {"c"}),
        ("type", "service, dataset", {"a", "b", "c"}),
        ("externalIds", "doi:10.1/A", {"a"}),
        ("externalIds", "10.1/a", {"a"}),
        ("externalIds", "doi:", {"a", "b"}),
        ("externalIds", "cstr:,10.1/a", {"a", "c"}),
        ("externalIds", "10.1", set()),
        ("externalIds", "urn:x:1", {"b"}),
        ("keywords", "海温", {"a"}),
        ("keywords", "sst,wind", {"a", "b"}),
        ("title", "B", {"b"}),
        ("title", "风", {"b"}),
        ("license", "CC-BY-4.0", {"a"}),
        ("formats", "NetCDF", {"a"}),
        ("contacts", "NCDC", {"c"}),
        ("language", "zh", {"b"}),
        ("created", "2000/..", {"a", "b", "c"}),
        ("updated", "2000", set()),
    ],
)
def test_a_property_selects_equal_values(described: Engine, name: str, value: str, expected: set[str]) -> None:
    assert found(described, equal=((name, value),)) == expected


@pytest.fixture(scope="module")
def described(server: Server) -> Iterator[Engine]:
    """Three records with the properties that are selected by."""
    doi = {"scheme": "doi", "value": "10.1/A"}
    more = [{"scheme": "doi", "value": "10.1/B"}, {"value": "urn:x:1"}]
    with catalogue(
        server,
        document(
            "a",
            "A",
            externalIds=[doi],
            keywords={"en": ["sst"], "zh": ["海温"]},
            license="CC-BY-4.0",
            formats=[{"name": "NetCDF"}],
        ),
        document("b", "B", zh="风", externalIds=more, keywords={"en": ["wind"]}),
        document(
            "c",
            "C",
            type="service",
            externalIds=[{"scheme": "CSTR", "value": "1"}],
            contacts=[{"organization": "NCDC"}],
        ),
    ) as engine:
        yield engine


def test_conditions_are_joined_by_and(engine: Engine) -> None:
    add(engine, document("a", "Snow", box=(0, 0, 10, 10)), document("b", "Snow", box=(20, 20, 30, 30)))
    assert ids(engine, q="snow", bbox=(0.0, 0.0, 5.0, 5.0)) == ["a"]
    assert ids(engine, q="snow", bbox=(0.0, 0.0, 5.0, 5.0), equal=(("ids", "b"),)) == []


def test_pages_are_stable_disjoint_and_counted(engine: Engine) -> None:
    add(engine, *(document(f"r{i:02}", f"Title {i % 3}") for i in range(25)))
    for sortby in ((), (("title", True),), (("title", False), ("id", True))):
        pages = [search.search(engine, RecordQuery(limit=10, offset=o, sortby=sortby)) for o in (0, 10, 20, 30)]
        assert [page.matched for page in pages] == [25] * 4
        seen = [r.document["id"] for page in pages for r in page.records]
        assert sorted(seen) == [f"r{i:02}" for i in range(25)]
    assert ids(engine, sortby=(("id", True),), limit=2) == ["r24", "r23"]


def test_records_sort_by_the_beginning_of_their_data_or_by_its_end_and_those_without_a_time_are_last(
    engine: Engine,
) -> None:
    add(
        engine,
        document("long", "A", interval=("1990-01-01", "2023-12-31")),
        document("old", "B", interval=("1980-01-01", "1985-12-31")),
        document("none", "C"),
        document("open", "D", interval=("2000-01-01", "..")),
    )
    assert ids(engine, sortby=(("time", False),)) == ["old", "long", "open", "none"]
    assert ids(engine, sortby=(("time", True),)) == ["open", "long", "old", "none"]


def test_an_unknown_record_is_not_found(engine: Engine) -> None:
    for record_id in ("none", "\x00", "'; drop table records; --"):
        with pytest.raises(RecordNotFound):
            search.get(engine, record_id)


def test_the_extent_holds_every_record(engine: Engine) -> None:
    assert search.extent(engine) == (None, None, None)
    add(engine, document("a", box=(0, 1, 2, 3), interval=("2001-01-01", "2001-12-31")), document("b", box=(5, 5, 6, 6)))
    box, start, end = search.extent(engine)
    assert box == (0, 1, 6, 6)
    assert start is not None
    assert end is not None
    assert (start.year, end.year, end.month) == (2001, 2001, 12)


def test_the_longest_text_can_be_stored_and_its_start_found(engine: Engine) -> None:
    characters = [chr(0x4E00 + (i * 7919) % 20000) for i in range(320_000)]
    add(engine, document("long", "Long", description={"zh": "".join(characters)}))
    assert ids(engine, q="".join(characters[100:104])) == ["long"]
    assert ids(engine, q="long") == ["long"]


@pytest.mark.skipif(not NCDC.is_dir(), reason="the shared data is not here")
def test_words_of_real_chinese_records_are_found_where_they_stand(engine: Engine) -> None:
    texts = {}
    for path in sorted(NCDC.glob("*.json")):
        source = json.loads(path.read_text())
        abstract = re.sub(r"<[^>]*>|&[a-z]+;", " ", source["ds_abstract"])
        texts[source["id"]] = (source["title_cn"], abstract)
        add(engine, document(source["id"], source["title_en"], zh=source["title_cn"], description={"zh": abstract}))
    runs = [run for text in texts.values() for part in text for run in re.findall(r"[\u4e00-\u9fff]{2,}", part)]
    words = sorted({run[i : i + n] for run in runs for n in (1, 3, 5) for i in range(0, len(run) - n + 1, 7)})
    assert len(words) > 100
    for word in words[:: len(words) // 100]:
        expected = {name for name, parts in texts.items() if any(word in folded(part) for part in parts)}
        assert found(engine, q=word) == expected, word
