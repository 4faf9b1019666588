"""Order keys and their parts."""

from __future__ import annotations

import pytest

from config.errors import InvalidParameter
from config.times import key_label, key_parts, order_key, parse_time


@pytest.mark.parametrize(
    "parts",
    [(2006, 5, 16, 12, 30, 59, 250), (1860, 2, 30, 0, 0, 0, 0), (0, 1, 1, 0, 0, 0, 0), (-5000, 12, 31, 23, 0, 0, 1)],
)
def test_the_parts_of_a_key_are_those_it_was_made_of(parts: tuple[int, int, int, int, int, int, int]) -> None:
    assert key_parts(order_key(*parts)) == parts


def test_a_label_tells_the_parts() -> None:
    assert key_label(order_key(1860, 2, 30, 6)) == "1860-02-30T06:00:00Z"


@pytest.mark.parametrize("text", ["+999999", "-999999-01-01", "+250001-12-31T00:00:00Z"])
def test_a_year_whose_key_the_database_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter, match="year"):
        parse_time(text)
    assert abs(order_key(250_001)) < 2**63
