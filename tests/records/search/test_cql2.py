"""CQL2 filters on PostgreSQL: each finds the records that it means, and says what it cannot understand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from config.errors import InvalidParameter
from records.search import cql2, search
from records.search.parameters import RecordQuery
from tests.support.records import catalogue, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tests.support.database import Server

ALL = {"ice", "sea", "land", "fiji"}


@pytest.fixture(scope="module")
def engine(server: Server) -> Iterator[Engine]:
    """Four records: `land` has no time, no geometry and no licence, `fiji` lies across the antimeridian."""
    records = (
        document(
            "ice",
            "Sea ice of the Arctic",
            zh="北极海冰",
            box=(-180.0, 60.0, 180.0, 90.0),
            interval=("2000-01-01", "2009-12-31"),
            keywords={"en": ["ice", "sea"], "zh": ["海冰"]},
            license="CC-BY-4.0",
            externalIds=[{"scheme": "doi", "value": "10.1/ICE"}],
        ),
        document(
            "sea",
            "SST of São Tomé",
            box=(5.0, -1.0, 8.0, 2.0),
            interval=("2010-01-01", ".."),
            keywords={"en": ["sea"]},
            license="CC0-1.0",
        ),
        document("land", "100% land_cover", keywords={"en": []}, type="service"),
        document("fiji", "Coral of Fiji", box=(176.0, -20.0, -178.0, -15.0), interval=("2005-06-01", "2010-01-01")),
    )
    with catalogue(server, *records) as engine:
        yield engine


def found(engine: Engine, node: cql2.Node) -> set[str]:
    page = search.search(engine, RecordQuery(filter=node, limit=100))
    return {each.document["id"] for each in page.records}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", ALL),
        ("type = 'service'", {"land"}),
        ("'service' = type", {"land"}),
        ("type <> 'service'", ALL - {"land"}),
        ("id > 'ice' AND id <= 'sea'", {"land", "sea"}),
        ("'ice' < id", {"land", "sea"}),
        ("title = '北极海冰'", {"ice"}),
        ("title <> '北极海冰'", ALL - {"ice"}),
        ("title LIKE '%海%'", {"ice"}),
        ("title LIKE '%sea%'", set()),
        ("title < 'x' AND title > 'x'", set()),
        ("title > 'Sea' AND (title < 'Seb' AND title LIKE '%ice%')", {"ice"}),
        ("'Sea' < title AND CASEI(title) LIKE casei('%海%')", {"ice"}),
        ("title LIKE 'Sea%' AND title LIKE '%海%'", set()),
        ("title BETWEEN 'A' AND 'D' AND title = '北极海冰'", set()),
        ("keywords = 'ice' AND keywords = '海冰'", {"ice"}),
        ("NOT (title < 'x' AND title > 'x')", ALL),
        ("CASEI(title) LIKE CASEI('%SEA%')", {"ice"}),
        ("title LIKE '100\\% land\\_cover'", {"land"}),
        ("title LIKE '____ land_cover'", {"land"}),
        ("title NOT LIKE '%ral%'", ALL - {"fiji"}),
        ("ACCENTI(title) = ACCENTI('SST of Sao Tome')", {"sea"}),
        ("ACCENTI(CASEI(title)) = accenti(casei('sst OF sao tomé'))", {"sea"}),
        ("CASEI(id) IN (casei('ICE'), casei('Land'))", {"ice", "land"}),
        ("id IN ('ice', 'none')", {"ice"}),
        ("id NOT IN ('ice', 'none')", ALL - {"ice"}),
        ("license IS NULL", {"land", "fiji"}),
        ("license IS NOT NULL", {"ice", "sea"}),
        ("license = 'CC0-1.0'", {"sea"}),
        ("NOT license = 'CC0-1.0'", {"ice"}),
        ("license <> 'CC0-1.0'", {"ice"}),
        ("language = 'zh'", {"ice"}),
        ("externalIds = 'doi:10.1/ice'", {"ice"}),
        ("type = 'service' OR title LIKE 'Coral%' AND license IS NULL", {"land", "fiji"}),
        ("(type = 'service' OR title LIKE 'Coral%') AND time IS NOT NULL", {"fiji"}),
        ("title = 'x''; drop table records; --'", set()),
    ],
)
def test_a_comparison_selects_the_records_for_which_it_is_true(engine: Engine, text: str, expected: set[str]) -> None:
    assert found(engine, cql2.from_text(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("S_INTERSECTS(geometry, BBOX(0, 0, 10, 10))", {"sea"}),
        ("S_INTERSECTS(geometry, BBOX(0, 0, -5, 10, 10, 5))", {"sea"}),
        ("S_INTERSECTS(geometry, BBOX(170, -30, -170, 0))", {"fiji"}),
        ("S_INTERSECTS(BBOX(170, -30, 171, 0), geometry)", set()),
        ("S_INTERSECTS(geometry, POINT(-179 -16))", {"fiji"}),
        ("S_INTERSECTS(geometry, BBOX(6, 0, 6, 0))", {"sea"}),
        ("S_DISJOINT(geometry, BBOX(0, 0, 10, 10))", {"ice", "fiji"}),
        ("S_WITHIN(geometry, BBOX(170, -30, -170, 0))", {"fiji"}),
        ("S_WITHIN(geometry, BBOX(0, -5, 10, 5))", {"sea"}),
        ("S_CONTAINS(BBOX(0, -5, 10, 5), geometry)", {"sea"}),
        ("S_CONTAINS(geometry, BBOX(0, -5, 10, 5))", set()),
        ("S_EQUALS(geometry, POLYGON((5 -1, 8 -1, 8 2, 5 2, 5 -1)))", {"sea"}),
        ("S_TOUCHES(geometry, BBOX(8, -1, 9, 2))", {"sea"}),
        ("S_OVERLAPS(geometry, BBOX(7, 0, 9, 1))", {"sea"}),
        ("S_CROSSES(geometry, LINESTRING(0 0, 10 0))", {"sea"}),
        ("NOT S_INTERSECTS(geometry, BBOX(0, 0, 10, 10))", {"ice", "fiji"}),
    ],
)
def test_a_spatial_function_relates_geometries(engine: Engine, text: str, expected: set[str]) -> None:
    assert found(engine, cql2.from_text(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("T_INTERSECTS(time, DATE('2009-12-31'))", {"ice", "fiji"}),
        ("T_INTERSECTS(time, TIMESTAMP('2010-01-01T12:00:00Z'))", {"sea", "fiji"}),
        ("T_INTERSECTS(time, TIMESTAMP('2010-01-01T00:30:00+01:00'))", {"ice", "fiji"}),
        ("T_INTERSECTS(time, INTERVAL('..', '2000-01-01'))", {"ice"}),
        ("T_AFTER(time, DATE('2009-12-31'))", {"sea"}),
        ("T_AFTER(time, DATE('2010-01-01'))", set()),
        ("T_BEFORE(time, DATE('2010-01-01'))", {"ice"}),
        ("T_BEFORE(time, DATE('2010-01-02'))", {"ice", "fiji"}),
        ("T_DISJOINT(time, DATE('2009-12-31'))", {"sea"}),
        ("T_DURING(time, INTERVAL('1999-12-31', '2010-01-01'))", {"ice"}),
        ("T_DURING(time, INTERVAL('2000-01-01', '2009-12-31'))", set()),
        ("T_CONTAINS(time, INTERVAL('2005-07-01', '2005-08-01'))", {"ice", "fiji"}),
        ("T_EQUALS(time, INTERVAL('2000-01-01', '2009-12-31'))", {"ice"}),
        ("T_STARTS(time, INTERVAL('2000-01-01', '..'))", {"ice"}),
        ("T_STARTEDBY(time, INTERVAL('2010-01-01', '2011-01-01'))", {"sea"}),
        ("T_FINISHES(time, INTERVAL('1990-01-01', '2009-12-31'))", {"ice"}),
        ("T_FINISHEDBY(time, INTERVAL('2011-01-01', '..'))", {"sea"}),
        ("T_MEETS(time, INTERVAL('2010-01-01', '2010-02-01'))", {"fiji"}),
        ("T_METBY(time, INTERVAL('2009-01-01', '2010-01-01'))", {"sea"}),
        ("T_OVERLAPS(time, INTERVAL('2009-01-01', '2011-01-01'))", {"ice", "fiji"}),
        ("T_OVERLAPPEDBY(time, INTERVAL('2000-01-01', '2006-01-01'))", {"fiji"}),
        ("T_AFTER(updated, DATE('2020-01-01'))", ALL),
        ("updated > DATE('2020-01-01') AND created < TIMESTAMP('2999-01-01T00:00:00Z')", ALL),
        ("DATE('2020-01-01') > updated", set()),
        ("T_DURING(created, INTERVAL('2020-01-01', '..'))", ALL),
    ],
)
def test_a_temporal_function_relates_intervals(engine: Engine, text: str, expected: set[str]) -> None:
    assert found(engine, cql2.from_text(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A_CONTAINS(keywords, ('sea', 'ice'))", {"ice"}),
        ("A_CONTAINEDBY(keywords, ('sea', 'lake'))", {"sea"}),
        ("A_CONTAINEDBY(('sea'), keywords)", {"ice", "sea"}),
        ("A_EQUALS(keywords, ('sea'))", {"sea"}),
        ("A_OVERLAPS(keywords, ('海冰', 'lake'))", {"ice"}),
        ("A_CONTAINS(externalIds, ('DOI:10.1/ICE'))", {"ice"}),
        ("A_CONTAINS(language, ('en', 'zh'))", {"ice"}),
        ("keywords = 'sea'", {"ice", "sea"}),
        ("keywords LIKE 'se_'", {"ice", "sea"}),
    ],
)
def test_an_array_function_relates_sets_of_texts(engine: Engine, text: str, expected: set[str]) -> None:
    assert found(engine, cql2.from_text(text)) == expected


def test_json_and_text_mean_the_same(engine: Engine) -> None:
    node = {"op": "and", "args": [{"op": "like", "args": [{"property": "title"}, "%of%"]}, {"op": "t_after", "args": [
        {"property": "time"}, {"date": "2009-12-31"}]}]}  # fmt: skip
    text = "title LIKE '%of%' AND T_AFTER(time, DATE('2009-12-31'))"
    assert found(engine, cql2.from_json(orjson.dumps(node))) == found(engine, cql2.from_text(text)) == {"sea"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no CQL2 text"),
        ("title =", "no CQL2 text"),
        ("colour = 'red'", "no such property; there are id, type"),
        ("title = 1", "text in single quotes"),
        ("title = TIMESTAMP('2020-01-01T00:00:00Z')", "text in single quotes"),
        ("updated > '2020-13-01'", "no RFC 3339"),
        ("updated LIKE '2020%'", "compare a time by"),
        ("time = DATE('2020-01-01')", "T_INTERSECTS"),
        ("geometry = 'x'", "S_INTERSECTS"),
        ("title LIKE 'a\\'", "lone backslash"),
        ("id + 1 = 2", "name of a property"),
        ("AVG(id) = 'x'", "name of a property"),
        ("S_INTERSECTS(geometry, BBOX(0, 10, 10, 0))", "south must not be greater"),
        ("S_INTERSECTS(geometry, POINT(1e400 0))", "no CQL2 text"),
        ("id = 1e400", "finite"),
        ("S_INTERSECTS(geometry, POINT(200 0))", "longitude -180..180"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))", "not valid: Self-intersection"),
        ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(1 2)))", "BBOX or one of"),
        ("S_INTERSECTS(POINT(1 2), POINT(1 2))", "one side must be the property"),
        ("S_INTERSECTS(title, POINT(1 2))", "it is no geometry"),
        ("T_AFTER(DATE('2020-01-01'), DATE('2019-01-01'))", "one side must be a property that is a time"),
        ("T_AFTER(title, DATE('2019-01-01'))", "it is no time"),
        ("A_CONTAINS(id, ('a'))", "it is no list"),
        ("BUFFER(id)", "not known or not offered"),
        ("(" * 60 + "id = 'a'" + ")" * 60, "nested more than 50 deep"),
        ("NOT " * 900 + "id = 'a'", "NOT or a sign too often"),
        ("id = " + "-" * 3000 + "1", "NOT or a sign too often"),
        ("id = '" + "a" * 4000 + "'", "POST a longer filter"),
        ("id = 'a\x00'", "U+0000"),
    ],
)
def test_a_filter_that_cannot_be_understood_is_refused_with_its_reason(text: str, said: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        cql2.condition(cql2.from_text(text))
    assert said in refused.value.detail


@pytest.mark.parametrize(
    ("encoded", "said"),
    [
        (b"{", "no JSON"),
        (b"[]", "an operation is needed"),
        (b'{"op": 1}', "an operation is needed"),
        (b'{"op": "and", "args": [true]}', "2 or more arguments"),
        (b'{"op": "=", "args": [{"property": ["id"]}, "a"]}', "no such property"),
        (b'{"op": "=", "args": [{"property": "id"}, "a", "b"]}', "with 1 value"),
        (b'{"op": "in", "args": [{"property": "id"}, []]}', "list of texts"),
        (b'{"op": "casei", "args": [{"property": "id"}]}', "not known or not offered"),
        (b'{"op": "=", "args": [{"op": "casei", "args": [{"property": "id"}, 1]}, "a"]}', "one text"),
        (b'{"op": ">", "args": [{"property": "updated"}, {"timestamp": "2020-01-01T00:00:00"}]}', "needs its zone"),
        (
            b'{"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Polygon", "coordinates": 1}]}',
            "no geom",
        ),
        (b'{"op": "t_after", "args": [{"property": "time"}, {"interval": ["2020-01-01"]}]}', "two ends"),
        (b'{"op":"not","args":[' * 60 + b"true" + b"]}" * 60, "nested more than 50 deep"),
        (b"[" + b"1," * 30_000 + b"1]", "more than 20000 values"),
        (b'"' + b"a" * 300_000 + b'"', "at most 200000 bytes"),
    ],
)
def test_json_that_is_no_filter_is_refused_with_its_reason(encoded: bytes, said: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        cql2.condition(cql2.from_json(encoded))
    assert said in refused.value.detail


def test_number_of_operations_is_bounded(engine: Engine) -> None:
    part = {"op": "=", "args": [{"property": "title"}, "x"]}
    assert found(engine, {"op": "or", "args": [part] * 248 + [{"op": "=", "args": [{"property": "id"}, "ice"]}]}) == {
        "ice"
    }
    with pytest.raises(InvalidParameter, match="at most 250 are possible"):
        found(engine, {"op": "or", "args": [part] * 250})
    with pytest.raises(InvalidParameter, match="at most 250 are possible"):
        found(engine, {"op": "and", "args": [{"op": "not", "args": [part]}] * 125})


def test_words_count_as_operations(engine: Engine) -> None:
    with pytest.raises(InvalidParameter, match="at most 250 are possible"):
        found(engine, {"op": "or", "args": [cql2.Words("ice")] * 250})


def test_in_takes_a_long_list(engine: Engine) -> None:
    ids = [f"none-{number}" for number in range(4_000)]
    assert found(engine, {"op": "in", "args": [{"property": "id"}, [*ids, "ice"]]}) == {"ice"}
    assert found(engine, {"op": "not", "args": [{"op": "in", "args": [{"property": "id"}, [*ids, "ice"]]}]}) == ALL - {
        "ice"
    }
    folded = {"op": "casei", "args": ["SEA ICE OF THE ARCTIC"]}
    titles = {"op": "in", "args": [{"op": "casei", "args": [{"property": "title"}]}, ["coral of fiji", folded]]}
    assert found(engine, titles) == {"ice", "fiji"}
    with pytest.raises(InvalidParameter, match="IN takes at most 5000"):
        found(engine, {"op": "in", "args": [{"property": "id"}, ["x"] * 5_001]})
