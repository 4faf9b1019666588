"""The Range header (RFC 9110, 14), against what a list of bytes has in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.web.transfer.ranges import MAX_RANGES, Unsatisfiable, as_header, parse


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("bytes=0-3", [(0, 3)]),
        ("bytes=5-", [(5, 9)]),
        ("bytes=-4", [(6, 9)]),
        ("bytes=-40", [(0, 9)]),
        ("bytes=8-100", [(8, 9)]),
        ("Bytes = 0-0, 2-2", [(0, 0), (2, 2)]),
        ("bytes=2-5, 4-7, 0-1", [(0, 7)]),
        ("bytes=20-30, 1-2", [(1, 2)]),
    ],
)
def test_ranges_are_cut_to_the_file_ordered_and_merged(header: str, found: list[tuple[int, int]]) -> None:
    assert parse(header, 10) == found


@pytest.mark.parametrize(
    "header", ["", "items=0-1", "bytes=", "bytes=a-b", "bytes=5-2", "bytes=--1", "bytes=1", "bytes=\u0661-\u0662", "x"]
)
def test_what_is_no_range_is_ignored(header: str) -> None:
    assert parse(header, 10) is None


def test_too_many_ranges_are_ignored() -> None:
    assert parse("bytes=" + ",".join(["0-0"] * (MAX_RANGES + 1)), 10) is None


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0", "bytes=10-, 11-12"])
def test_ranges_that_all_lie_beyond_the_file_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        parse(header, 10)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=6), st.integers(1, 25))
def test_the_bytes_of_any_ranges_are_those_asked_for(pairs: list[tuple[int, int]], size: int) -> None:
    pairs = [(min(p), max(p)) for p in pairs]
    wanted = {byte for first, last in pairs for byte in range(first, last + 1) if byte < size}
    header = as_header(pairs)
    if not wanted:
        with pytest.raises(Unsatisfiable):
            parse(header, size)
        return
    found = parse(header, size)
    assert found is not None
    sent = [byte for first, last in found for byte in range(first, last + 1)]
    assert sent == sorted(wanted)
