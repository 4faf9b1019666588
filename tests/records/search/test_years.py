"""A record is found under each year that its data cover, by parameter, filter and facet alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from records.documents.documents import time_bounds
from records.documents.years import years_of
from records.search import search
from records.search.facets import parse_facets
from records.search.parameters import RecordQuery
from tests.support.records import add, catalogue, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tests.support.database import Server

NOW = datetime.now(UTC).year
INTERVALS: dict[str, tuple[tuple[str, str] | None, range]] = {
    "range": (("1990-05-01", "2023-03-31"), range(1990, 2024)),
    "bounds": (("2006-01-01T00:00:00Z", "2007-01-01T00:00:00Z"), range(2006, 2007)),
    "new-year": (("2007-01-01T00:00:00Z", "2007-01-01T00:00:00Z"), range(2007, 2008)),
    "day": (("2006-12-31", "2007-01-01"), range(2006, 2008)),
    "ongoing": (("2015-01-01", ".."), range(2015, NOW + 1)),
    "planned": ((f"{NOW + 5}-01-01", ".."), range(NOW + 5, NOW + 6)),
    "until": (("..", "2001-06-30"), range(2001, 2002)),
    "always": (("..", ".."), range(0)),
    "projection": (("2015-01-01", "2099-12-31"), range(2015, 2100)),
    "never": (None, range(0)),
}
YEARS = (1989, 1990, 2000, 2001, 2006, 2007, 2014, 2015, 2023, 2024, NOW, NOW + 1, NOW + 5, 2099, 2100, 9999)


@pytest.fixture(scope="module")
def dated(server: Server) -> Iterator[Engine]:
    documents = [document(name, interval=interval) for name, (interval, _) in INTERVALS.items()]
    with catalogue(server, *documents) as engine:
        yield engine


def _ids(engine: Engine, **query: Any) -> set[str]:
    return {found.document["id"] for found in search.search(engine, RecordQuery(limit=100, **query)).records}


@pytest.mark.parametrize("name", INTERVALS)
def test_the_years_of_a_record_are_those_that_its_data_cover(name: str) -> None:
    interval, years = INTERVALS[name]
    bounds = time_bounds({"interval": list(interval)} if interval else None) or (None, None)
    assert years_of(*bounds) == years


@pytest.mark.parametrize("year", YEARS)
def test_parameter_and_filter_find_what_covers_a_year(dated: Engine, year: int) -> None:
    expected = {name for name, (_, years) in INTERVALS.items() if year in years}
    assert _ids(dated, equal=(("year", f"{year}"),)) == expected
    assert _ids(dated, filter={"op": "=", "args": [{"property": "year"}, f"{year}"]}) == expected


def test_the_database_makes_the_same_years(dated: Engine) -> None:
    with dated.connect() as connection:
        rows = connection.execute(text("select id, record_years(time_start, time_end) from records")).all()
    assert {name: [int(year) for year in years] for name, years in rows} == {
        name: list(years) for name, (_, years) in INTERVALS.items()
    }


def test_facets_count_each_year_of_a_record(dated: Engine) -> None:
    page = search.search(dated, RecordQuery(facets=parse_facets("year:100:value_asc")))
    counts = dict(page.facets[0].buckets)
    assert counts == {
        f"{year}": sum(year in years for _, years in INTERVALS.values())
        for year in sorted({year for _, years in INTERVALS.values() for year in years})[:100]
    }


def test_a_year_and_a_time_must_both_be_met(dated: Engine) -> None:
    assert _ids(dated, equal=(("year", "1995"),), datetime="2022") == {"range"}
    assert _ids(dated, equal=(("year", "2050"),), datetime="2016") == {"projection"}


def test_years_compare_as_keywords_do(dated: Engine) -> None:
    """One of them is enough; without any the property is null."""
    assert _ids(dated, filter={"op": ">", "args": [{"property": "year"}, "2090"]}) == {"projection"}
    assert _ids(dated, filter={"op": "isNull", "args": [{"property": "year"}]}) == {"always", "never"}


@pytest.mark.parametrize("year", ["abcd", "20060", "0000", "206", "2006,2007", "２００６"])
def test_what_is_no_year_finds_nothing(dated: Engine, year: str) -> None:
    assert _ids(dated, equal=(("year", year),)) == set()


def test_facets_count_the_last_three_centuries_of_a_record(engine: Engine) -> None:
    add(engine, document("ice-core", interval=("0001-02-01", "2000-12-31")))
    page = search.search(engine, RecordQuery(facets=parse_facets("year:1:value_asc")))
    assert page.facets[0].buckets == (("1701", 1),)
    assert _ids(engine, equal=(("year", "0800"),)) == {"ice-core"}
