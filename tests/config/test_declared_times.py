"""Times and parts from the names of files: labels, bounds, periods, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from config.declarations.datasets import TimeDeclaration, parse_declaration
from config.errors import InvalidDeclaration
from config.times import key_label


def spans(said: dict[str, Any], name: str, count: int = 1) -> list[tuple[str, str | None, str | None]]:
    found = TimeDeclaration.model_validate(said).spans(name, count)
    return [(s.label, s.start and key_label(s.start)[:10], s.end and key_label(s.end)[:10]) for s in found]


@pytest.mark.parametrize(
    ("said", "name", "expected"),
    [
        ({"pattern": r"_(?P<year>\d{4})(?P<month>\d\d)"}, "sst_200602.tif", ("2006-02", "2006-02-01", "2006-03-01")),
        ({"pattern": r"(?P<year>\d{4})"}, "cover2020.tif", ("2020", "2020-01-01", "2021-01-01")),
        (
            {"pattern": r"\.A(?P<year>\d{4})(?P<doy>\d{3})\.", "period": "P8D"},
            "MOD10A2.A2022033.h09v05.hdf",
            ("2022-02-02", "2022-02-02", "2022-02-10"),
        ),
        (
            {"pattern": r"_(?P<year>\d{4})-(?P<end_year>\d{4})"},
            "heat_0-2000_2017-2021.tif",
            ("2017", "2017-01-01", "2022-01-01"),
        ),
        (
            {"pattern": r"(?P<day>\d\d)(?P<month>[a-z]{3})(?P<year>\d{4})"},
            "01jul2001.nc",
            ("2001-07-01", "2001-07-01", "2001-07-02"),
        ),
        (
            {"pattern": r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)", "calendar": "360_day"},
            "a20010230.nc",
            ("2001-02-30", "2001-02-30", "2001-03-01"),
        ),
    ],
    ids=["month", "year", "day-of-year", "range", "month-name", "30-February"],
)
def test_a_name_gives_label_and_bounds(said: dict[str, Any], name: str, expected: tuple[str, ...]) -> None:
    assert spans(said, name) == [expected]


MODIS = {"pattern": r"\.A(?P<year>\d{4})(?P<doy>\d{3})\.", "period": "P8D"}


@pytest.mark.parametrize(
    ("said", "name", "count", "ends"),
    [
        (MODIS, "M.A2022361.h09.hdf", 1, ["2023-01-01"]),
        (MODIS, "M.A2020361.h09.hdf", 1, ["2021-01-01"]),
        (MODIS, "M.A2022353.h09.hdf", 3, ["2022-12-27", "2023-01-01", "2023-01-09"]),
        (MODIS | {"within_year": False}, "M.A2022361.h09.hdf", 1, ["2023-01-04"]),
        ({"labels": ["2022-12-27"], "period": "P7D"}, "x", 1, ["2023-01-03"]),
        ({"labels": ["2022-12-27"], "period": "P8D", "within_year": True}, "x", 2, ["2023-01-01", "2023-01-09"]),
    ],
    ids=["common-year", "leap-year", "steps", "told-otherwise", "weeks-go-on", "told-so"],
)
def test_composites_counted_by_days_of_the_year_end_with_it(
    said: dict[str, Any], name: str, count: int, ends: list[str]
) -> None:
    assert [end for _, _, end in spans(said, name, count)] == ends


def test_further_steps_follow_at_the_period() -> None:
    found = spans({"labels": ["2003-11"], "period": "P1M"}, "x", 3)
    assert found == [
        ("2003-11", "2003-11-01", "2003-12-01"),
        ("2003-12", "2003-12-01", "2004-01-01"),
        ("2004-01", "2004-01-01", "2004-02-01"),
    ]


def test_an_instant_with_a_period_has_bounds() -> None:
    (found,) = TimeDeclaration(labels=["2006-05-16T06:00:00Z"], period="PT6H").spans("x", 1)
    assert [key_label(k or 0) for k in (found.start, found.end)] == ["2006-05-16T06:00:00Z", "2006-05-16T12:00:00Z"]


@pytest.mark.parametrize(
    ("said", "name", "count", "message"),
    [
        ({"pattern": r"(?P<year>\d{4})"}, "cover.tif", 1, "does not match time.pattern"),
        ({"pattern": r"(?P<year>\d{4})(?P<month>\d\d)"}, "200613.tif", 1, "month 13"),
        ({"labels": ["2003"]}, "x", 2, "1 times are declared, and it has 2 steps"),
        ({"labels": ["2003"], "period": "P1M"}, "x", 2, "cannot be told apart"),
        ({"pattern": r"(?P<year>\d{4})-(?P<end_year>\d{4})"}, "2021-2017.tif", 1, "before it starts"),
    ],
)
def test_a_name_that_does_not_fit_is_refused(said: dict[str, Any], name: str, count: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spans(said, name, count)


@pytest.mark.parametrize(
    ("parts", "name", "part"),
    [("stem", "Sheet 07.tif", "Sheet 07"), ({"pattern": "_(?P<part>[^_]+)_v1"}, "SinoLC_青海_v1.tif", "青海")],
)
def test_a_part_is_told_by_the_name(parts: object, name: str, part: str) -> None:
    said = parse_declaration({"parts": parts}, name="test").parts
    assert said is not None
    assert said.part_of(name) == part


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"parts": {"pattern": "x"}}, r"parts\.pattern: a group \(\?P<part>\.\.\.\) is needed"),
        ({"time": {"labels": ["2003-01", "soon"]}}, r"time\.labels\[1\]: 'soon'"),
        ({"time": {"pattern": "(?P<month>..)"}}, r"time\.pattern: a group \(\?P<year>"),
        ({"time": {"period": "P1M2D"}}, r"time\.period: String should match"),
        ({"time": {"calendar": "lunar"}}, r"time\.calendar: Input should be 'standard'"),
        ({"time": {"labels": ["2003"], "bounds": [["2004", "2003"]]}}, "the end must be after the start"),
        ({"variables": [{"untis": "K"}]}, r"variables\[0\]\.untis: there is no such field; did you mean unit\?"),
        ({"variables": [{"source": "a"}, {"source": "a"}]}, "two variables have the source a"),
        ({"variables": [{"styles": [{"scale": "log", "range": [0, 1]}]}]}, "scale log needs a range"),
        ({"variables": [{"valid_range": [5, 1]}]}, "must not be above the second"),
        ({"record": {}}, r"record\.title: is missing"),
        (["a"], "document: must be a mapping of fields"),
    ],
)
def test_a_mistake_is_told_by_field_and_remedy(document: object, message: str) -> None:
    with pytest.raises(InvalidDeclaration, match=message):
        parse_declaration(document, name="test")
